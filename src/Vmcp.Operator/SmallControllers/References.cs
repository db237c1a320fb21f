using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.SmallControllers;

/// <summary>Which objects of its namespace an object names, as its spec spells it. Read from JSON, so that objects of any state can be asked.</summary>
public static class References
{
    /// <summary>What one object names: kind and name, in no particular order, repetitions possible, empty names left out.</summary>
    /// <param name="kind">The object's kind; items of a list do not carry it.</param>
    /// <param name="source">The object.</param>
    public static IEnumerable<Referrer> Of(string kind, KubeObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.At("spec") is not { ValueKind: JsonValueKind.Object } spec)
            return [];
        IEnumerable<(string Kind, string? Name)> found = kind switch
        {
            "VirtualMCPServer" => Gateway(spec),
            "MCPServer" or "MCPRemoteProxy" => Workload(spec),
            "MCPServerEntry" => Entry(spec),
            "MCPOIDCConfig" => [("Secret", Name(spec, "inline", "clientSecretRef")), ("ConfigMap", Name(spec, "inline", "caBundleRef", "configMapRef"))],
            _ => [],
        };
        return found.Where(f => !string.IsNullOrEmpty(f.Name)).Select(f => new Referrer(f.Kind, f.Name!));
    }

    private static IEnumerable<(string Kind, string? Name)> Gateway(JsonElement spec)
    {
        yield return ("MCPGroup", Name(spec, "groupRef"));
        yield return ("MCPOIDCConfig", Name(spec, "incomingAuth", "oidcConfigRef"));
        yield return ("MCPAuthzConfig", Name(spec, "incomingAuth", "authzConfigRef"));
        yield return ("MCPTelemetryConfig", Name(spec, "telemetryConfigRef"));
        yield return ("EmbeddingServer", Name(spec, "embeddingServerRef"));
        yield return ("MCPExternalAuthConfig", Name(spec, "outgoingAuth", "default", "externalAuthConfigRef"));
        foreach (JsonElement backend in Values(At(spec, "outgoingAuth", "backends")))
            yield return ("MCPExternalAuthConfig", Name(backend, "externalAuthConfigRef"));
        foreach (JsonElement tool in Items(At(spec, "config", "aggregation", "tools")))
            yield return ("MCPToolConfig", Name(tool, "toolConfigRef"));
        foreach (JsonElement tool in Items(At(spec, "config", "compositeToolRefs")))
            yield return ("VirtualMCPCompositeToolDefinition", Name(tool));
    }

    private static IEnumerable<(string Kind, string? Name)> Workload(JsonElement spec) =>
    [
        ("MCPGroup", Name(spec, "groupRef")),
        ("MCPOIDCConfig", Name(spec, "oidcConfigRef")),
        ("MCPAuthzConfig", Name(spec, "authzConfigRef")),
        ("MCPTelemetryConfig", Name(spec, "telemetryConfigRef")),
        ("MCPToolConfig", Name(spec, "toolConfigRef")),
        ("MCPExternalAuthConfig", Name(spec, "externalAuthConfigRef")),
        ("MCPExternalAuthConfig", Name(spec, "authServerRef")),
    ];

    private static IEnumerable<(string Kind, string? Name)> Entry(JsonElement spec)
    {
        yield return ("MCPGroup", Name(spec, "groupRef"));
        yield return ("MCPExternalAuthConfig", Name(spec, "externalAuthConfigRef"));
        yield return ("ConfigMap", Name(spec, "caBundleRef", "configMapRef"));
        foreach (JsonElement header in Items(At(spec, "headerForward", "addHeadersFromSecret")))
            yield return ("Secret", Name(header, "valueSecretRef"));
    }

    private static string? Name(JsonElement from, params ReadOnlySpan<string> path) =>
        At(from, path) is { ValueKind: JsonValueKind.Object } reference
        && reference.TryGetProperty("name", out JsonElement name)
        && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;

    private static JsonElement? At(JsonElement from, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(step, out from))
                return null;
        }

        return from;
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static IEnumerable<JsonElement> Values(JsonElement? map) =>
        map is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject().Select(m => m.Value) : [];
}
