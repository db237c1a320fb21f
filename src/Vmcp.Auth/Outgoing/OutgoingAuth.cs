using Vmcp.Auth.Aws;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Auth.Outgoing.Exchange;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing;

/// <summary>
/// Puts a backend's credentials on a request. The client's own credentials are never passed on. Holds the issued credentials of one gateway;
/// ends after it.
/// </summary>
public sealed class OutgoingAuth : IAsyncDisposable
{
    private readonly OutgoingMetrics _metrics = new();
    private readonly TokenEndpoint _endpoint;
    private readonly CredentialCache<BearerToken> _tokens;
    private readonly TokenExchangeSigner _tokenExchange;
    private readonly XaaSigner _xaa;
    private readonly StsClient _sts;
    private readonly CredentialCache<AwsCredentials> _awsKeys;
    private readonly AwsStsSigner _aws;

    /// <summary>Prepares everything; nothing is dialled before the first credential is needed.</summary>
    /// <param name="options">What it works with; null for the usual.</param>
    public OutgoingAuth(OutgoingOptions? options = null)
    {
        options ??= new OutgoingOptions();
        _endpoint = new TokenEndpoint(options, _metrics);
        _tokens = new CredentialCache<BearerToken>(options.Limits, options.Time, _metrics, options.Logger);
        ProbeTokens probes = new(_endpoint, _tokens, options);
        _tokenExchange = new TokenExchangeSigner(_endpoint, _tokens, probes);
        _xaa = new XaaSigner(_endpoint, _tokens, probes);
        _sts = new StsClient(options, _metrics);
        _awsKeys = new CredentialCache<AwsCredentials>(options.Limits, options.Time, _metrics, options.Logger);
        _aws = new AwsStsSigner(_sts, _awsKeys, options.Time);
    }

    /// <summary>The numbers, for tests that listen to these alone.</summary>
    internal OutgoingMetrics Metrics => _metrics;

    /// <summary>Applies the backend's strategy; it has the last word over every other header.</summary>
    /// <param name="request">The request to the backend.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="caller">On whose behalf; null for the gateway's own probes.</param>
    /// <param name="cancellationToken">Ends the wait for a credential.</param>
    /// <returns>The credential, when it was issued for a time and may be replaced; else null.</returns>
    /// <exception cref="CredentialException">There is no credential for the caller; the backend must not be called.</exception>
    public ValueTask<IIssuedCredential?> SignAsync(HttpRequestMessage request, Backend backend, Caller? caller, CancellationToken cancellationToken)
    {
        if (backend.Strategy.Needs is { } needs)
        {
            // A probe only wants to know whether the backend is there (auth-and-ops 3.3).
            return caller is null
                ? default
                : throw new CredentialException($"cannot be called: its strategy {backend.Strategy.Type} needs {needs}");
        }

        switch (backend.Strategy)
        {
            case UnauthenticatedStrategy:
                return default;
            case HeaderInjectionStrategy header:
                request.Headers.Remove(header.HeaderName);
                if (!request.Headers.TryAddWithoutValidation(header.HeaderName, header.Value.Reveal()))
                    throw new CredentialException($"cannot be called: the header {header.HeaderName} cannot be set on a request");
                return default;
            case TokenExchangeStrategy exchange:
                return _tokenExchange.SignAsync(request, backend, exchange, caller, cancellationToken);
            case XaaStrategy xaa:
                return _xaa.SignAsync(request, backend, xaa, caller, cancellationToken);
            case AwsStsStrategy aws:
                return _aws.SignAsync(request, backend, aws, caller, cancellationToken);
            default:
                // Fail closed: a backend is never called without the credential it was configured with.
                throw new CredentialException($"cannot be called: it uses the strategy {backend.Strategy.Type}, which is not supported");
        }
    }

    /// <summary>Ends what is on its way and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _tokens.DisposeAsync().ConfigureAwait(false);
        await _awsKeys.DisposeAsync().ConfigureAwait(false);
        _sts.Dispose();
        _endpoint.Dispose();
        _metrics.Dispose();
    }
}
