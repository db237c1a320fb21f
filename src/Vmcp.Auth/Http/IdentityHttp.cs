using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

using Polly;
using Polly.Retry;

using Vmcp.Core.Net;

namespace Vmcp.Auth.Http;

/// <summary>
/// Asks identity providers and token endpoints: pooled connections, no redirects (a 307 would carry a token to another host), the address is
/// judged when it is dialled, bodies are bounded, and what fails by itself (5xx, a broken connection, silence) is repeated a few times.
/// </summary>
public sealed class IdentityHttp : IDisposable
{
    /// <summary>Largest answer accepted, in bytes.</summary>
    public const int MaxBody = 1024 * 1024;

    private readonly IdentityHttpOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _invoker;
    private readonly ResiliencePipeline<Attempt> _retry;

    /// <summary>Prepares the pool; nothing is dialled yet.</summary>
    /// <exception cref="InvalidDataException">The CA bundle cannot be read or holds no certificate.</exception>
    public IdentityHttp(IdentityHttpOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _invoker = new HttpMessageInvoker(CreateHandler(options), disposeHandler: true);
        ResiliencePipelineBuilder<Attempt> pipeline = new() { TimeProvider = time };
        if (options.Retries > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result.Passing),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                UseJitter = true,
            });
        }

        _retry = pipeline.Build();
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="build">Makes the request anew for each attempt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IdentityAnswer> SendAsync(Func<HttpRequestMessage> build, CancellationToken cancellationToken)
    {
        Attempt last = await _retry.ExecuteAsync(
            static (state, token) => state.Http.AttemptAsync(state.Build, token), (Http: this, Build: build), cancellationToken).ConfigureAwait(false);
        return last.Answer;
    }

    /// <inheritdoc />
    public void Dispose() => _invoker.Dispose();

    private static SocketsHttpHandler CreateHandler(IdentityHttpOptions options)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false, // a proxy would dial in our place, unguarded
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.AttemptTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follow DNS changes, through the guard again
            MaxConnectionsPerServer = 64,
            MaxResponseHeadersLength = 64,
            ActivityHeadersPropagator = null,
            ConnectCallback = new GuardedDial(options.AllowPrivateAddresses, options.Resolve).ConnectAsync,
        };
        X509ChainPolicy trusted = options.CaBundlePath is { } bundle ? TrustedRoots.OfFile(bundle) : TrustedRoots.OfSystem();
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trusted };
        return handler;
    }

    private async ValueTask<Attempt> AttemptAsync(Func<HttpRequestMessage> build, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(_options.AttemptTimeout, _time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using HttpRequestMessage request = build();
            if (request.RequestUri is not { } url || !IsAccepted(url))
                return Attempt.Final("is not asked: its URL is not https");
            using HttpResponseMessage response = await _invoker.SendAsync(request, limit.Token).ConfigureAwait(false);
            byte[]? body = await ReadAsync(response.Content, limit.Token).ConfigureAwait(false);
            if (body is null)
                return Attempt.Final($"sent an answer larger than {MaxBody} bytes");
            int status = (int)response.StatusCode;
            return new Attempt(
                new IdentityAnswer.Answered(status, body)
                {
                    MaxAge = response.Headers.CacheControl is { NoStore: false, NoCache: false } cache ? cache.MaxAge : null,
                    RetryAfter = RetryAfterOf(response),
                },
                Passing: status >= 500);
        }
        catch (HttpRequestException e) when (e is AddressRefusedException || e.InnerException is AddressRefusedException)
        {
            return Attempt.Final("is not asked: its host leads to an address that must not be dialled");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Attempt.Again("did not answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            return Attempt.Again(e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? "failed the TLS handshake" : "cannot be reached");
        }
    }

    private bool IsAccepted(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && (_options.AllowHttp || url.IsLoopback));

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        TimeSpan? asked = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - _time.GetUtcNow();
        return asked > TimeSpan.Zero ? asked : null;
    }

    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > MaxBody)
            return null;
        await using Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using MemoryStream body = new();
        byte[] buffer = new byte[8192];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (body.Length + read > MaxBody)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>One attempt.</summary>
    /// <param name="Answer">What came of it.</param>
    /// <param name="Passing">Whether the same request may well work a moment later.</param>
    private readonly record struct Attempt(IdentityAnswer Answer, bool Passing)
    {
        public static Attempt Final(string reason) => new(new IdentityAnswer.Unreachable(reason), Passing: false);

        public static Attempt Again(string reason) => new(new IdentityAnswer.Unreachable(reason), Passing: true);
    }
}
