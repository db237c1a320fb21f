using Vmcp.Core.Backends;
using Vmcp.Core.Health;

namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>What came of asking for a credential.</summary>
/// <typeparam name="T">What a credential is made of.</typeparam>
internal abstract record Issue<T>
{
    private Issue()
    {
    }

    /// <summary>A credential.</summary>
    /// <param name="Value">The credential.</param>
    /// <param name="ExpiresAt">When the issuer lets it end; null when it does not say.</param>
    public sealed record Granted(T Value, DateTimeOffset? ExpiresAt) : Issue<T>
    {
        /// <summary>Nothing of the credential.</summary>
        public override string ToString() => nameof(Granted);
    }

    /// <summary>None, and why.</summary>
    /// <param name="Trouble">Why.</param>
    public sealed record Denied(CredentialTrouble Trouble) : Issue<T>;
}

/// <summary>Why there is no credential.</summary>
/// <param name="Reason">A clause that fits behind the backend's name; a client is told it (see <see cref="CredentialException"/>).</param>
/// <param name="Category">The class of failure that metrics count.</param>
/// <param name="ErrorType">One word of a fixed set for metrics (OpenTelemetry <c>error.type</c>).</param>
internal sealed record CredentialTrouble(string Reason, FailureCategory Category, string ErrorType)
{
    /// <summary>
    /// How long the same question is answered the same without asking again: 5 s for a decision of the issuer, 1 s when it could not be reached
    /// (it was tried several times by then), nothing when we did not even ask.
    /// </summary>
    public TimeSpan Remember { get; init; }

    /// <summary>When to try again; null when only a change helps.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Only the user can help, by signing in again.</summary>
    public bool NeedsUser { get; init; }

    /// <summary>The same for whoever called.</summary>
    public CredentialException ToException() => new(Reason, Category)
    {
        RetryAfter = RetryAfter,
        Code = NeedsUser ? CredentialException.ReauthRequired : CredentialException.ExchangeFailed,
    };
}
