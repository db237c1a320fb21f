using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>
/// The gateway's own tokens, for probes: the client credentials grant where there is a client with a secret (RFC 6749 4.4). A probe without a token
/// goes out all the same; a 401 then says that the backend is there.
/// </summary>
internal sealed class ProbeTokens(TokenEndpoint endpoint, CredentialCache<BearerToken> tokens, OutgoingOptions options)
{
    // A probe has a deadline of its own, which belongs to the backend; one that comes later finds the token kept.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Puts a token on a probe, if one can be had soon.</summary>
    /// <param name="request">The probe.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="client">As whom; without a secret there is no token.</param>
    /// <param name="audience">The audience a token that can be read must name; null for any.</param>
    /// <param name="ask">The question, but for its grant type.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IIssuedCredential?> SignAsync(
        HttpRequestMessage request, Backend backend, ClientCredential? client, string? audience, Func<TokenRequest> ask, CancellationToken cancellationToken)
    {
        if (client?.Secret is null)
            return null;
        using CancellationTokenSource patience = new(Patience, options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            KeptCredential<BearerToken> kept = await tokens.GetAsync(
                CredentialKey.OfGateway(backend), null, token => AskAsync(ask(), audience, token), either.Token).ConfigureAwait(false);
            kept.Value.PutOn(request);
            return kept;
        }
        catch (CredentialException)
        {
            return null; // counted by its error.type where it happened
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<Issue<BearerToken>> AskAsync(TokenRequest request, string? audience, CancellationToken cancellationToken)
    {
        request.With("grant_type", "client_credentials");
        return BearerTokens.Accept(await endpoint.AskAsync(request, cancellationToken).ConfigureAwait(false), request.Whose, audience);
    }
}
