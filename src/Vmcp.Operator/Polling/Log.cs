using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Polling;

internal static partial class Log
{
    [LoggerMessage(6201, LogLevel.Debug, "Pod {Pod} of VirtualMCPServer {Server} does not tell its status: {Why}")]
    public static partial void PodDoesNotTell(this ILogger logger, string pod, ObjectKey server, string why);

    [LoggerMessage(6202, LogLevel.Warning, "Pod {Pod} of VirtualMCPServer {Server} answers what cannot be read; it counts as silent")]
    public static partial void PodTellsNonsense(this ILogger logger, Exception exception, string pod, ObjectKey server);
}
