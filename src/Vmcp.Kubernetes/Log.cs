using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes;

/// <summary>What this room logs; 40xx.</summary>
internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Warning, "The API server refused the token; showing the newer one of the token file")]
    public static partial void TokenRotated(this ILogger logger);

    [LoggerMessage(4010, LogLevel.Information, "{Kind}: {Count} objects known at version {Version}")]
    public static partial void Listed(this ILogger logger, string kind, int count, string version);

    [LoggerMessage(4011, LogLevel.Warning, "{Kind}: the watch broke: {Reason}; next attempt in {Delay}")]
    public static partial void WatchBroke(this ILogger logger, string kind, string reason, TimeSpan delay);

    [LoggerMessage(4012, LogLevel.Debug, "{Kind}: version {Version} is too old; listing anew")]
    public static partial void VersionExpired(this ILogger logger, string kind, string version);

    [LoggerMessage(4013, LogLevel.Warning, "{Kind} {Object} at version {Version} is not understood, {Consequence}: {Reason}")]
    public static partial void NotUnderstood(this ILogger logger, string kind, ObjectKey @object, string version, string consequence, string reason);

    [LoggerMessage(4014, LogLevel.Error, "{Kind} {Object}: a change handler failed")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception, string kind, ObjectKey @object);

    [LoggerMessage(4020, LogLevel.Warning, "{Queue} {Key}: attempt {Attempt} failed, next in {Delay}: {Reason}")]
    public static partial void WorkFailed(this ILogger logger, string queue, string key, int attempt, TimeSpan delay, string reason);

    [LoggerMessage(4021, LogLevel.Error, "{Queue} {Key}: attempt {Attempt} threw, next in {Delay}")]
    public static partial void WorkThrew(this ILogger logger, Exception exception, string queue, string key, int attempt, TimeSpan delay);

    [LoggerMessage(4022, LogLevel.Error, "{Queue}: a metrics hook failed")]
    public static partial void HookFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4030, LogLevel.Information, "Lease {Lease}: {Identity} leads")]
    public static partial void Leads(this ILogger logger, string lease, string identity);

    [LoggerMessage(4031, LogLevel.Information, "Lease {Lease}: held by {Holder}, standing by")]
    public static partial void StandsBy(this ILogger logger, string lease, string holder);

    [LoggerMessage(4032, LogLevel.Error, "Lease {Lease}: {Identity} leads no more: {Reason}")]
    public static partial void LostLead(this ILogger logger, string lease, string identity, string reason);

    [LoggerMessage(4033, LogLevel.Warning, "Lease {Lease}: {Step} failed: {Reason}")]
    public static partial void LeaseTrouble(this ILogger logger, string lease, string step, string reason);

    [LoggerMessage(4034, LogLevel.Information, "Lease {Lease}: given back by {Identity}")]
    public static partial void GaveBack(this ILogger logger, string lease, string identity);

    [LoggerMessage(4040, LogLevel.Warning, "{Count} events were dropped: {Reason}")]
    public static partial void EventsDropped(this ILogger logger, long count, string reason);

    [LoggerMessage(4041, LogLevel.Debug, "Event {Reason} on {Object} was not written: {Trouble}")]
    public static partial void EventNotWritten(this ILogger logger, string reason, string @object, string trouble);
}
