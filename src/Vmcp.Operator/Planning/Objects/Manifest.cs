using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The frame every child has: type, name, labels, annotations and the controller owner (operator.md 1.5).</summary>
internal static class Manifest
{
    public static JsonObject Of(
        ChildInput input,
        ResourceType type,
        string name,
        IEnumerable<KeyValuePair<string, string>>? labels = null,
        IEnumerable<KeyValuePair<string, string>>? annotations = null)
    {
        JsonObject metadata = new()
        {
            ["name"] = name,
            ["namespace"] = input.Server.Namespace,
            ["labels"] = ChildNames.Map(labels ?? ChildNames.Labels(input.Server.Name)),
        };
        if (annotations is not null)
            metadata["annotations"] = ChildNames.Map(annotations);
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = ToolHive.ApiVersion,
            ["kind"] = ToolHive.VirtualMCPServer.Kind,
            ["name"] = input.Server.Name,
            ["uid"] = input.Uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        return new JsonObject { ["apiVersion"] = type.ApiVersion, ["kind"] = type.Kind, ["metadata"] = metadata };
    }

    /// <summary>A list of strings.</summary>
    public static JsonArray Texts(params IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)t)]);

    /// <summary>A list of objects with a name each.</summary>
    public static JsonArray Named(IEnumerable<string> names) => new([.. names.Select(n => (JsonNode?)new JsonObject { ["name"] = n })]);
}
