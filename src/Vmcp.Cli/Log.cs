using Microsoft.Extensions.Logging;

namespace Vmcp.Cli;

/// <summary>The log lines of the command itself.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "{Warning}")]
    public static partial void StartWarning(this ILogger logger, string warning);

    [LoggerMessage(1002, LogLevel.Information, "Stopping: open requests may finish, a second signal ends at once")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(1003, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(1004, LogLevel.Information, "A page to look at: {Url}")]
    public static partial void DashboardServed(this ILogger logger, Uri url);
}
