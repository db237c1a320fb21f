using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;

namespace Vmcp.Protocol.Backends;

/// <summary>The HTTP side of one backend: builds, signs and sends requests and reads bounded bodies.</summary>
/// <param name="backend">The backend.</param>
/// <param name="invoker">The shared connection pool.</param>
/// <param name="signer">Adds credentials.</param>
/// <param name="unauthorized">Told of each 401; must return at once. Null when nobody wants to know.</param>
public sealed class BackendHttp(Backend backend, HttpMessageInvoker invoker, RequestSigner signer, Action<string>? unauthorized = null)
{
    private Uri _url = backend.Url;

    /// <summary>The backend.</summary>
    public Backend Backend => backend;

    /// <summary>Where requests go: the configured URL, or where a same-origin redirect led.</summary>
    public Uri Url => Volatile.Read(ref _url);

    /// <summary>A request without credentials yet.</summary>
    public static HttpRequestMessage Create(HttpMethod method, Uri url, ReadOnlyMemory<byte> body, string accept)
    {
        HttpRequestMessage request = new(method, url);
        // By TLS the server says what it speaks: HTTP/2 where it is offered, so that calls and streams share a connection. Without TLS nobody says.
        if (url.Scheme == Uri.UriSchemeHttps)
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher;
        if (method == HttpMethod.Post)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = JsonMediaType;
        }

        request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    /// <summary>
    /// Sends and returns once the response's headers are there. A same-origin 307 or 308 is followed once and remembered; a credential that was
    /// issued to us and is refused is replaced once.
    /// </summary>
    /// <exception cref="CredentialException">There is no credential for the caller; nothing was sent.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // one object less a call; the result is awaited once
    public async ValueTask<HttpResponseMessage> SendAsync(
        Func<Uri, HttpRequestMessage> build, Uri url, Caller? caller, IReadOnlyList<KeyValuePair<string, string>> headers,
        CancellationToken cancellationToken)
    {
        bool renewed = false, moved = false;
        while (true)
        {
            HttpResponseMessage response;
            IIssuedCredential? credential;
            using (HttpRequestMessage request = build(url))
            {
                AddHeaders(request, headers);
                credential = await signer(request, backend, caller, cancellationToken).ConfigureAwait(false);
                response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }

            if (IsRefused(response, credential))
            {
                bool another = credential?.Refused() == true;
                if (another && !renewed)
                {
                    // A refusal says that nothing was done, so the same request may go out again (RFC 9110 15.5.2, 15.5.4).
                    response.Dispose();
                    renewed = true;
                    continue;
                }

                if (response.StatusCode == HttpStatusCode.Unauthorized)
                    unauthorized?.Invoke(backend.Name);
                return response;
            }

            if (moved || SameOrigin(response, url) is not { } target)
                return response;
            response.Dispose();
            if (url == Url)
                Volatile.Write(ref _url, target);
            (url, moved, renewed) = (target, true, false);
        }
    }

    /// <summary>Reads a body of at most <paramref name="max"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The body is larger.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<byte[]> ReadBodyAsync(HttpContent content, int max, CancellationToken cancellationToken)
    {
        long? declared = content.Headers.ContentLength;
        if (declared > max)
            throw new InvalidDataException($"The answer is larger than {max} bytes.");
        await using Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (declared is { } length)
        {
            byte[] exact = new byte[length];
            await stream.ReadExactlyAsync(exact, cancellationToken).ConfigureAwait(false);
            return exact;
        }

        return await ReadUnknownLengthAsync(stream, max, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether a response says that its body is of a media type. Looks at the header as it came: making an object of it for each answer costs more
    /// than reading a small one.
    /// </summary>
    public static bool IsOfType(HttpResponseMessage response, string mediaType)
    {
        if (!response.Content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values) || values.Count != 1)
            return false;
        ReadOnlySpan<char> type = values.ToString();
        int end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The failure an HTTP status stands for.</summary>
    public static BackendFailure FromStatus(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        TimeSpan? retryAfter = response.Headers.RetryAfter?.Delta;
        BackendFailure failure = status switch
        {
            401 or 403 => new(FailureCategory.AuthenticationFailed, $"refused our credentials (HTTP {status})") { Alive = true },
            429 => new(FailureCategory.BackendUnavailable, "asked us to slow down (HTTP 429)") { Alive = true },
            >= 500 => new(FailureCategory.BackendUnavailable, $"failed (HTTP {status})"),
            >= 300 and < 400 => new(FailureCategory.HealthCheckFailed, $"redirected to another origin (HTTP {status})"),
            _ => new(FailureCategory.HealthCheckFailed, $"answered with HTTP {status}"),
        };
        return failure with { HttpStatus = status, RetryAfter = retryAfter };
    }

    private static readonly MediaTypeHeaderValue JsonMediaType = new("application/json");

    /// <summary>Where a redirect leads that may be followed, or null.</summary>
    private static Uri? SameOrigin(HttpResponseMessage response, Uri url)
    {
        if (response.StatusCode is not (HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location)
            return null;
        Uri target = new(url, location);
        return Uri.Compare(target, url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0 ? target : null;
    }

    private static bool IsProofOfTheClient(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase);

    private static bool IsRefused(HttpResponseMessage response, IIssuedCredential? credential) =>
        response.StatusCode == HttpStatusCode.Unauthorized || credential?.IsRefusedBy((int)response.StatusCode) == true;

    private void AddHeaders(HttpRequestMessage request, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            // Configuration refuses these names already; a client's own proof must not reach a backend by any other way either.
            if (!IsProofOfTheClient(headers[i].Key))
                request.Headers.TryAddWithoutValidation(headers[i].Key, headers[i].Value);
        }

        foreach ((string name, string value) in backend.StaticHeaders)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static async Task<byte[]> ReadUnknownLengthAsync(Stream stream, int max, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        int length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    return buffer.AsSpan(0, length).ToArray();
                length += read;
                if (length > max)
                    throw new InvalidDataException($"The answer is larger than {max} bytes.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
