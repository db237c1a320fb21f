using Vmcp.Core.Backends;
using Vmcp.Core.Health;

namespace Vmcp.Protocol.Backends;

/// <summary>Why a backend gave no answer. The reason is safe to show: no address, header, token or raw error text.</summary>
/// <param name="Category">The class of failure that health and metrics count.</param>
/// <param name="Reason">A short clause that fits behind the backend's name, for example <c>refused the connection</c>.</param>
public sealed record BackendFailure(FailureCategory Category, string Reason)
{
    /// <summary>The HTTP status, when one came.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>How long the backend asked us to wait (429, 503).</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The backend no longer knows our session; opening a new one and repeating the request is safe.</summary>
    public bool SessionLost { get; init; }

    /// <summary>The backend answered, only not with what we wanted: it is alive (401, 403, 429).</summary>
    public bool Alive { get; init; }

    /// <summary>Nothing was sent, so nothing is known of the backend: there was no credential for the caller.</summary>
    public bool NotSent { get; init; }

    /// <summary>The word a program is told with <see cref="NotSent"/>, see <see cref="CredentialException.Code"/>; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>The failure behind an exception that <see cref="IsBackendFault"/> accepts.</summary>
    internal static BackendFailure FromException(Exception exception) => exception switch
    {
        CredentialException credential => new(credential.Category, credential.Reason) { NotSent = true, Code = credential.Code, RetryAfter = credential.RetryAfter },
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            new(FailureCategory.ConnectionFailed, "has a host name that cannot be resolved"),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new(FailureCategory.ConnectionFailed, "failed the TLS handshake"),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } =>
            new(FailureCategory.ConnectionFailed, "refused the connection"),
        HttpRequestException or HttpIOException or IOException or ObjectDisposedException =>
            new(FailureCategory.BackendUnavailable, "broke the connection"),
        InvalidDataException or System.Text.Json.JsonException =>
            new(FailureCategory.HealthCheckFailed, "sent an answer that is not valid MCP"),
        OperationCanceledException => new(FailureCategory.Timeout, "did not answer in time"),
        _ => throw new InvalidOperationException("Not a failure of a backend.", exception),
    };

    /// <summary>
    /// Whether an exception of the HTTP stack or a parser is the backend's fault rather than a bug of ours. A cancellation
    /// nobody asked for is the connection pool's own connect timeout.
    /// </summary>
    internal static bool IsBackendFault(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or InvalidDataException or System.Text.Json.JsonException or CredentialException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
