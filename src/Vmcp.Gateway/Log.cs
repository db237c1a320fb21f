using Microsoft.Extensions.Logging;

namespace Vmcp.Gateway;

/// <summary>The gateway's log lines. Information is for changes of state; nothing here carries headers, tokens or arguments.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Backend {Backend} joined: {Lists}; MCP {Revision}, auth {AuthType} (source: {AuthSource})")]
    public static partial void BackendJoined(this ILogger logger, string backend, string lists, string revision, string authType, string authSource);

    [LoggerMessage(2002, LogLevel.Information, "Backend {Backend} left: {Reason}")]
    public static partial void BackendLeft(this ILogger logger, string backend, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "Backend {Backend} is {Status} and not listed: it {Reason}; {Failures} failed checks in a row")]
    public static partial void BackendUnhealthy(this ILogger logger, string backend, string status, string reason, int failures);

    [LoggerMessage(2004, LogLevel.Warning, "Backend {Backend} {Reason}: {Consequence}")]
    public static partial void BackendCheckFailed(this ILogger logger, string backend, string reason, string consequence);

    [LoggerMessage(2005, LogLevel.Warning, "Circuit breaker of backend {Backend} is open: calls are refused at once, the next try is in {Seconds:0} s")]
    public static partial void BreakerOpened(this ILogger logger, string backend, double seconds);

    [LoggerMessage(2006, LogLevel.Information, "Catalog {Version}: {ToolCount} tools, {ResourceCount} resources, {PromptCount} prompts from {BackendCount} backends")]
    public static partial void CatalogPublished(this ILogger logger, long version, int toolCount, int resourceCount, int promptCount, int backendCount);

    [LoggerMessage(2007, LogLevel.Warning, "Name conflict, {Kind} \"{Name}\": {Reason}")]
    public static partial void NameConflict(this ILogger logger, string kind, string name, string reason);

    [LoggerMessage(2008, LogLevel.Debug, "Status: {Healthy} of {Backends} backends healthy, {Listed} listed; {Tools} tools, {Conflicts} conflicts, {Sessions} sessions")]
    public static partial void StatusReported(this ILogger logger, int healthy, int backends, int listed, int tools, int conflicts, int sessions);

    [LoggerMessage(2010, LogLevel.Error, "Background work \"{What}\" failed")]
    public static partial void BackgroundWorkFailed(this ILogger logger, string what, Exception exception);

    [LoggerMessage(2011, LogLevel.Error, "A request to {Path} failed unexpectedly")]
    public static partial void RequestFailed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(2012, LogLevel.Information, "Circuit breaker of backend {Backend} is closed again")]
    public static partial void BreakerClosed(this ILogger logger, string backend);

    [LoggerMessage(2013, LogLevel.Information, "Backend {Backend} changed: {What}")]
    public static partial void BackendChanged(this ILogger logger, string backend, string what);

    [LoggerMessage(2014, LogLevel.Information, "Backend {Backend} joined again: {Lists}; MCP {Revision}, auth {AuthType} (source: {AuthSource})")]
    public static partial void BackendRejoined(this ILogger logger, string backend, string lists, string revision, string authType, string authSource);

    [LoggerMessage(2015, LogLevel.Information, "Backend {Backend} changed its lists: {Lists} (before: {Before})")]
    public static partial void BackendListsChanged(this ILogger logger, string backend, string lists, string before);

    [LoggerMessage(2016, LogLevel.Information, "Backend {Backend} answers again after {Seconds:0} s; degraded until its next good check")]
    public static partial void BackendAnswersAgain(this ILogger logger, string backend, double seconds);

    [LoggerMessage(2017, LogLevel.Warning, "Backend {Backend} is degraded: it took {Seconds:0.0} s to answer")]
    public static partial void BackendSlow(this ILogger logger, string backend, double seconds);

    [LoggerMessage(2018, LogLevel.Information, "Backend {Backend} is healthy again")]
    public static partial void BackendHealthyAgain(this ILogger logger, string backend);

    [LoggerMessage(2027, LogLevel.Information, "Backend {Backend} is reachable and lists to each user what is theirs; auth {AuthType} (source: {AuthSource})")]
    public static partial void BackendWantsUsers(this ILogger logger, string backend, string authType, string authSource);

    [LoggerMessage(2023, LogLevel.Warning, "Backend {Backend} {Reason} when asked for its {Kind}; they stay empty")]
    public static partial void BackendKindFailed(this ILogger logger, string backend, string reason, string kind);

    [LoggerMessage(2024, LogLevel.Warning, "Backend {Backend} is not served: {Reason}: {Message}")]
    public static partial void BackendUnserved(this ILogger logger, string backend, string reason, string message);

    [LoggerMessage(2020, LogLevel.Information, "Configuration reloaded: {BackendCount} backends")]
    public static partial void ConfigReloaded(this ILogger logger, int backendCount);

    [LoggerMessage(2021, LogLevel.Error, "The changed configuration is not used, the old one stays in force:{NewLine}{Problems}")]
    public static partial void ConfigRefused(this ILogger logger, string newLine, string problems);

    [LoggerMessage(2022, LogLevel.Error, "The changed backends are not used, the old ones stay in force: {Problem}")]
    public static partial void BackendsRefused(this ILogger logger, string problem);

    [LoggerMessage(2030, LogLevel.Debug, "{Method} {Name} to backend {Backend}: {Outcome}")]
    public static partial void CallEnded(this ILogger logger, string method, string name, string backend, string outcome);
}
