using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Polling;

/// <summary>Reads what a gateway says of its backends at <c>/status</c> (Vmcp.Core.Status.StatusJson writes it). Pure.</summary>
internal static class PodAnswer
{
    // More than a gateway ever has; a body that claims more is not one of ours.
    private const int MaxBackends = 5_000;

    /// <summary>The backends, sorted by name, or null when the body is no status.</summary>
    public static ImmutableArray<ObservedBackend>? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("backends", out JsonElement backends)
                || backends.ValueKind != JsonValueKind.Array
                || backends.GetArrayLength() > MaxBackends)
            {
                return null;
            }

            SortedDictionary<string, ObservedBackend> read = new(StringComparer.Ordinal);
            foreach (JsonElement item in backends.EnumerateArray())
            {
                if (Text(item, "name") is not { Length: > 0 } name)
                    return null;
                read[name] = Backend(name, item);
            }

            return [.. read.Values];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for a text of half a surrogate pair, which is JSON and yet no text.
            return null;
        }
    }

    private static ObservedBackend Backend(string name, JsonElement item)
    {
        string health = Text(item, "health") ?? "unknown";
        string? category = Word(item, "last_error_category");
        JsonElement breaker = item.TryGetProperty("breaker", out JsonElement b) ? b : default;
        return new ObservedBackend
        {
            Name = name,
            Status = GatewayWords.StatusOf(health),
            Message = GatewayWords.MessageOf(health, category),
            AuthType = Word(item, "auth_type"),
            // The resource knows no other words, and one it does not know would have the whole status refused.
            CircuitBreakerState = Text(breaker, "state") is "closed" or "open" or "half-open" ? Text(breaker, "state") : null,
            CircuitLastChanged = Time(breaker, "last_changed"),
            LastHealthCheck = Time(item, "last_check"),
            ConsecutiveFailures = item.TryGetProperty("consecutive_failures", out JsonElement n) && n.ValueKind == JsonValueKind.Number && n.TryGetInt32(out int failures)
                ? failures
                : 0,
            McpRevision = Word(item, "mcp_revision"),
        };
    }

    private static string? Word(JsonElement parent, string name) => GatewayWords.Short(Text(parent, name));

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        Text(parent, name) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
        && time.Year > 1
            ? time
            : null;
}
