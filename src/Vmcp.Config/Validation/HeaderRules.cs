using System.Buffers;
using System.Collections.Frozen;

namespace Vmcp.Config.Validation;

/// <summary>Which headers may be sent to backends (vmcp-runtime 1.4, auth-and-ops 5.6).</summary>
public static class HeaderRules
{
    /// <summary>A header's name has at most so many characters.</summary>
    public const int MaxNameLength = 256;

    /// <summary>A header's value has at most so many characters.</summary>
    public const int MaxValueLength = 8192;

    /// <summary>So many client headers are passed through at most.</summary>
    public const int MaxPassthrough = 32;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> Restricted = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Host", "Connection", "Keep-Alive", "Te", "Trailer", "Upgrade", "Http2-Settings", "Proxy-Authorization", "Proxy-Authenticate",
        "Proxy-Connection", "Transfer-Encoding", "Content-Length", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
        "X-Real-Ip", "traceparent", "tracestate", "baggage", "Content-Type", "Accept", "Set-Cookie", "Expect", "Last-Event-ID",
        // These describe a body, and the body is written here. HttpClient would not even send them with a request that has none.
        "Allow", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Location", "Content-MD5", "Content-Range", "Expires",
        "Last-Modified");

    /// <summary>Why the gateway may not set this header on backend requests, or null when it may.</summary>
    public static string? NameProblem(string name)
    {
        if (name.Length == 0)
            return "a header name must not be empty";
        if (name.Length > MaxNameLength)
            return $"a header name has at most {MaxNameLength} characters";
        if (name.AsSpan().ContainsAnyExcept(TokenCharacters))
            return $"\"{name}\" is not an HTTP header name";
        if (Restricted.Contains(name)
            || name.StartsWith("Mcp-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase))
        {
            return $"the header {name} belongs to the gateway and the transport";
        }

        return null;
    }

    /// <summary>Why a client's header may not be passed through, or null when it may.</summary>
    public static string? PassthroughProblem(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
            ? $"the header {name} carries the client's own credentials and is never passed on"
            : NameProblem(name);

    /// <summary>Why a text is no header value, or null. The message does not show the value.</summary>
    public static string? ValueProblem(string value)
    {
        if (value.Length == 0)
            return "a header value must not be empty";
        if (value.Length > MaxValueLength)
            return $"a header value has at most {MaxValueLength} characters";
        if (value.Any(c => char.IsControl(c) && c != '\t'))
            return "a header value must not hold control characters (a line break at its end, perhaps)";
        if (value.Any(c => c > '\x7e' && c != '\t'))
            return "a header value must be ASCII";
        return char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1]) ? "a header value must not begin or end with white space" : null;
    }
}
