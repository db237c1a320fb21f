namespace Vmcp.Kubernetes.Api;

/// <summary>Why a request failed, as far as a caller decides by it.</summary>
public enum KubeError
{
    /// <summary>The server could not be reached, broke off or sent what is no answer.</summary>
    Unreachable,

    /// <summary>401: the credential is missing, wrong or expired.</summary>
    Unauthorized,

    /// <summary>403: the account may not.</summary>
    Forbidden,

    /// <summary>404: no such object, or no such kind.</summary>
    NotFound,

    /// <summary>409 AlreadyExists.</summary>
    AlreadyExists,

    /// <summary>409 Conflict: another version is stored, or another manager owns a field.</summary>
    Conflict,

    /// <summary>410: the resource version or page token is too old.</summary>
    Expired,

    /// <summary>400 or 422: the object breaks a rule; the message names the field.</summary>
    Invalid,

    /// <summary>429: ask again later.</summary>
    TooManyRequests,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>Any other answer.</summary>
    Other,
}

/// <summary>The API server said no, or nothing.</summary>
/// <param name="error">Why.</param>
/// <param name="message">What was asked and the server's own words; no credential is in it.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class KubeException(KubeError error, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public KubeError Error => error;

    /// <summary>When the server said to come back (<c>Retry-After</c>), or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same request may work later without anybody changing anything.</summary>
    public bool IsTransient => error is KubeError.Unreachable or KubeError.TooManyRequests or KubeError.ServerError or KubeError.Conflict;
}
