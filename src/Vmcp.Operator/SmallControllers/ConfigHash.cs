using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Operator.SmallControllers;

/// <summary><c>status.configHash</c>: changes whenever a spec means something else, and only then.</summary>
internal static class ConfigHash
{
    /// <summary>SHA-256 over the spec with members sorted and nulls left out, in hexadecimal; Secrets it names are not part of it (operator 4.1).</summary>
    public static string Of(JsonNode? spec)
    {
        StringBuilder canonical = new();
        Append(canonical, spec);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
    }

    private static void Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject map:
                text.Append('{');
                foreach ((string key, JsonNode? value) in map.Where(m => m.Value is not null).OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    text.Append(JsonValue.Create(key).ToJsonString()).Append(':');
                    Append(text, value);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (JsonNode? item in list)
                {
                    Append(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                // A text is written anew, so that the escapes an object was stored with make no difference.
                text.Append(node.GetValueKind() == JsonValueKind.String ? JsonValue.Create(node.GetValue<string>()).ToJsonString() : node.ToJsonString());
                break;
        }
    }
}
