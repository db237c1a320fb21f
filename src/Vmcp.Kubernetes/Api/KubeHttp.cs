using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Config;

namespace Vmcp.Kubernetes.Api;

/// <summary>Requests to one API server: connections, credential, time and size limits. What goes wrong becomes a <see cref="KubeException"/>.</summary>
internal sealed class KubeHttp : IDisposable
{
    private readonly HttpClient _http;
    private readonly KubeConfig _config;
    private readonly KubeClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Uri _base;

    public KubeHttp(KubeConfig config, KubeClientOptions options, TimeProvider time, ILogger logger)
    {
        (_config, _options, _time, _logger) = (config, options, time, logger);
        string address = config.Server.AbsoluteUri;
        _base = new Uri(address.EndsWith('/') ? address : address + "/");
        _http = new HttpClient(Handler(config), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        string version = typeof(KubeHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0.0.0";
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("vmcp", version));
    }

    /// <summary>Sends a request and takes its whole answer.</summary>
    /// <param name="what">What is done, for messages: <c>get Secret a/b</c>.</param>
    /// <param name="request">Makes the request; called again when a newer token is to be shown.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<Answer> SendAsync(string what, Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(_options.RequestTimeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpResponseMessage response = await OpenAsync(what, request, both.Token).ConfigureAwait(false);
            byte[] body = await BodyAsync(what, response, both.Token).ConfigureAwait(false);
            return new Answer(
                response.IsSuccessStatusCode ? null : StatusAnswer.Read(response.StatusCode, body, response.Headers.RetryAfter, _time.GetUtcNow()),
                body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Away(what, $"no complete answer in {_options.RequestTimeout.TotalSeconds:0} s", null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Away(what, Deepest(e), e);
        }
    }

    /// <summary>Sends a request and gives the answer out as soon as its head is here; an answer of refusal is thrown.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string what, Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(_options.RequestTimeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await OpenAsync(what, request, both.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                byte[] body = await BodyAsync(what, response, both.Token).ConfigureAwait(false);
                throw StatusAnswer.Read(response.StatusCode, body, response.Headers.RetryAfter, _time.GetUtcNow()).ToException(what);
            }

            (HttpResponseMessage opened, response) = (response, null);
            return opened;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Away(what, $"no answer in {_options.RequestTimeout.TotalSeconds:0} s", null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Away(what, Deepest(e), e);
        }
        finally
        {
            response?.Dispose();
        }
    }

    public KubeException Away(string what, string reason, Exception? cause) =>
        new(KubeError.Unreachable, $"{what}: API server {_config.Server} ({_config.Source}): {reason}", cause);

    /// <summary>The cause at the bottom says more than "an error occurred while sending the request".</summary>
    public static string Deepest(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return e.Message;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> OpenAsync(string what, Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        (HttpResponseMessage response, string? token) = await OnceAsync(what, make, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || token is null || !_config.Token!.Refused(token))
            return response;
        response.Dispose();
        _logger.TokenRotated();
        return (await OnceAsync(what, make, cancellationToken).ConfigureAwait(false)).Response;
    }

    private async Task<(HttpResponseMessage Response, string? Token)> OnceAsync(
        string what, Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = make();
        request.RequestUri = new Uri(_base, request.RequestUri!);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        // The handler takes the name for the certificate from here, and from nowhere else.
        request.Headers.Host = _config.TlsServerName;
        string? token;
        try
        {
            token = _config.Token?.Current();
        }
        catch (KubeConfigException e)
        {
            throw new KubeException(KubeError.Unauthorized, $"{what}: {e.Message}", e);
        }

        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        HttpResponseMessage response =
            await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return (response, token);
    }

    private async Task<byte[]> BodyAsync(string what, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > _options.MaxBody)
            throw TooLarge(what);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using MemoryStream body = new((int)(response.Content.Headers.ContentLength ?? 0));
            byte[] buffer = new byte[32 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > _options.MaxBody)
                    throw TooLarge(what);
                body.Write(buffer, 0, read);
            }

            return body.ToArray();
        }
    }

    private KubeException TooLarge(string what) =>
        new(KubeError.Other, $"{what}: the answer is larger than {_options.MaxBody} bytes; ask for fewer objects at once");

    private static SocketsHttpHandler Handler(KubeConfig config) => new()
    {
        // Our credential must not follow a redirect to somewhere else.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = !config.Server.IsLoopback,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // A server behind a balancer moves; connections are renewed now and then.
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        EnableMultipleHttp2Connections = true,
        // A connection whose other end vanished is noticed within 45 s although nothing is written to a watch.
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        SslOptions = KubeTls.Of(config),
    };

    /// <summary>A whole answer: refused with <paramref name="Refusal"/>, or good.</summary>
    public readonly record struct Answer(StatusAnswer? Refusal, ReadOnlyMemory<byte> Body);
}
