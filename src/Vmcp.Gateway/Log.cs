using Microsoft.Extensions.Logging;

namespace Vmcp.Gateway;

/// <summary>The gateway's log lines. Information is for changes of state; nothing here carries headers, tokens or arguments.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Backend {Backend} joined: {ToolCount} tools, {ResourceCount} resources, {PromptCount} prompts, MCP {Revision}")]
    public static partial void BackendJoined(this ILogger logger, string backend, int toolCount, int resourceCount, int promptCount, string revision);

    [LoggerMessage(2002, LogLevel.Information, "Backend {Backend} was removed from the configuration")]
    public static partial void BackendRemoved(this ILogger logger, string backend);

    [LoggerMessage(2003, LogLevel.Information, "Backend {Backend} is {Status} (was {Before})")]
    public static partial void BackendHealthChanged(this ILogger logger, string backend, string status, string before);

    [LoggerMessage(2004, LogLevel.Warning, "Backend {Backend} {Reason}; {Failures} failed checks in a row")]
    public static partial void BackendCheckFailed(this ILogger logger, string backend, string reason, int failures);

    [LoggerMessage(2005, LogLevel.Information, "Circuit breaker of backend {Backend} is {State}")]
    public static partial void BreakerChanged(this ILogger logger, string backend, string state);

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

    [LoggerMessage(2020, LogLevel.Information, "Configuration reloaded: {BackendCount} backends")]
    public static partial void ConfigReloaded(this ILogger logger, int backendCount);

    [LoggerMessage(2021, LogLevel.Error, "The changed configuration is not used, the old one stays in force:{NewLine}{Problems}")]
    public static partial void ConfigRefused(this ILogger logger, string newLine, string problems);

    [LoggerMessage(2022, LogLevel.Error, "The changed backends are not used, the old ones stay in force: {Problem}")]
    public static partial void BackendsRefused(this ILogger logger, string problem);

    [LoggerMessage(2030, LogLevel.Debug, "{Method} {Name} to backend {Backend}: {Outcome}")]
    public static partial void CallEnded(this ILogger logger, string method, string name, string backend, string outcome);
}
