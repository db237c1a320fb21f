using System.Text.Json;

using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

using Vmcp.Auth.Incoming.Keys;

namespace Vmcp.Auth.Incoming.Tokens;

/// <summary>Judges signed JWTs (RFC 7519, RFC 8725, RFC 9068): the library checks the signature, <see cref="ClaimRules"/> the rest.</summary>
internal sealed class JwtCheck(OidcOptions options, ClaimRules rules, KeyRing ring)
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = BearerHeader.MaxToken };

    /// <summary>Judges a token.</summary>
    /// <param name="token">Its text.</param>
    /// <param name="jwt">The same, taken apart.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    /// <returns>The verdict, and the keys it holds for.</returns>
    public async ValueTask<(Judged Verdict, KeySet? Keys)> JudgeAsync(string token, JwtText jwt, CancellationToken cancellationToken)
    {
        if (jwt.Claims is not { } claims)
            return (Judged.Refused("The token is no JWT."), null);
        // Before any work: what no key could make good.
        if (ProblemOf(jwt, claims) is { } problem)
            return (Judged.Refused(problem), null);
        KeySet? keys = await ring.GetAsync(cancellationToken).ConfigureAwait(false);
        if (keys is not null && jwt.KeyId is not null && !keys.Knows(jwt.KeyId))
            keys = await ring.RenewAsync(cancellationToken).ConfigureAwait(false);
        if (keys is null)
            return (new Judged(new Admission.Away(ring.RetryAfter)), null);
        IReadOnlyList<SecurityKey> candidates = keys.Candidates(jwt.KeyId, jwt.Algorithm);
        if (candidates.Count == 0)
            return (Judged.Refused(jwt.KeyId is null ? "The token does not say which key signed it." : "The token is signed by a key that does not count."), null);
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, Parameters(candidates)).ConfigureAwait(false);
        return (result.IsValid ? rules.Judge(token, claims, needsIssuer: true) : Judged.Refused(Describe(result.Exception)), keys);
    }

    private static string? ProblemOf(JwtText jwt, JsonElement claims)
    {
        if (!KeySetReader.Algorithms.Contains(jwt.Algorithm))
            return "The token is signed in a way that does not count.";
        // RFC 7515 4.1.11: whoever does not understand all of it must refuse; we understand none.
        if (jwt.HasCritical)
            return "The token demands something that is not supported.";
        // RFC 8725 3.11: a JWT of another kind by the same issuer is no access token. Most providers write JWT or nothing.
        if (jwt.Type is not (null or "jwt" or "at+jwt"))
            return "The token is no access token.";
        // ID tokens tell themselves by what only they have (OpenID Connect Core 2), unless the token says outright that it is for access.
        bool saysAccess = jwt.Type == "at+jwt" || ClaimRules.TextOf(claims, "typ") == "Bearer";
        return !saysAccess && (claims.TryGetProperty("nonce", out _) || claims.TryGetProperty("at_hash", out _) || claims.TryGetProperty("c_hash", out _))
            ? "The token is an ID token; send the access token."
            : null;
    }

    private TokenValidationParameters Parameters(IReadOnlyList<SecurityKey> candidates) => new()
    {
        RequireSignedTokens = true,
        ValidAlgorithms = KeySetReader.Algorithms,
        IssuerSigningKeys = candidates,
        TryAllIssuerSigningKeys = true, // the candidates alone
        ValidIssuer = options.Issuer,
        ValidAudience = options.Audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        // Time is judged by ClaimRules: the library reads a clock of its own.
        LifetimeValidator = static (_, _, _, _) => true,
        LogValidationExceptions = false,
    };

    private static string Describe(Exception? exception) => exception switch
    {
        SecurityTokenInvalidIssuerException => ClaimRules.WrongIssuer,
        SecurityTokenInvalidAudienceException => ClaimRules.WrongAudience,
        _ => "The token's signature does not count.",
    };
}
