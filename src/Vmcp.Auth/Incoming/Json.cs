using System.Text.Json;
using System.Text.Unicode;

namespace Vmcp.Auth.Incoming;

/// <summary>How JSON that decides about access is read.</summary>
internal static class Json
{
    private const int MaxDepth = 32;

    // A name that is there twice would mean one thing here and another elsewhere (RFC 7519 4).
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>
    /// Reads a document all of whose texts are texts. The parser takes bytes that are no UTF-8 and halves of surrogate pairs for granted and throws
    /// whenever such a text is looked at: anybody could then end a request in a defect.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON, names a member twice, is too deep, or holds what is no text.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> document)
    {
        if (!Utf8.IsValid(document))
            throw new JsonException("The document is not UTF-8.");
        Utf8JsonReader reader = new(document, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !IsText(ref reader))
                throw new JsonException("The document holds half a character.");
        }

        return JsonElement.Parse(document, Strict);
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
