using System.Collections.Frozen;

using Vmcp.Auth.Http;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Health;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>Turns what goes wrong at a token endpoint into fixed clauses. No foreign text gets through: an error code only when it is registered.</summary>
internal static class TokenTrouble
{
    private static readonly TimeSpan Decided = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Passing = TimeSpan.FromSeconds(1);

    // The registered codes a token endpoint uses (IANA OAuth Extensions Error Registry; RFC 6749 5.2, RFC 8693 2.2.2, RFC 8707 2, OpenID Connect
    // Core 3.1.2.6, RFC 9470), and whether only the user can help.
    private static readonly FrozenDictionary<string, (string Clause, bool Reauth)> Codes = new Dictionary<string, (string, bool)>
    {
        ["invalid_request"] = ("does not accept the request or the caller's token", false),
        ["invalid_client"] = ("does not accept the gateway's client id and secret", false),
        ["invalid_grant"] = ("does not accept the caller's token; sign in again", true),
        ["unauthorized_client"] = ("does not let the gateway's client ask for this", false),
        ["unsupported_grant_type"] = ("does not know this kind of exchange", false),
        ["invalid_scope"] = ("does not grant the configured scopes", false),
        ["invalid_target"] = ("does not know the configured audience or resource, or does not issue tokens for it", false),
        ["unsupported_token_type"] = ("does not take tokens of the configured type", false),
        ["access_denied"] = ("does not let the caller in", false),
        ["server_error"] = ("failed", false),
        ["temporarily_unavailable"] = ("is not available for the moment", false),
        ["interaction_required"] = ("wants the caller to sign in again", true),
        ["login_required"] = ("wants the caller to sign in again", true),
        ["consent_required"] = ("wants the caller's consent; sign in again", true),
        ["insufficient_user_authentication"] = ("wants the caller to sign in again with a stronger proof", true),
        ["expired_token"] = ("says that the caller's token is over; sign in again", true),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The endpoint gave no usable answer.</summary>
    /// <param name="whose">Whose endpoint.</param>
    /// <param name="reason">What it did, see <see cref="IdentityAnswer.Unreachable"/>.</param>
    public static CredentialTrouble Away(string whose, string reason) =>
        new($"cannot be called: {whose} {reason}", FailureCategory.BackendUnavailable, "unreachable") { Remember = Passing, RetryAfter = Passing };

    /// <summary>The endpoint answered with something that cannot be used.</summary>
    /// <param name="whose">Whose endpoint.</param>
    /// <param name="what">What is wrong.</param>
    public static CredentialTrouble Invalid(string whose, string what) =>
        new($"cannot be called: {whose} {what}", FailureCategory.AuthenticationFailed, "invalid_response") { Remember = Decided };

    /// <summary>The endpoint answered with a status that is no success.</summary>
    /// <param name="whose">Whose endpoint.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="error">The <c>error</c> of its body, as it came; null for none.</param>
    public static CredentialTrouble OfStatus(string whose, IdentityAnswer.Answered answer, string? error)
    {
        if (answer.Status is 429 or >= 500)
        {
            TimeSpan wait = answer.RetryAfter is { } asked && asked < TimeSpan.FromMinutes(1) ? asked : Passing;
            string what = answer.Status == 429 ? "asks us to slow down (HTTP 429)" : $"failed (HTTP {answer.Status})";
            return Away(whose, what) with { ErrorType = answer.Status == 429 ? "rate_limited" : "server_error", Remember = wait, RetryAfter = wait };
        }

        if (error is not null && Codes.TryGetValue(error, out (string Clause, bool Reauth) known))
        {
            return new CredentialTrouble($"cannot be called: {whose} {known.Clause} ({error})", FailureCategory.AuthenticationFailed, error)
            {
                Remember = Decided,
                NeedsUser = known.Reauth,
            };
        }

        string clause = answer.Status is >= 300 and < 400
            ? $"redirects (HTTP {answer.Status}), and a token is never sent after a redirect; configure the address it leads to"
            : $"refused (HTTP {answer.Status})";
        return new CredentialTrouble($"cannot be called: {whose} {clause}", FailureCategory.AuthenticationFailed, "refused") { Remember = Decided };
    }
}
