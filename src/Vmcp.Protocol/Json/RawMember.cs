using System.Text.Json;

namespace Vmcp.Protocol.Json;

/// <summary>One member of a JSON object as offsets into the text it was found in.</summary>
/// <param name="NameStart">Where the name's opening quote is.</param>
/// <param name="ValueStart">Where the value begins.</param>
/// <param name="ValueEnd">One past the value's last byte.</param>
public readonly record struct RawMember(int NameStart, int ValueStart, int ValueEnd)
{
    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json) => json[ValueStart..ValueEnd];
}

/// <summary>Walks the members of a JSON object without building anything.</summary>
public ref struct RawMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    /// <summary>Starts at an object. The text must be valid JSON that was scanned before.</summary>
    /// <exception cref="JsonException">The text is not an object.</exception>
    public RawMembers(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Expected an object.");
        ObjectStart = (int)_reader.TokenStartIndex;
    }

    /// <summary>Where the object's opening brace is.</summary>
    public int ObjectStart { get; }

    /// <summary>The member found by the last <see cref="MoveNext"/>.</summary>
    public RawMember Current { get; private set; }

    /// <summary>Moves to the next member; false at the end of the object.</summary>
    public bool MoveNext()
    {
        if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndObject)
            return false;
        int name = (int)_reader.TokenStartIndex;
        _reader.Read();
        int start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Current = new RawMember(name, start, (int)_reader.BytesConsumed);
        return true;
    }

    /// <summary>Whether the current member has this name, escapes resolved.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> text = _json[(Current.NameStart + 1)..];
        if (text.StartsWith(name) && text[name.Length] == '"')
            return true;
        return RawJson.StringEquals(_json[Current.NameStart..Current.ValueStart], name);
    }

    /// <summary>Whether the current member's name begins with this text, escapes resolved.</summary>
    public readonly bool NameStartsWith(ReadOnlySpan<byte> prefix) =>
        _json[(Current.NameStart + 1)..].StartsWith(prefix)
        || RawJson.StringStartsWith(_json[Current.NameStart..Current.ValueStart], prefix);
}

/// <summary>Bounds of what is parsed.</summary>
public static class JsonLimits
{
    /// <summary>Deepest nesting of any message, in either direction.</summary>
    public const int MaxDepth = 64;

    /// <summary>Largest body a client may POST: 8 MiB (vmcp-runtime 3).</summary>
    public const int MaxClientBody = 8 * 1024 * 1024;

    /// <summary>Largest single message a backend may answer with: 64 MiB.</summary>
    public const int MaxBackendMessage = 64 * 1024 * 1024;

    /// <summary>Largest answer to one page of a list: 16 MiB.</summary>
    public const int MaxListPage = 16 * 1024 * 1024;

    /// <summary>Items of one kind one backend may list.</summary>
    public const int MaxListItems = 10_000;

    /// <summary>Pages of one list that are followed.</summary>
    public const int MaxListPages = 1_000;
}
