using System.Text.Json;

namespace Vmcp.Config.Values;

/// <summary>A value whose form the configuration does not fix: a JSON Schema, tool arguments, a default. Held as canonical JSON.</summary>
/// <remarks>Canonical: object keys sorted (ordinal), no white space, so equal values have equal text.</remarks>
public sealed class FreeValue : IEquatable<FreeValue>
{
    private FreeValue(string json, JsonElement element)
    {
        Json = json;
        Element = element;
    }

    /// <summary>The canonical JSON text.</summary>
    public string Json { get; }

    /// <summary>The value as JSON; it lives as long as the process.</summary>
    public JsonElement Element { get; }

    /// <summary>Takes any JSON text.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static FreeValue Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        string canonical = CanonicalJson.Write(document.RootElement);
        using JsonDocument sorted = JsonDocument.Parse(canonical);
        return new FreeValue(canonical, sorted.RootElement.Clone());
    }

    /// <inheritdoc />
    public bool Equals(FreeValue? other) => other is not null && other.Json == Json;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as FreeValue);

    /// <inheritdoc />
    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Json;
}
