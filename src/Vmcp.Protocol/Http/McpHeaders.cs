using System.Text;

namespace Vmcp.Protocol.Http;

/// <summary>HTTP header names of MCP and their value encoding.</summary>
public static class McpHeaders
{
    /// <summary>The Legacy session id.</summary>
    public const string SessionId = "Mcp-Session-Id";

    /// <summary>The protocol revision of a request.</summary>
    public const string ProtocolVersion = "MCP-Protocol-Version";

    /// <summary>The JSON-RPC method (Modern).</summary>
    public const string Method = "Mcp-Method";

    /// <summary>Tool or prompt name, resource URI or task id (Modern).</summary>
    public const string Name = "Mcp-Name";

    /// <summary>Prefix of headers that mirror arguments (Modern).</summary>
    public const string ParamPrefix = "Mcp-Param-";

    private const string SentinelStart = "=?base64?";
    private const string SentinelEnd = "?=";

    /// <summary>
    /// A value as it travels in a header: as it is when plain visible ASCII, else <c>=?base64?…?=</c> of its UTF-8
    /// (MCP 2026-07-28, request headers).
    /// </summary>
    public static string Encode(string value) =>
        IsPlain(value) ? value : SentinelStart + Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) + SentinelEnd;

    /// <summary>The value behind a header's text; null when the sentinel holds no valid base64 of UTF-8.</summary>
    public static string? Decode(string text)
    {
        if (!text.StartsWith(SentinelStart, StringComparison.Ordinal) || !text.EndsWith(SentinelEnd, StringComparison.Ordinal)
            || text.Length < SentinelStart.Length + SentinelEnd.Length)
            return text;
        byte[] buffer = new byte[text.Length];
        if (!Convert.TryFromBase64Chars(text.AsSpan(SentinelStart.Length..^SentinelEnd.Length), buffer, out int written))
            return null;
        try
        {
            return Strict.GetString(buffer, 0, written);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static bool IsPlain(string value)
    {
        if (value.Length == 0 || value[0] == ' ' || value[^1] == ' ' || value.StartsWith(SentinelStart, StringComparison.Ordinal))
            return value.Length == 0;
        foreach (char c in value)
        {
            if (c is < ' ' or > '~')
                return false;
        }

        return true;
    }
}
