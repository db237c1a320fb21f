using Microsoft.Extensions.Logging;

namespace Vmcp.Auth.Outgoing;

/// <summary>Lines about credentials of backends. No line holds a token, a secret, an address or a foreign text.</summary>
internal static partial class OutgoingLog
{
    [LoggerMessage(5101, LogLevel.Error, "Backend {Backend}: getting a credential by {Strategy} failed in an unexpected way: {Type}\n{Stack}")]
    public static partial void CredentialBug(this ILogger logger, string backend, string strategy, string? type, string? stack);

    [LoggerMessage(5102, LogLevel.Warning, "Backend {Backend} {Reason} (strategy {Strategy}; said once a minute at most)")]
    public static partial void NoCredential(this ILogger logger, string backend, string reason, string strategy);
}
