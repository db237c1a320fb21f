using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>Takes from a VirtualMCPServer what its children are made from.</summary>
internal static class ChildInputs
{
    public static ChildInput Of(VirtualMCPServer server, GatewayDocument document, OperatorSettings settings) => new()
    {
        Server = server.Key,
        Uid = server.Metadata.Uid,
        Mode = Modes.IsInline(server) ? Modes.Inline : Modes.Discovered,
        Replicas = server.Spec.Replicas,
        ServiceType = Or(server.Spec.ServiceType, "ClusterIP"),
        SessionAffinity = Or(server.Spec.SessionAffinity, "ClientIP"),
        ServiceAccount = string.IsNullOrEmpty(server.Spec.ServiceAccount) ? null : server.Spec.ServiceAccount,
        PullSecrets = PullSecrets(server.Spec.ImagePullSecrets.Select(s => s.Name), settings.ImagePullSecrets),
        Debug = LogLevel(server) == "debug",
        Document = document,
        Settings = settings,
    };

    /// <summary>The server's own first, then the operator's that it does not name itself; empty names are nothing (operator.md 2.6).</summary>
    public static ImmutableArray<string> PullSecrets(IEnumerable<string> own, IEnumerable<string> defaults) =>
        [.. own.Concat(defaults).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>The user's patch; null without one, and a problem when it is no object at all.</summary>
    public static (JsonObject? Patch, string? Problem) PodTemplatePatch(VirtualMCPServer server) => server.Spec.PodTemplateSpec switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => (null, null),
        { ValueKind: JsonValueKind.Object } patch => ((JsonObject)JsonNode.Parse(patch.GetRawText())!, null),
        { ValueKind: var kind } => (null, $"the template must be an object, not {kind}"),
    };

    private static string? LogLevel(VirtualMCPServer server)
    {
        if (Member(server.Spec.Config, "operational") is not { } operational)
            return null;
        JsonElement? level = Member(operational, "logLevel") ?? Member(operational, "log_level");
        return level is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out JsonElement member) ? member : null;

    private static string Or(string? text, string fallback) => string.IsNullOrEmpty(text) ? fallback : text;
}
