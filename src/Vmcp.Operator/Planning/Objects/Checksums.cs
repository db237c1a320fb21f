using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The checksums children carry, as lower-case hex SHA-256.</summary>
internal static class Checksums
{
    /// <summary>
    /// Of a ConfigMap: data, then labels, then annotations but the checksum itself, each sorted by key, key and value one after the other
    /// without separators (operator.md 2.4; the algorithm is fixed so that the same content keeps its checksum across operators).
    /// </summary>
    public static string ConfigMap(
        IEnumerable<KeyValuePair<string, string>> data,
        IEnumerable<KeyValuePair<string, string>> labels,
        IEnumerable<KeyValuePair<string, string>> annotations)
    {
        StringBuilder text = new();
        foreach (IEnumerable<KeyValuePair<string, string>> part in (ReadOnlySpan<IEnumerable<KeyValuePair<string, string>>>)[data, labels, annotations])
        {
            foreach ((string name, string value) in part.Where(e => e.Key != Annotations.ContentChecksum).OrderBy(e => e.Key, StringComparer.Ordinal))
                text.Append(name).Append(value);
        }

        return Hex(text.ToString());
    }

    /// <summary>Of the versions of what a pod takes values from, in any order.</summary>
    public static string Sources(ImmutableArray<MountedVersion> versions) => Hex(string.Join(
        '\n',
        versions.Select(v => $"{v.Kind}/{v.Name}={v.Fingerprint}").Distinct().Order(StringComparer.Ordinal)));

    /// <summary>Of a rendered pod template.</summary>
    public static string Template(JsonObject template) => Hex(template.ToJsonString());

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
