using System.Buffers;
using System.Text.Json;

namespace Vmcp.Protocol.Json;

/// <summary>Small questions and edits on JSON text that leave every other byte as it is.</summary>
public static class RawJson
{
    /// <summary>Whether a JSON string token (with quotes; trailing text is ignored) spells this text.</summary>
    public static bool StringEquals(ReadOnlySpan<byte> token, ReadOnlySpan<byte> text)
    {
        Utf8JsonReader reader = new(token, isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            return false; // a lone surrogate escape is no text we look for
        }
    }

    /// <summary>Whether a JSON string token (with quotes; trailing text is ignored) begins with this text.</summary>
    public static bool StringStartsWith(ReadOnlySpan<byte> token, ReadOnlySpan<byte> prefix)
    {
        if (token.IndexOf((byte)'\\') < 0)
            return token.Length > 1 && token[1..].StartsWith(prefix);
        return ReadString(token) is { } text && System.Text.Encoding.UTF8.GetBytes(text).AsSpan().StartsWith(prefix);
    }

    /// <summary>The text of a JSON string token, or null when the token is something else or no valid Unicode.</summary>
    public static string? ReadString(ReadOnlySpan<byte> token)
    {
        Utf8JsonReader reader = new(token, isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // broken UTF-8 or a lone surrogate
        }
    }

    /// <summary>The value of a member of an object, or an empty range when there is none (or the text is no object).</summary>
    public static Range Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (!IsObject(json))
            return default;
        RawMembers members = new(json);
        while (members.MoveNext())
        {
            if (members.NameIs(name))
                return members.Current.ValueStart..members.Current.ValueEnd;
        }

        return default;
    }

    /// <summary>Whether the first token opens an object.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json) => FirstByte(json) == '{';

    /// <summary>Whether the first token is a string.</summary>
    public static bool IsString(ReadOnlySpan<byte> json) => FirstByte(json) == '"';

    /// <summary>Whether the value is the literal true.</summary>
    public static bool IsTrue(ReadOnlySpan<byte> json) => FirstByte(json) == 't';

    /// <summary>Writes a text as a JSON string token.</summary>
    public static byte[] Quote(string text)
    {
        ArrayBufferWriter<byte> buffer = new(text.Length + 16);
        using (Utf8JsonWriter writer = new(buffer, JsonText.Relaxed))
            writer.WriteStringValue(text);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Copies an object without the members <paramref name="drop"/> names, then appends ready member text
    /// (<c>"a":1,"b":2</c>). The other members keep their bytes and order.
    /// </summary>
    public static byte[] Rebuild(ReadOnlySpan<byte> json, MemberFilter drop, ReadOnlySpan<byte> append)
    {
        ArrayBufferWriter<byte> output = new(json.Length + append.Length + 2);
        Rebuild(output, json, drop, append);
        return output.WrittenSpan.ToArray();
    }

    /// <inheritdoc cref="Rebuild(ReadOnlySpan{byte}, MemberFilter, ReadOnlySpan{byte})"/>
    public static void Rebuild(IBufferWriter<byte> output, ReadOnlySpan<byte> json, MemberFilter drop, ReadOnlySpan<byte> append)
    {
        output.Write("{"u8);
        bool any = false;
        RawMembers members = new(json);
        while (members.MoveNext())
        {
            if (drop(ref members))
                continue;
            if (any)
                output.Write(","u8);
            output.Write(json[members.Current.NameStart..members.Current.ValueEnd]);
            any = true;
        }

        if (!append.IsEmpty)
        {
            if (any)
                output.Write(","u8);
            output.Write(append);
        }

        output.Write("}"u8);
    }

    /// <summary>Replaces one range of a text.</summary>
    public static byte[] Splice(ReadOnlySpan<byte> json, int start, int end, ReadOnlySpan<byte> replacement)
    {
        byte[] result = new byte[json.Length - (end - start) + replacement.Length];
        json[..start].CopyTo(result);
        replacement.CopyTo(result.AsSpan(start));
        json[end..].CopyTo(result.AsSpan(start + replacement.Length));
        return result;
    }

    private static int FirstByte(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> text = json.TrimStart(" \t\r\n"u8);
        return text.IsEmpty ? -1 : text[0];
    }
}

/// <summary>Whether a member is left out of a copy.</summary>
/// <param name="members">Stands on the member in question.</param>
public delegate bool MemberFilter(ref RawMembers members);

/// <summary>How we write JSON: no needless escapes, as other MCP implementations do.</summary>
public static class JsonText
{
    /// <summary>Relaxed escaping; the text is never put into HTML by us.</summary>
    public static JsonWriterOptions Relaxed { get; } = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = false,
    };
}
