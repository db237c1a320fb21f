using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>
/// Role and RoleBinding of a discovered gateway: reads the backends of its namespace, reads by name exactly the Secrets and ConfigMaps in
/// use, writes its own status and holds its own Lease (operator.md 2.3, design 5.7). An inline gateway has neither.
/// </summary>
internal static class AccessObjects
{
    private static readonly string[] Watch = ["get", "list", "watch"];

    public static DesiredObject Role(ChildInput input)
    {
        JsonObject body = Manifest.Of(input, BuiltIn.Role, ChildNames.Account(input.Server.Name));
        body["rules"] = new JsonArray([.. Rules(input)]);
        return new DesiredObject(BuiltIn.Role, body);
    }

    public static DesiredObject Binding(ChildInput input)
    {
        string name = ChildNames.Account(input.Server.Name);
        JsonObject body = Manifest.Of(input, BuiltIn.RoleBinding, name);
        body["roleRef"] = new JsonObject { ["apiGroup"] = BuiltIn.Role.Group, ["kind"] = BuiltIn.Role.Kind, ["name"] = name };
        body["subjects"] = new JsonArray(new JsonObject
        {
            ["kind"] = BuiltIn.ServiceAccount.Kind,
            ["name"] = name,
            ["namespace"] = input.Server.Namespace,
        });
        return new DesiredObject(BuiltIn.RoleBinding, body);
    }

    /// <summary>A Role or RoleBinding as it is: it stays until the last pod that uses it is gone.</summary>
    public static DesiredObject AsItIs(ChildInput input, ResourceType type, KubeObject live)
    {
        JsonObject body = Manifest.Of(input, type, live.Meta.Name);
        foreach (string member in (ReadOnlySpan<string>)["rules", "roleRef", "subjects"])
        {
            if (live.At(member) is { } value)
                body[member] = JsonNode.Parse(value.GetRawText());
        }

        return new DesiredObject(type, body);
    }

    private static IEnumerable<JsonNode?> Rules(ChildInput input)
    {
        string server = input.Server.Name;
        string plural = ToolHive.VirtualMCPServer.Plural;
        yield return Rule(
            ToolHive.Group,
            [
                ToolHive.MCPGroup.Plural, ToolHive.MCPServer.Plural, ToolHive.MCPRemoteProxy.Plural, ToolHive.MCPServerEntry.Plural,
                ToolHive.MCPExternalAuthConfig.Plural, ToolHive.MCPToolConfig.Plural,
            ],
            Watch);
        yield return Rule(ToolHive.Group, [plural], ["get"], [server]);
        yield return Rule(ToolHive.Group, [$"{plural}/status"], ["update", "patch"], [server]);
        yield return Rule(BuiltIn.Lease.Group, [BuiltIn.Lease.Plural], ["get", "update", "patch"], [ChildNames.StatusLease(server)]);

        // A create request has no name yet when it is authorized, so it cannot be limited to one (Kubernetes, RBAC, resourceNames).
        yield return Rule(BuiltIn.Lease.Group, [BuiltIn.Lease.Plural], ["create"]);
        if (input.Settings.BroadSecretRead)
        {
            yield return Rule("", [BuiltIn.ConfigMap.Plural, BuiltIn.Secret.Plural], Watch);
            yield break;
        }

        if (ByName(BuiltIn.Secret, input.Document.ReadSecrets) is { } secrets)
            yield return secrets;
        if (ByName(BuiltIn.ConfigMap, input.Document.ReadConfigMaps) is { } configMaps)
            yield return configMaps;
    }

    // A rule without resourceNames allows every name, so no names must mean no rule.
    private static JsonObject? ByName(ResourceType type, ImmutableArray<string> names) =>
        names.IsEmpty ? null : Rule("", [type.Plural], ["get"], names.Distinct().Order(StringComparer.Ordinal));

    private static JsonObject Rule(string group, IEnumerable<string> resources, IEnumerable<string> verbs, IEnumerable<string>? names = null)
    {
        JsonObject rule = new()
        {
            ["apiGroups"] = Manifest.Texts(group),
            ["resources"] = Manifest.Texts(resources),
            ["verbs"] = Manifest.Texts(verbs),
        };
        if (names is not null)
            rule["resourceNames"] = Manifest.Texts(names);
        return rule;
    }
}
