using Vmcp.Auth.Http;
using Vmcp.Auth.Outgoing.Caching;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>Asks token endpoints over pooled connections, so many at a time per endpoint, and understands what they say.</summary>
internal sealed class TokenEndpoint : IDisposable
{
    private readonly TimeProvider _time;
    private readonly OutgoingMetrics _metrics;
    private readonly EndpointGates _gates;
    private readonly IdentityHttp _http;
    private readonly IdentityHttp _plain;

    public TokenEndpoint(OutgoingOptions options, OutgoingMetrics metrics)
    {
        _time = options.Time;
        _metrics = metrics;
        _gates = new EndpointGates(options.Limits, options.Time);
        // A token endpoint is named by whoever configures the gateway, never by a user or a backend; most stand in the same cluster.
        IdentityHttpOptions http = new() { AllowPrivateAddresses = true, AttemptTimeout = options.AttemptTimeout, Retries = options.Retries };
        _http = new IdentityHttp(http, options.Time);
        _plain = new IdentityHttp(http with { AllowHttp = true }, options.Time);
    }

    /// <summary>Asks; waits for a place first.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<TokenAnswer> AskAsync(TokenRequest request, CancellationToken cancellationToken) => _gates.RunAsync(
        request.Url, token => SendAsync(request, token), static busy => new TokenAnswer.Denied(busy), cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _plain.Dispose();
    }

    private async Task<TokenAnswer> SendAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        _metrics.Begin(request.Step);
        long started = _time.GetTimestamp();
        DateTimeOffset sent = _time.GetUtcNow();
        string? errorType = "cancelled";
        try
        {
            IdentityAnswer answer = await (request.AllowHttp ? _plain : _http).SendAsync(request.Build, cancellationToken).ConfigureAwait(false);
            TokenAnswer read = TokenAnswer.Read(answer, request.Whose, sent);
            errorType = (read as TokenAnswer.Denied)?.Trouble.ErrorType;
            return read;
        }
        finally
        {
            _metrics.End(request.Step, _time.GetElapsedTime(started), errorType);
        }
    }
}
