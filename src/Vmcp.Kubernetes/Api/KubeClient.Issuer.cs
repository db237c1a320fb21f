using System.Text.Json;

namespace Vmcp.Kubernetes.Api;

/// <summary>The API server as an issuer of tokens.</summary>
public sealed partial class KubeClient : ITokenIssuer
{
    private const string DiscoveryPath = ".well-known/openid-configuration";

    // The server's own path; the jwks_uri of the document may be an address that only pods reach, or a public one elsewhere.
    private const string KeysPath = "openid/v1/jwks";

    /// <inheritdoc/>
    async Task<IssuerKeys> ITokenIssuer.ReadAsync(CancellationToken cancellationToken)
    {
        string issuer = await ReadAsync("read the issuer of tokens", DiscoveryPath, Json, Issuer, cancellationToken).ConfigureAwait(false);
        string keys = await ReadAsync("read the keys of tokens", KeysPath, "application/jwk-set+json, application/json", PublicKeys.Of, cancellationToken).ConfigureAwait(false);
        return new IssuerKeys(issuer, keys);
    }

    private async Task<T> ReadAsync<T>(string what, string path, string accept, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellationToken) =>
        Read(what, await _http.SendAsync(what, () => Request(HttpMethod.Get, path, accept), cancellationToken).ConfigureAwait(false), read);

    private static string Issuer(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        return document.RootElement.ValueKind == JsonValueKind.Object && Text(document.RootElement, "issuer") is { Length: > 0 } issuer
            ? issuer
            : throw new JsonException("no issuer");
    }
}
