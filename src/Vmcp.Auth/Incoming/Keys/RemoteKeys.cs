using System.Net.Http.Headers;
using System.Text.Json;

using Vmcp.Auth.Http;

namespace Vmcp.Auth.Incoming.Keys;

/// <summary>
/// Keys from the provider, by discovery (OpenID Connect Discovery 1.0; RFC 8414 where there is no such document) or from a URL that is given.
/// </summary>
/// <remarks>
/// Not the library's ConfigurationManager: it keeps its own time, asks again whenever a caller wants it to, and takes a document of any issuer.
/// </remarks>
internal sealed class RemoteKeys(OidcOptions options, IdentityHttp http) : IKeySource
{
    private const int MaxTokenFile = 64 * 1024;

    /// <inheritdoc />
    public TimeSpan Interval => TimeSpan.FromMinutes(15);

    /// <inheritdoc />
    public TimeSpan Floor => TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public async Task<KeyFetch> FetchAsync(CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? bearer = null;
        if (options.JwksAuthTokenPath is { } path)
        {
            // Projected tokens rotate: each fetch takes the newest.
            if (await ReadTokenAsync(path, cancellationToken).ConfigureAwait(false) is not { } token)
                return new KeyFetch.Failed("incomingAuth.oidc.jwksAuthTokenPath: the file cannot be read or holds no token.");
            bearer = new AuthenticationHeaderValue("Bearer", token);
        }

        Uri? keys = options.JwksUrl;
        if (keys is null)
        {
            (keys, string? problem) = await DiscoverAsync(bearer, cancellationToken).ConfigureAwait(false);
            if (keys is null)
                return new KeyFetch.Failed($"incomingAuth.oidc.issuer: the provider {problem}.");
        }

        string field = options.JwksUrl is null ? "issuer: the key endpoint of the provider" : "jwksUrl: the key endpoint";
        switch (await http.SendAsync(() => Get(keys, bearer), cancellationToken).ConfigureAwait(false))
        {
            case IdentityAnswer.Answered { IsSuccess: true } answer:
                return KeySetReader.Read(answer.Body, out string? problem) is { } set
                    ? new KeyFetch.Fetched(set, answer.MaxAge)
                    : new KeyFetch.Failed($"incomingAuth.oidc.{field} sent {problem}.");
            case IdentityAnswer.Answered answer:
                return new KeyFetch.Failed($"incomingAuth.oidc.{field} answered {answer.Status}.");
            case IdentityAnswer.Unreachable { Reason: var reason }:
                return new KeyFetch.Failed($"incomingAuth.oidc.{field} {reason}.");
            default:
                throw new InvalidOperationException("Unknown answer of the provider.");
        }
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private async Task<(Uri? Keys, string? Problem)> DiscoverAsync(AuthenticationHeaderValue? bearer, CancellationToken cancellationToken)
    {
        IdentityAnswer answer = await http.SendAsync(() => Get(OpenIdUrl(options.Issuer), bearer), cancellationToken).ConfigureAwait(false);
        if (answer is IdentityAnswer.Answered { Status: 404 })
            answer = await http.SendAsync(() => Get(OAuthUrl(options.Issuer), bearer), cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            IdentityAnswer.Answered { IsSuccess: true } found => ReadDiscovery(found.Body),
            IdentityAnswer.Answered refused => (null, $"answered discovery with {refused.Status}"),
            IdentityAnswer.Unreachable away => (null, away.Reason),
            _ => throw new InvalidOperationException("Unknown answer of the provider."),
        };
    }

    // OpenID Connect Discovery 4.3: the issuer must be the one that was asked, exactly; else one provider could speak for another.
    private (Uri? Keys, string? Problem) ReadDiscovery(ReadOnlyMemory<byte> body)
    {
        try
        {
            JsonElement root = Json.Parse(body.Span);
            if (root.ValueKind != JsonValueKind.Object)
                return (null, "sent a discovery document that is no JSON object");
            if (!root.TryGetProperty("issuer", out JsonElement issuer) || issuer.ValueKind != JsonValueKind.String || !issuer.ValueEquals(options.Issuer))
                return (null, "sent a discovery document of another issuer; both must be the same, byte for byte, also a slash at the end");
            return root.TryGetProperty("jwks_uri", out JsonElement keys) && keys.ValueKind == JsonValueKind.String
                && Uri.TryCreate(keys.GetString(), UriKind.Absolute, out Uri? url) && url.UserInfo.Length == 0
                ? (url, null)
                : (null, "sent a discovery document without a usable jwks_uri; write incomingAuth.oidc.jwksUrl");
        }
        catch (JsonException)
        {
            return (null, "sent a discovery document that is no JSON");
        }
    }

    private static Uri OpenIdUrl(string issuer) => new(issuer.TrimEnd('/') + "/.well-known/openid-configuration");

    // RFC 8414 3.1: the well-known part goes between host and path.
    private static Uri OAuthUrl(string issuer)
    {
        Uri url = new(issuer);
        return new Uri(url.GetLeftPart(UriPartial.Authority) + "/.well-known/oauth-authorization-server" + url.AbsolutePath.TrimEnd('/'));
    }

    private static HttpRequestMessage Get(Uri url, AuthenticationHeaderValue? bearer)
    {
        HttpRequestMessage request = new(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = bearer;
        return request;
    }

    private static async Task<string?> ReadTokenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > MaxTokenFile)
                return null;
            string token = (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
            return token.Length > 0 && BearerHeader.IsToken(token) ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
