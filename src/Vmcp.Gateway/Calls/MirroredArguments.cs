using System.Text.Json;

using Vmcp.Core.Catalogs;
using Vmcp.Protocol.Http;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>Arguments that travel as <c>Mcp-Param-*</c> headers too (MCP 2026-07-28, x-mcp-header).</summary>
internal static class MirroredArguments
{
    /// <summary>The call's headers with the mirrored arguments of its tool.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> AddTo(RoutedCall call)
    {
        if (call.Route is not ToolRoute { HeaderParameters: { IsEmpty: false } parameters })
            return call.Headers;
        List<KeyValuePair<string, string>> headers = [.. call.Headers];
        foreach (HeaderParameter parameter in parameters)
        {
            if (ValueOf(call.Envelope, parameter) is { } value)
                headers.Add(new KeyValuePair<string, string>(McpHeaders.ParamPrefix + parameter.Header, McpHeaders.Encode(value)));
        }

        return headers;
    }

    /// <summary>The header that does not say what the body says, or null when all agree.</summary>
    /// <param name="call">The call.</param>
    /// <param name="header">The client's value of a header by name, or null.</param>
    public static (string Header, string? Sent, string? InBody)? FindMismatch(RoutedCall call, Func<string, string?> header)
    {
        if (call.Route is not ToolRoute { HeaderParameters: { IsEmpty: false } parameters })
            return null;
        foreach (HeaderParameter parameter in parameters)
        {
            string name = McpHeaders.ParamPrefix + parameter.Header;
            string? sent = header(name);
            string? decoded = sent is null ? null : McpHeaders.Decode(sent);
            string? inBody = ValueOf(call.Envelope, parameter);
            if (sent is not null && decoded is null)
                return (name, sent, inBody);
            if (decoded != inBody && !SameNumber(decoded, inBody))
                return (name, sent, inBody);
        }

        return null;
    }

    /// <summary>The argument's text; null when it is absent, null, or neither string, integer nor boolean.</summary>
    private static string? ValueOf(Envelope envelope, HeaderParameter parameter)
    {
        ReadOnlySpan<byte> value = envelope.Bytes(envelope[ParamKey.Arguments]);
        foreach (string step in parameter.Path)
            value = value[RawJson.Find(value, System.Text.Encoding.UTF8.GetBytes(step))];
        if (value.IsEmpty)
            return null;
        Utf8JsonReader reader = new(value);
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => RawJson.ReadString(value),
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            _ => null,
        };
    }

    private static bool SameNumber(string? a, string? b) =>
        decimal.TryParse(a, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal x)
        && decimal.TryParse(b, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal y)
        && x == y;
}
