using System.Buffers;
using System.Text;
using System.Text.Json;
using Vmcp.Config.Backends;
using Vmcp.Config.Values;

namespace Vmcp.Resources.Backends;

/// <summary>The static headers of an entry as the variables a gateway reads them from (vmcp-runtime 1.7).</summary>
internal static class HeaderVariables
{
    private const string SecretPrefix = "TOOLHIVE_SECRET_";

    /// <summary>The variables; none without headers.</summary>
    public static IEnumerable<AuthVariable> Of(MemberBackend member)
    {
        if (member.PlainHeaders.IsEmpty && member.SecretHeaders.IsEmpty)
            yield break;
        yield return new AuthVariable(HeaderForward.ManifestVariable(member.Name)) { Text = Manifest(member) };
        foreach (SecretHeader header in member.SecretHeaders)
            yield return new AuthVariable(HeaderForward.SecretVariable(member.Name, header.Header)) { Secret = header.Secret, Key = header.Key };
    }

    private static string Manifest(MemberBackend member)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            Map(writer, "addPlaintextHeaders", member.PlainHeaders);
            Map(
                writer,
                "addHeadersFromSecret",
                SortedMap.Create(member.SecretHeaders.Select(
                    h => KeyValuePair.Create(h.Header, HeaderForward.SecretVariable(member.Name, h.Header)[SecretPrefix.Length..]))));
            writer.WriteEndObject();
        }

        // Kubernetes would take $(X) in a header's value for a variable and $$ for a dollar sign (core/v1 EnvVar).
        return Encoding.UTF8.GetString(buffer.WrittenSpan).Replace("$", "\\u0024", StringComparison.Ordinal);
    }

    private static void Map(Utf8JsonWriter writer, string name, SortedMap<string> entries)
    {
        if (entries.IsEmpty)
            return;
        writer.WriteStartObject(name);
        foreach ((string key, string value) in entries)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }
}
