using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Config.Writing;

namespace Vmcp.Config.Shapes;

/// <summary>Any value, kept as JSON: schemas, arguments, defaults. Keys and spelling stay as written.</summary>
/// <param name="mustBeMap">Only a map will do.</param>
internal sealed class FreeKind(bool mustBeMap) : Kind<FreeValue>
{
    public override ValueForm Form => new ValueForm.Plain(mustBeMap ? "a map, any keys" : "any value", "{}");

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override bool TryRead(Node node, string path, ReadContext context, [MaybeNullWhen(false)] out FreeValue value)
    {
        value = null;
        if (mustBeMap && node is not MapNode)
        {
            context.WrongKind(path, node, "a map");
            return false;
        }

        ArrayBufferWriter<byte> buffer = new();
        bool good;
        using (Utf8JsonWriter writer = new(buffer, Options))
            good = Append(writer, node, path, context);
        if (good)
            value = FreeValue.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan));
        return good;
    }

    public override OutNode Write(FreeValue value) => Write(value.Element);

    private static OutNode Write(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new OutMap(
            [.. element.EnumerateObject().Select(p => new KeyValuePair<string, OutNode>(p.Name, Write(p.Value)))]),
        JsonValueKind.Array => new OutList([.. element.EnumerateArray().Select(Write)]),
        JsonValueKind.String => new OutScalar(YamlText.Text(element.GetString()!)),
        _ => new OutScalar(element.GetRawText()),
    };

    private static bool Append(Utf8JsonWriter writer, Node node, string path, ReadContext context)
    {
        context.Source.Mark(path, node.Line);
        bool good = true;
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (MapEntry entry in context.UniqueEntries(map, path))
                {
                    writer.WritePropertyName(entry.Key.Text);
                    good &= Append(writer, entry.Value, Paths.Join(path, entry.Key.Text), context);
                }

                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                for (int i = 0; i < list.Items.Length; i++)
                    good &= Append(writer, list.Items[i], Paths.Item(path, i), context);
                writer.WriteEndArray();
                break;
            case ScalarNode scalar:
                good = Append(writer, scalar, path, context);
                break;
        }

        return good;
    }

    private static bool Append(Utf8JsonWriter writer, ScalarNode scalar, string path, ReadContext context)
    {
        switch (scalar.Type)
        {
            case ScalarKind.Null:
                writer.WriteNullValue();
                return true;
            case ScalarKind.Boolean:
                writer.WriteBooleanValue(scalar.Text is "true" or "True" or "TRUE");
                return true;
            case ScalarKind.Text:
                writer.WriteStringValue(scalar.Text);
                return true;
        }

        if (Number(scalar) is not { } number)
        {
            context.Error(path, scalar.Line, $"the number {scalar.Shown} does not fit into JSON");
            writer.WriteNullValue();
            return false;
        }

        writer.WriteRawValue(number);
        return true;
    }

    // A number JSON knows stays as written, whatever its length; 0x1f, +5 and .5 are respelled.
    private static string? Number(ScalarNode scalar)
    {
        string text = scalar.Text;
        if (scalar.Type == ScalarKind.Integer && (text.StartsWith("0x", StringComparison.Ordinal) || text.StartsWith("0o", StringComparison.Ordinal)))
            return IntegerKind.TryParse(text, out long value) ? value.ToString(CultureInfo.InvariantCulture) : null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return text;
        }
        catch (JsonException)
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real)
                ? real.ToString("R", CultureInfo.InvariantCulture)
                : null;
        }
    }
}
