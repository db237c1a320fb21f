using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Reporting;

/// <summary>What is told of the status writer; 61xx.</summary>
internal static partial class ReportLog
{
    [LoggerMessage(6101, LogLevel.Debug, "Status of VirtualMCPServer {Server}: {Routable} of {Backends} backends can be called")]
    public static partial void Reported(this ILogger logger, ObjectKey server, int routable, int backends);

    [LoggerMessage(6102, LogLevel.Warning, "Status of VirtualMCPServer {Server} is not up to date, trying on: {Reason}")]
    public static partial void NotReported(this ILogger logger, ObjectKey server, string reason);

    [LoggerMessage(6103, LogLevel.Information, "Status of VirtualMCPServer {Server} is up to date again")]
    public static partial void ReportedAgain(this ILogger logger, ObjectKey server);

    [LoggerMessage(6104, LogLevel.Warning, "The API server does not keep all fields of the status of VirtualMCPServer {Server}: {What}; are the CRDs older than this gateway?")]
    public static partial void NotKept(this ILogger logger, ObjectKey server, string what);

    [LoggerMessage(6105, LogLevel.Error, "Status of VirtualMCPServer {Server} could not be worked out")]
    public static partial void ReportThrew(this ILogger logger, Exception exception, ObjectKey server);
}
