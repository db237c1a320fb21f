using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;

namespace Vmcp.Operator.Reconciling;

internal static partial class Log
{
    [LoggerMessage(6101, LogLevel.Information, "VirtualMCPServer {Server}: {Write} {Kind} {Child}{Because}")]
    public static partial void Wrote(this ILogger logger, ObjectKey server, WriteKind write, string kind, string child, string because);

    [LoggerMessage(6102, LogLevel.Warning, "VirtualMCPServer {Server}: {Reason}: {Message}")]
    public static partial void InTheWay(this ILogger logger, ObjectKey server, string reason, string message);

    [LoggerMessage(6103, LogLevel.Information, "{Kind} {Object}: wrote its {What}")]
    public static partial void WroteSmall(this ILogger logger, string kind, ObjectKey @object, string what);
}
