using System.Security.Cryptography;
using System.Text;

namespace Vmcp.TestKit;

/// <summary>
/// Checks an AWS Signature Version 4 as AWS would: from the bytes that arrived and the keys it gave out. Written apart from the gateway's signer,
/// after the documentation of AWS; enough for paths and queries of plain characters.
/// </summary>
public static class SigV4Check
{
    /// <summary>What is wrong with a request's signature; null when it is good.</summary>
    /// <param name="request">The request as it arrived.</param>
    /// <param name="secret">The secret key that belongs to the access key of the request.</param>
    /// <param name="region">The region it must be signed for.</param>
    /// <param name="service">The service it must be signed for.</param>
    public static string? Problem(RecordedRequest request, string secret, string region, string service)
    {
        if (request.Header("Authorization") is not { } authorization || !authorization.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal))
            return "it is not signed";
        Dictionary<string, string> parts = authorization["AWS4-HMAC-SHA256 ".Length..].Split(", ")
            .ToDictionary(p => p[..p.IndexOf('=')], p => p[(p.IndexOf('=') + 1)..], StringComparer.Ordinal);
        string[] signed = parts["SignedHeaders"].Split(';');
        string time = request.Header("X-Amz-Date") ?? "";
        string scope = string.Join('/', parts["Credential"].Split('/')[1..]);
        if (scope != $"{time.Split('T')[0]}/{region}/{service}/aws4_request")
            return $"its scope is {scope}";
        foreach (string needed in (string[])["host", "x-amz-date", "x-amz-security-token"])
        {
            if (!signed.Contains(needed))
                return $"{needed} is not signed";
        }

        if (!signed.SequenceEqual(signed.Order(StringComparer.Ordinal)))
            return "its signed headers are not sorted";
        string[] path = request.Path.Split('?', 2);
        StringBuilder canonical = new();
        canonical.Append(request.Verb).Append('\n').Append(path[0]).Append('\n');
        canonical.Append(string.Join('&', (path.Length > 1 ? path[1] : "").Split('&').Order(StringComparer.Ordinal))).Append('\n');
        foreach (string name in signed)
            canonical.Append(name).Append(':').Append(string.Join(' ', (request.Header(name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))).Append('\n');
        canonical.Append('\n').Append(parts["SignedHeaders"]).Append('\n').Append(Hash(request.Body));

        string text = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical.ToString()))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (string step in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        string expected = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return expected == parts["Signature"] ? null : "its signature does not fit its content";
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
