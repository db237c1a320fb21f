using Microsoft.IdentityModel.JsonWebTokens;

using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>What the strategies that end in <c>Authorization: Bearer</c> share.</summary>
internal static class BearerTokens
{
    /// <summary>The token a caller's credential is made from.</summary>
    /// <exception cref="CredentialException">The caller has none.</exception>
    public static SubjectToken SubjectOf(Caller caller, Strategy strategy) => caller.Token
        ?? throw new CredentialException(
            $"cannot be called: its strategy {strategy.Type} makes the credential from the caller's token, and this caller has none; set incomingAuth.type to oidc");

    /// <summary>Puts the token on the request once it is there. A kept one costs no allocation.</summary>
    public static ValueTask<IIssuedCredential?> PutAsync(HttpRequestMessage request, ValueTask<KeptCredential<BearerToken>> pending)
    {
        if (!pending.IsCompletedSuccessfully)
            return WaitAsync(request, pending);
        KeptCredential<BearerToken> kept = pending.Result;
        kept.Value.PutOn(request);
        return new ValueTask<IIssuedCredential?>(kept);

        static async ValueTask<IIssuedCredential?> WaitAsync(HttpRequestMessage request, ValueTask<KeptCredential<BearerToken>> pending)
        {
            KeptCredential<BearerToken> kept = await pending.ConfigureAwait(false);
            kept.Value.PutOn(request);
            return kept;
        }
    }

    /// <summary>Takes an access token out of an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="whose">Whose endpoint gave it.</param>
    /// <param name="audience">The audience asked for; a token that can be read must name it, or the resource. Null when none was asked for.</param>
    /// <param name="resource">The resource asked for (RFC 8707); null for none.</param>
    /// <param name="subject">The caller's token, which is never the answer; null when there was none.</param>
    public static Issue<BearerToken> Accept(TokenAnswer answer, string whose, string? audience, string? resource = null, SubjectToken? subject = null)
    {
        if (answer is not TokenAnswer.Granted granted)
            return new Issue<BearerToken>.Denied(((TokenAnswer.Denied)answer).Trouble);
        if (!granted.TokenType.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return Refuse(whose, "issued a token that is not of type Bearer");
        // Confused deputy (auth-and-ops 8.2): a token for somebody else would let us act there as the caller.
        if ((audience ?? resource) is not null)
        {
            JsonWebToken? jwt = IssuedJwt.TryRead(granted.Token);
            if (jwt is null && IssuedJwt.IsSigned(granted.Token))
                return Refuse(whose, "issued a JWT that cannot be read");
            if (jwt is not null && !jwt.Audiences.Any(a => a is not null && (a == audience || a == resource)))
                return Refuse(whose, "issued a token for another audience than the configured one");
        }

        // An endpoint that hands back what it was shown would have us pass the caller's own token on (auth-and-ops 8.1).
        if (subject is not null && granted.Token.Reveal() == subject.Value.Reveal())
            return Refuse(whose, "gave the caller's own token back");
        return new Issue<BearerToken>.Granted(BearerToken.Of(granted.Token), granted.ExpiresAt);
    }

    private static Issue<BearerToken>.Denied Refuse(string whose, string what) => new(TokenAnswer.Broken(whose, what).Trouble);
}
