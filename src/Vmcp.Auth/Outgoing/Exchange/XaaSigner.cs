using Microsoft.IdentityModel.JsonWebTokens;

using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>
/// <c>xaa</c>: the identity provider makes an assertion (ID-JAG) of the caller's ID token, and the target's authorization server an access token of
/// that (draft-ietf-oauth-identity-assertion-authz-grant). Only the access token is kept.
/// </summary>
internal sealed class XaaSigner(TokenEndpoint endpoint, CredentialCache<BearerToken> tokens, ProbeTokens probes) : IStrategySigner<XaaStrategy>
{
    private const string Idp = "its identity provider's token endpoint";
    private const string Target = "its target's token endpoint";

    /// <inheritdoc />
    public ValueTask<IIssuedCredential?> SignAsync(
        HttpRequestMessage request, Backend backend, XaaStrategy strategy, Caller? caller, CancellationToken cancellationToken)
    {
        if (caller is null)
            return probes.SignAsync(request, backend, strategy.TargetClient, audience: null, Probe, cancellationToken);
        SubjectToken subject = BearerTokens.SubjectOf(caller, strategy);
        return BearerTokens.PutAsync(
            request, tokens.GetAsync(CredentialKey.Of(caller, backend), subject, token => IssueAsync(strategy, subject, token), cancellationToken));

        TokenRequest Probe() => AtTarget(strategy, "client_credentials").With("resource", strategy.TargetResource).With("scope", strategy.Scope);
    }

    private async Task<Issue<BearerToken>> IssueAsync(XaaStrategy strategy, SubjectToken subject, CancellationToken cancellationToken)
    {
        TokenAnswer asserted = Checked(await AssertAsync(strategy, subject, cancellationToken).ConfigureAwait(false), strategy);
        if (asserted is not TokenAnswer.Granted assertion)
            return BearerTokens.Accept(asserted, Idp, audience: null);
        TokenRequest request = AtTarget(strategy, "jwt_bearer")
            .With("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .With("assertion", assertion.Token.Reveal())
            .With("scope", strategy.Scope);
        // The target issues for its own resources, which the assertion named; how it calls them in a token is its own affair.
        return BearerTokens.Accept(await endpoint.AskAsync(request, cancellationToken).ConfigureAwait(false), Target, audience: null, subject: subject);
    }

    private Task<TokenAnswer> AssertAsync(XaaStrategy strategy, SubjectToken subject, CancellationToken cancellationToken) => endpoint.AskAsync(
        new TokenRequest { Step = "id_jag", Url = strategy.IdpTokenUrl, Client = strategy.IdpClient, Whose = Idp }
            .With("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
            .With("subject_token", subject.Value.Reveal())
            .With("subject_token_type", TokenTypes.IdToken)
            .With("requested_token_type", TokenTypes.IdJag)
            .With("audience", strategy.TargetAudience)
            .With("resource", strategy.TargetResource)
            .With("scope", strategy.Scope),
        cancellationToken);

    private static TokenRequest AtTarget(XaaStrategy strategy, string step) => new()
    {
        Step = step,
        Url = strategy.TargetTokenUrl,
        Client = strategy.TargetClient,
        Whose = Target,
        AllowHttp = strategy.TargetIsInsecure,
    };

    // The assertion is worth the caller's access at the target: one for anybody else must not leave us (auth-and-ops 3.3, 8.2).
    private static TokenAnswer Checked(TokenAnswer answer, XaaStrategy strategy)
    {
        if (answer is not TokenAnswer.Granted granted)
            return answer;
        if (granted.IssuedTokenType != TokenTypes.IdJag)
            return TokenAnswer.Broken(Idp, "issued something else than an identity assertion (issued_token_type)");
        if (!granted.TokenType.Equals("N_A", StringComparison.OrdinalIgnoreCase))
            return TokenAnswer.Broken(Idp, "issued an assertion with a token_type that is not N_A");
        if (IssuedJwt.TryRead(granted.Token) is not { } jwt)
            return TokenAnswer.Broken(Idp, "issued an assertion that is no JWT");
        if (jwt.Audiences.ToArray() is not [{ } only] || only != strategy.TargetAudience)
            return TokenAnswer.Broken(Idp, "issued an assertion that is not for the configured targetAudience alone");
        return strategy.TargetResource is { } resource && !Resources(jwt).Contains(resource, StringComparer.Ordinal)
            ? TokenAnswer.Broken(Idp, "issued an assertion that is not for the configured targetResource")
            : answer;
    }

    // One claim per member, whether the payload has a text or a list; TryGetPayloadValue finds no JsonElement where a text stands.
    private static IEnumerable<string> Resources(JsonWebToken jwt) => jwt.Claims.Where(c => c.Type == "resource").Select(c => c.Value);
}
