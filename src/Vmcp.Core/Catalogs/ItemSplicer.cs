using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vmcp.Core.Catalogs;

/// <summary>
/// Changes single members of an item and leaves every other byte as the backend sent it: unknown fields, number spellings, escapes, order.
/// </summary>
internal static class ItemSplicer
{
    /// <summary>Nesting an item may have; deeper ones are treated as no JSON.</summary>
    public const int MaxDepth = 256;

    /// <summary>Returns the item with another name and the override's description and annotations; the same memory when nothing changes.</summary>
    /// <param name="json">The item as it came.</param>
    /// <param name="name">The new value of <c>name</c>, or null to keep it.</param>
    /// <param name="change">The override, or null. Its <see cref="ToolOverride.Name"/> is not looked at.</param>
    /// <exception cref="JsonException">The item is no JSON object.</exception>
    public static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> json, string? name, ToolOverride? change)
    {
        AnnotationValues annotations = AnnotationValues.Of(change);
        if (name is null && change?.Description is null && annotations.IsEmpty)
            return json;

        List<Edit> edits = [];
        bool named = name is null, described = change?.Description is null, annotated = annotations.IsEmpty, empty = true;
        Utf8JsonReader reader = new(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The item is no JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            bool isName = reader.ValueTextEquals("name"u8);
            bool isDescription = reader.ValueTextEquals("description"u8);
            bool isAnnotations = reader.ValueTextEquals("annotations"u8);
            reader.Read();
            if (isName && name is not null)
            {
                edits.Add(ReplaceValue(ref reader, Text(name)));
                named = true;
            }
            else if (isDescription && change?.Description is { } description)
            {
                edits.Add(ReplaceValue(ref reader, Text(description)));
                described = true;
            }
            else if (isAnnotations && !annotations.IsEmpty)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    annotations.EditInside(ref reader, edits);
                else
                    edits.Add(ReplaceValue(ref reader, annotations.ToObject()));
                annotated = true;
            }
            else
            {
                reader.Skip();
            }
        }

        MemberWriter tail = new(!empty);
        if (!named)
            tail.Add("name"u8, Text(name!));
        if (!described)
            tail.Add("description"u8, Text(change!.Description!));
        if (!annotated)
            tail.Add("annotations"u8, annotations.ToObject());
        edits.Add(new Edit((int)reader.TokenStartIndex, 0, tail.ToArray()));
        return Apply(json, edits);
    }

    internal static Edit ReplaceValue(ref Utf8JsonReader reader, byte[] value)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new Edit(start, (int)reader.BytesConsumed - start, value);
    }

    // The relaxed encoder escapes only what JSON requires: the bytes are an API answer, never HTML.
    internal static byte[] Text(string value) =>
        [(byte)'"', .. JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];

    private static byte[] Apply(ReadOnlyMemory<byte> json, List<Edit> edits)
    {
        byte[] result = new byte[json.Length + edits.Sum(e => e.Bytes.Length - e.Length)];
        int from = 0, to = 0;
        foreach (Edit edit in edits)
        {
            json.Span[from..edit.Start].CopyTo(result.AsSpan(to));
            to += edit.Start - from;
            edit.Bytes.CopyTo(result.AsSpan(to));
            to += edit.Bytes.Length;
            from = edit.Start + edit.Length;
        }

        json.Span[from..].CopyTo(result.AsSpan(to));
        return result;
    }

    /// <summary>Replaces bytes of the original; edits come in order and do not overlap.</summary>
    internal readonly record struct Edit(int Start, int Length, byte[] Bytes);

    /// <summary>Writes members to be put before a closing brace.</summary>
    internal sealed class MemberWriter(bool needsComma)
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private bool _needsComma = needsComma;

        public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            if (_needsComma)
                _buffer.Write(","u8);
            _buffer.Write("\""u8);
            _buffer.Write(name);
            _buffer.Write("\":"u8);
            _buffer.Write(value);
            _needsComma = true;
        }

        public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
    }
}
