using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The ConfigMap with <c>config.yaml</c> (operator.md 2.4).</summary>
internal static class ConfigMapObject
{
    public static DesiredObject Of(ChildInput input)
    {
        KeyValuePair<string, string>[] labels = Labels(input);
        JsonObject body = Manifest.Of(
            input,
            BuiltIn.ConfigMap,
            ChildNames.ConfigMap(input.Server.Name),
            labels,
            [new(Annotations.ContentChecksum, Checksum(input))]);
        body["data"] = ChildNames.Map(Data(input));
        return new DesiredObject(BuiltIn.ConfigMap, body);
    }

    /// <summary>The checksum of its content.</summary>
    public static string Checksum(ChildInput input) => Checksums.ConfigMap(Data(input), Labels(input), []);

    // Mind the .io here against .dev elsewhere: existing selectors use it.
    private static KeyValuePair<string, string>[] Labels(ChildInput input) =>
    [
        new("toolhive.stacklok.io/component", "vmcp-config"),
        new("toolhive.stacklok.io/virtual-mcp-server", input.Server.Name),
        new("toolhive.stacklok.io/managed-by", "toolhive-operator"),
    ];

    private static KeyValuePair<string, string>[] Data(ChildInput input) => [new(ChildNames.ConfigKey, input.Document.ConfigYaml)];
}
