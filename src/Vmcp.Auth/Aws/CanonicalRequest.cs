using System.Text;

namespace Vmcp.Auth.Aws;

/// <summary>The canonical form of a request that AWS Signature Version 4 signs; the same request gives the same text on both sides.</summary>
/// <param name="Text">The canonical request.</param>
/// <param name="SignedHeaders">Names of the headers in it, sorted, joined with semicolons.</param>
internal sealed record CanonicalRequest(string Text, string SignedHeaders)
{
    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Builds the form.</summary>
    /// <param name="method">The HTTP method in capitals.</param>
    /// <param name="path">The path as it is on the wire; empty is the root.</param>
    /// <param name="query">The query as it is on the wire, without the question mark.</param>
    /// <param name="headers">Header lines to sign; lines of one name keep their order.</param>
    /// <param name="bodyHash">SHA-256 of the body in hexadecimal.</param>
    public static CanonicalRequest Of(
        string method, string path, string query, IEnumerable<KeyValuePair<string, string>> headers, string bodyHash)
    {
        StringBuilder text = new(512);
        text.Append(method).Append('\n').Append(Path(path)).Append('\n').Append(Query(query)).Append('\n');
        SortedDictionary<string, string> merged = new(StringComparer.Ordinal);
        foreach ((string name, string value) in headers)
        {
            string key = name.ToLowerInvariant();
            merged[key] = merged.TryGetValue(key, out string? before) ? $"{before},{Trimmed(value)}" : Trimmed(value);
        }

        foreach ((string name, string value) in merged)
            text.Append(name).Append(':').Append(value).Append('\n');
        string signed = string.Join(';', merged.Keys);
        text.Append('\n').Append(signed).Append('\n').Append(bodyHash);
        return new CanonicalRequest(text.ToString(), signed);
    }

    /// <summary>
    /// The path, normalised and encoded once more: what is already encoded on the wire is encoded twice, as every service but S3 wants it.
    /// </summary>
    public static string Path(string path)
    {
        List<string> kept = [];
        string[] segments = path.Split('/');
        foreach (string segment in segments)
        {
            if (segment == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            else if (segment is not ("" or "." or ".."))
                kept.Add(Encode(segment));
        }

        bool open = segments[^1] is "" or "." or "..";
        return kept.Count == 0 ? "/" : $"/{string.Join('/', kept)}{(open ? "/" : "")}";
    }

    /// <summary>The query, decoded and encoded again in one way, sorted by name, then by value, in the order of bytes.</summary>
    public static string Query(string query)
    {
        if (query.Length == 0)
            return "";
        List<(string Name, string Value)> pairs = [];
        foreach (string part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals];
            pairs.Add((Recoded(name), equals < 0 ? "" : Recoded(part[(equals + 1)..])));
        }

        pairs.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name) is var order and not 0 ? order : string.CompareOrdinal(a.Value, b.Value));
        return string.Join('&', pairs.Select(p => $"{p.Name}={p.Value}"));
    }

    /// <summary>Encodes every byte of the UTF-8 form but letters, digits and <c>- . _ ~</c>, with capital hexadecimal digits.</summary>
    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    private static string Encode(byte[] bytes)
    {
        StringBuilder encoded = new(bytes.Length);
        foreach (byte b in bytes)
        {
            if (Unreserved.Contains((char)b, StringComparison.Ordinal))
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(Convert.ToHexString([b]));
        }

        return encoded.ToString();
    }

    // A plus in a query is read as a space, as forms have it and as AWS's own signers do.
    private static string Recoded(string part)
    {
        byte[] raw = Encoding.UTF8.GetBytes(part);
        byte[] plain = new byte[raw.Length];
        int length = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            bool escape = raw[i] == '%' && i + 2 < raw.Length && char.IsAsciiHexDigit((char)raw[i + 1]) && char.IsAsciiHexDigit((char)raw[i + 2]);
            if (escape)
            {
                plain[length++] = Convert.FromHexString([(char)raw[i + 1], (char)raw[i + 2]])[0];
                i += 2;
            }
            else
            {
                plain[length++] = raw[i] == '+' ? (byte)' ' : raw[i];
            }
        }

        return Encode(plain[..length]);
    }

    // Spaces around a value are not signed, several within it count as one.
    private static string Trimmed(string value)
    {
        StringBuilder text = new(value.Length);
        foreach (char c in value.AsSpan().Trim())
        {
            bool space = char.IsWhiteSpace(c);
            if (!space)
                text.Append(c);
            else if (text[^1] != ' ')
                text.Append(' ');
        }

        return text.ToString();
    }
}
