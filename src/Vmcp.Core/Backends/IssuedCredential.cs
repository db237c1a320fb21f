using Vmcp.Core.Health;

namespace Vmcp.Core.Backends;

/// <summary>A credential that was issued for a time and is kept, as it was used for one request.</summary>
public interface IIssuedCredential
{
    /// <summary>Whether an HTTP status of the backend says that it refuses the credential: 401, unless the kind of credential knows others.</summary>
    bool IsRefusedBy(int status) => status == 401;

    /// <summary>The backend refused the credential, which is given up. True when it makes sense to try once more with a new one.</summary>
    bool Refused();
}

/// <summary>There is no credential for a request, so it is not sent. Nothing is said about the backend: it was not asked.</summary>
/// <param name="reason">
/// A clause that fits behind the backend's name; a client is told it, so it holds no token, secret, address or foreign error text.
/// </param>
/// <param name="category">The class of failure that metrics count.</param>
public sealed class CredentialException(string reason, FailureCategory category = FailureCategory.AuthenticationFailed) : Exception(reason)
{
    /// <summary>No credential could be got for the caller.</summary>
    public const string ExchangeFailed = "exchange_failed";

    /// <summary>No credential can be got before the user signs in again.</summary>
    public const string ReauthRequired = "upstream_reauth_required";

    /// <summary>The clause.</summary>
    public string Reason => Message;

    /// <summary>The class of failure.</summary>
    public FailureCategory Category => category;

    /// <summary>The word a program is told: <see cref="ExchangeFailed"/> or <see cref="ReauthRequired"/>.</summary>
    public string Code { get; init; } = ExchangeFailed;

    /// <summary>When to try again, if that may help; null when only a change helps.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
