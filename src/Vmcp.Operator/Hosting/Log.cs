using Microsoft.Extensions.Logging;

namespace Vmcp.Operator.Hosting;

internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "Working: {Controllers}")]
    public static partial void Working(this ILogger logger, string controllers);
}
