using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary><c>token_exchange</c>: the caller's token is exchanged for one the backend accepts (RFC 8693).</summary>
internal sealed class TokenExchangeSigner(TokenEndpoint endpoint, CredentialCache<BearerToken> tokens, ProbeTokens probes)
    : IStrategySigner<TokenExchangeStrategy>
{
    /// <inheritdoc />
    public ValueTask<IIssuedCredential?> SignAsync(
        HttpRequestMessage request, Backend backend, TokenExchangeStrategy strategy, Caller? caller, CancellationToken cancellationToken)
    {
        if (caller is null)
            return probes.SignAsync(request, backend, strategy.Client, strategy.Audience, Probe, cancellationToken);
        SubjectToken subject = BearerTokens.SubjectOf(caller, strategy);
        return BearerTokens.PutAsync(
            request, tokens.GetAsync(CredentialKey.Of(caller, backend), subject, token => ExchangeAsync(strategy, subject, token), cancellationToken));

        TokenRequest Probe() => new TokenRequest { Step = "client_credentials", Url = strategy.TokenUrl, Client = strategy.Client }
            .With("audience", strategy.Audience)
            .With("resource", strategy.Resource)
            .With("scope", strategy.Scope);
    }

    private async Task<Issue<BearerToken>> ExchangeAsync(TokenExchangeStrategy strategy, SubjectToken subject, CancellationToken cancellationToken)
    {
        TokenRequest request = new TokenRequest { Step = "token_exchange", Url = strategy.TokenUrl, Client = strategy.Client }
            .With("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
            .With("subject_token", subject.Value.Reveal())
            .With("subject_token_type", strategy.SubjectTokenType)
            .With("requested_token_type", TokenTypes.AccessToken)
            .With("audience", strategy.Audience)
            .With("resource", strategy.Resource)
            .With("scope", strategy.Scope);
        TokenAnswer answer = await endpoint.AskAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer is TokenAnswer.Granted { IssuedTokenType: not (TokenTypes.AccessToken or TokenTypes.Jwt) and var issued })
        {
            answer = TokenAnswer.Broken(
                request.Whose,
                issued is null ? "does not say what kind of token it issued (issued_token_type)" : "issued another kind of token than an access token");
        }

        return BearerTokens.Accept(answer, request.Whose, strategy.Audience, strategy.Resource, subject);
    }
}
