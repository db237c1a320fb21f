using System.Collections.Frozen;

using Vmcp.Auth.Http;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Auth.Outgoing.Exchange;
using Vmcp.Core.Health;

namespace Vmcp.Auth.Aws;

/// <summary>Turns what goes wrong at STS into fixed clauses; nothing AWS wrote gets through but the name of a known error.</summary>
internal static class StsTrouble
{
    /// <summary>Who is spoken of.</summary>
    public const string Whose = "AWS STS";

    private static readonly TimeSpan Decided = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Passing = TimeSpan.FromSeconds(1);

    // AWS STS API reference, AssumeRoleWithWebIdentity and common errors; whether only the user can help, and whether it passes by itself.
    private static readonly FrozenDictionary<string, (string Clause, bool Reauth, bool Passes)> Codes = new Dictionary<string, (string, bool, bool)>
    {
        ["ExpiredTokenException"] = ("says that the caller's token is over; sign in again", true, false),
        ["InvalidIdentityToken"] = ("does not accept the caller's token; the role must trust its issuer and audience in IAM", false, false),
        ["IDPRejectedClaim"] = ("says that the identity provider does not stand by the caller's token; sign in again", true, false),
        ["IDPCommunicationError"] = ("cannot reach the identity provider for the moment; try again in a few seconds", false, true),
        ["AccessDenied"] = ("does not let the caller take the role", false, false),
        ["RegionDisabledException"] = ("is not activated in the configured region", false, false),
        ["ValidationError"] = ("does not accept the request; check the role and sessionDuration, which the role limits", false, false),
        ["Throttling"] = ("asks us to slow down", false, true),
        ["ThrottlingException"] = ("asks us to slow down", false, true),
        ["RequestLimitExceeded"] = ("asks us to slow down", false, true),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why an answer that holds no credentials holds none.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="code">Its error code, as it came; null for none.</param>
    public static CredentialTrouble Of(IdentityAnswer.Answered answer, string? code)
    {
        if (answer.IsSuccess)
            return TokenTrouble.Invalid(Whose, "sent an answer that holds no credentials");
        if (code is null || !Codes.TryGetValue(code, out (string Clause, bool Reauth, bool Passes) known))
            return TokenTrouble.OfStatus(Whose, answer, null);
        string reason = $"cannot be called: {Whose} {known.Clause} ({code})";
        return new CredentialTrouble(reason, known.Passes ? FailureCategory.BackendUnavailable : FailureCategory.AuthenticationFailed, code)
        {
            NeedsUser = known.Reauth,
            Remember = known.Passes ? Passing : Decided,
            RetryAfter = known.Passes ? Passing : null,
        };
    }
}
