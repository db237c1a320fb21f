using System.Collections.Frozen;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Aws;

/// <summary>
/// Signs requests with AWS Signature Version 4. It must be the last to touch the request's headers.
/// </summary>
/// <remarks>Own code: AWSSDK.Core signs only requests of its own marshalling and would add a megabyte for these lines.</remarks>
internal static class SigV4Signer
{
    /// <summary>The largest body that is signed, 10 MiB (auth-and-ops 3.3): it has to be read whole before the first byte is sent.</summary>
    public const int MaxBody = 10 * 1024 * 1024;

    private const string Algorithm = "AWS4-HMAC-SHA256";

    // What connections, proxies and tracing change on the way would break the signature.
    private static readonly FrozenSet<string> NotSigned = new[]
    {
        "authorization", "accept-encoding", "baggage", "connection", "content-length", "expect", "forwarded", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "request-id", "te", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
        "x-amzn-trace-id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets <c>X-Amz-Date</c>, <c>X-Amz-Security-Token</c> and <c>Authorization</c>, replacing what was there.</summary>
    /// <param name="request">A request with an absolute URL and all its other headers.</param>
    /// <param name="credentials">The keys.</param>
    /// <param name="region">The region signed for.</param>
    /// <param name="service">The service signed for.</param>
    /// <param name="now">The time of the signature; AWS accepts 5 minutes of skew.</param>
    /// <param name="cancellationToken">Ends the reading of the body.</param>
    /// <exception cref="CredentialException">The body is larger than <see cref="MaxBody"/>.</exception>
    public static async ValueTask SignAsync(
        HttpRequestMessage request, AwsCredentials credentials, string region, string service, DateTimeOffset now, CancellationToken cancellationToken)
    {
        string bodyHash = await HashAsync(request.Content, cancellationToken).ConfigureAwait(false);
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        foreach (string name in (string[])["Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"])
            request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation("X-Amz-Date", time);
        if (credentials.SessionToken is { } token)
            request.Headers.TryAddWithoutValidation("X-Amz-Security-Token", token.Reveal());

        Uri url = request.RequestUri!;
        CanonicalRequest canonical = CanonicalRequest.Of(
            request.Method.Method, url.GetComponents(UriComponents.Path | UriComponents.KeepDelimiter, UriFormat.UriEscaped),
            url.GetComponents(UriComponents.Query, UriFormat.UriEscaped), Lines(request), bodyHash);
        string authorization = Authorization(canonical, credentials, region, service, time);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
    }

    /// <summary>The value of the <c>Authorization</c> header for a canonical request.</summary>
    /// <param name="canonical">The canonical request.</param>
    /// <param name="credentials">The keys.</param>
    /// <param name="region">The region signed for.</param>
    /// <param name="service">The service signed for.</param>
    /// <param name="time">The value of <c>X-Amz-Date</c>, for example <c>20150830T123600Z</c>.</param>
    public static string Authorization(CanonicalRequest canonical, AwsCredentials credentials, string region, string service, string time)
    {
        string day = time[..8];
        string scope = $"{day}/{region}/{service}/aws4_request";
        string toSign = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.Text)))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey.Reveal());
        foreach (string part in (string[])[day, region, service, "aws4_request"])
            key = Mac(key, part);
        return $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={canonical.SignedHeaders}, Signature={Hex(Mac(key, toSign))}";
    }

    private static IEnumerable<KeyValuePair<string, string>> Lines(HttpRequestMessage request)
    {
        Uri url = request.RequestUri!;
        string host = request.Headers.Host ?? (url.IsDefaultPort ? url.IdnHost : string.Create(CultureInfo.InvariantCulture, $"{url.IdnHost}:{url.Port}"));
        if (url.HostNameType == UriHostNameType.IPv6 && request.Headers.Host is null)
            host = url.Authority;
        yield return new("host", host);

        // HttpClient sends the values of one name as one line, so they are signed as that line.
        foreach ((string name, HeaderStringValues values) in request.Headers.NonValidated)
        {
            if (IsSigned(name))
                yield return new(name, values.ToString());
        }

        if (request.Content is null)
            yield break;
        foreach ((string name, HeaderStringValues values) in request.Content.Headers.NonValidated)
        {
            if (IsSigned(name))
                yield return new(name, values.ToString());
        }
    }

    private static bool IsSigned(string name) => !NotSigned.Contains(name) && !name.StartsWith("x-forwarded-", StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<string> HashAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        if (content is null)
            return Hex(SHA256.HashData([]));
        if (content.Headers.ContentLength > MaxBody)
            throw TooLarge();
        try
        {
            // Content that lies in memory can be read again when it is sent; anything else is kept.
            if (content is not (ReadOnlyMemoryContent or ByteArrayContent))
                await content.LoadIntoBufferAsync(MaxBody, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            throw TooLarge();
        }

        Stream body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] hash = await SHA256.HashDataAsync(body, cancellationToken).ConfigureAwait(false);
        if (body.CanSeek)
            body.Position = 0;
        return Hex(hash);
    }

    private static CredentialException TooLarge() => new("cannot be called: the request is larger than 10 MiB, more than is signed for AWS");

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
