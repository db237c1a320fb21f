using Microsoft.Extensions.Logging;

namespace Vmcp.Discovery;

/// <summary>What is told of the source of the backends. No value of a Secret is in it.</summary>
internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "Following {Kind} in namespace {Namespace}, group {Group}: {Served} backends, {Unserved} unserved")]
    public static partial void InStep(this ILogger logger, string kind, string @namespace, string group, int served, int unserved);

    [LoggerMessage(6003, LogLevel.Warning, "{Kind} {Name} could not be read; what was read before stays in use: {Reason}")]
    public static partial void NotRead(this ILogger logger, string kind, string name, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "The backends may be behind, the last good ones are served: {Trouble}")]
    public static partial void Behind(this ILogger logger, string trouble);

    [LoggerMessage(6005, LogLevel.Information, "The backends are in step again")]
    public static partial void InStepAgain(this ILogger logger);

    [LoggerMessage(6006, LogLevel.Error, "The backends could not be worked out; the last good ones are served")]
    public static partial void PlanFailed(this ILogger logger, Exception exception);
}
