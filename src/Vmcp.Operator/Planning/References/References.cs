using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning;

/// <summary>An object a server refers to, in its own namespace.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name.</param>
public readonly record struct Reference(string Kind, string Name) : IComparable<Reference>
{
    /// <summary>Ordinal, by kind, then name.</summary>
    public int CompareTo(Reference other)
    {
        int byKind = string.CompareOrdinal(Kind, other.Kind);
        return byKind != 0 ? byKind : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(Reference left, Reference right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes first or is the same.</summary>
    public static bool operator <=(Reference left, Reference right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    public static bool operator >(Reference left, Reference right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes last or is the same.</summary>
    public static bool operator >=(Reference left, Reference right) => left.CompareTo(right) >= 0;
}

/// <summary>
/// Everything a plan for one server looks at besides the server and the group's members: what must be gathered for it, and whose change
/// must wake it.
/// </summary>
/// <remarks>
/// Some objects name further ones, which are only known once the first are in the world: gather, put them in and ask again until nothing
/// new comes. Two rounds are enough: config objects, then the Secrets and ConfigMaps they name.
/// </remarks>
public sealed record References(ImmutableSortedSet<Reference> All)
{
    /// <summary>The names of one kind, sorted.</summary>
    public IEnumerable<string> Names(ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return All.Where(r => r.Kind == type.Kind).Select(r => r.Name);
    }

    /// <summary>Whether a change of an object concerns the server.</summary>
    public bool Contains(ResourceType type, string name)
    {
        ArgumentNullException.ThrowIfNull(type);
        return All.Contains(new Reference(type.Kind, name));
    }

    /// <summary>All references of a server, as far as the world knows the objects in between.</summary>
    public static References Of(VirtualMCPServer server, World world) => Of(server, world, null);

    /// <summary>The same, with the Secret of the session store the operator gives to servers that name none.</summary>
    /// <param name="server">The server.</param>
    /// <param name="world">What is known so far.</param>
    /// <param name="defaultRedisSecret">The Secret's name, or null.</param>
    public static References Of(VirtualMCPServer server, World world, string? defaultRedisSecret)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(world);
        Collector found = new();
        Incoming(server, world, found);
        Outgoing(server, world, found);
        Features(server, world, found);
        found.Secret(server.Spec.SessionStorage is null ? defaultRedisSecret : server.Spec.SessionStorage.PasswordRef?.Name);
        return new References(found.ToImmutable());
    }

    private static void Incoming(VirtualMCPServer server, World world, Collector found)
    {
        found.Add(ToolHive.MCPGroup, server.Spec.GroupRef?.Name);
        if (server.Spec.IncomingAuth is { } incoming)
        {
            found.Add(ToolHive.MCPOIDCConfig, incoming.OidcConfigRef?.Name);
            if (world.OidcConfigs.TryGetValue(incoming.OidcConfigRef?.Name ?? "", out MCPOIDCConfig? oidc))
            {
                found.Secret(oidc.Spec.Inline?.ClientSecretRef?.Name);
                found.ConfigMap(oidc.Spec.Inline?.CaBundleRef?.ConfigMapRef?.Name);
                if (oidc.Spec.KubernetesServiceAccount is not null)
                    found.ConfigMap(IncomingPart.ClusterCaConfigMap);
            }

            found.ConfigMap(incoming.AuthzConfig?.ConfigMap?.Name);
            found.Add(ToolHive.MCPAuthzConfig, incoming.AuthzConfigRef?.Name);
        }

        if (server.Spec.AuthServerConfig is { } authServer)
            AuthServer(authServer, found);
    }

    private static void Outgoing(VirtualMCPServer server, World world, Collector found)
    {
        found.Add(ToolHive.MCPExternalAuthConfig, server.Spec.OutgoingAuth?.Default?.ExternalAuthConfigRef?.Name);
        foreach (var entry in server.Spec.OutgoingAuth?.Backends.Values ?? [])
            found.Add(ToolHive.MCPExternalAuthConfig, entry.ExternalAuthConfigRef?.Name);
        foreach (MCPServer member in world.Servers)
            found.Add(ToolHive.MCPExternalAuthConfig, member.Spec.ExternalAuthConfigRef?.Name);
        foreach (MCPRemoteProxy member in world.RemoteProxies)
            found.Add(ToolHive.MCPExternalAuthConfig, member.Spec.ExternalAuthConfigRef?.Name);
        foreach (MCPServerEntry member in world.Entries)
        {
            found.Add(ToolHive.MCPExternalAuthConfig, member.Spec.ExternalAuthConfigRef?.Name);
            found.ConfigMap(member.Spec.CaBundleRef?.ConfigMapRef?.Name);
            foreach (HeaderFromSecret header in member.Spec.HeaderForward?.AddHeadersFromSecret ?? [])
                found.Secret(header.ValueSecretRef?.Name);
        }

        foreach (string name in found.NamesOf(ToolHive.MCPExternalAuthConfig))
        {
            if (!world.ExternalAuthConfigs.TryGetValue(name, out MCPExternalAuthConfig? config))
                continue;
            found.Secret(config.Spec.TokenExchange?.ClientSecretRef?.Name);
            found.Secret(config.Spec.HeaderInjection?.ValueSecretRef?.Name);
            found.Secret(config.Spec.BearerToken?.TokenSecretRef?.Name);
            found.Secret(config.Spec.Obo?.ClientSecretRef?.Name);
            found.Secret(config.Spec.Xaa?.IdpClientSecretRef?.Name);
            found.Secret(config.Spec.Xaa?.TargetClientSecretRef?.Name);
        }
    }

    private static void Features(VirtualMCPServer server, World world, Collector found)
    {
        found.Add(ToolHive.EmbeddingServer, server.Spec.EmbeddingServerRef?.Name);
        found.Add(ToolHive.MCPTelemetryConfig, server.Spec.TelemetryConfigRef?.Name);
        if (world.TelemetryConfigs.TryGetValue(server.Spec.TelemetryConfigRef?.Name ?? "", out MCPTelemetryConfig? telemetry)
            && telemetry.Spec.OpenTelemetry is { } otel)
        {
            found.ConfigMap(otel.CaBundleRef?.ConfigMapRef?.Name);
            foreach (var header in otel.SensitiveHeaders)
                found.Secret(header.SecretKeyRef?.Name);
        }

        if (SpecConfig.Raw(server) is not { } config)
            return;
        foreach (JsonElement tools in Items(config, "aggregation", "tools"))
            found.Add(ToolHive.MCPToolConfig, NameIn(tools, "toolConfigRef"));
        foreach (JsonElement tool in Items(config, "compositeToolRefs"))
            found.Add(ToolHive.VirtualMCPCompositeToolDefinition, Text(tool, "name"));
    }

    private static void AuthServer(EmbeddedAuthServerConfig authServer, Collector found)
    {
        foreach (SecretKeyRef key in authServer.SigningKeySecretRefs.Concat(authServer.HmacSecretRefs))
            found.Secret(key.Name);
        foreach (var provider in authServer.UpstreamProviders)
        {
            found.Secret(provider.OidcConfig?.ClientSecretRef?.Name);
            found.Secret(provider.Oauth2Config?.ClientSecretRef?.Name);
            found.Secret(provider.Oauth2Config?.DcrConfig?.InitialAccessTokenRef?.Name);
        }

        foreach (var client in authServer.DelegateClients)
            found.Secret(client.ClientSecretRef?.Name);
        if (authServer.Storage?.Redis is not { } redis)
            return;
        found.Secret(redis.AclUserConfig?.UsernameSecretRef?.Name);
        found.Secret(redis.AclUserConfig?.PasswordSecretRef?.Name);
        found.Secret(redis.Tls?.CaCertSecretRef?.Name);
        found.Secret(redis.SentinelTls?.CaCertSecretRef?.Name);
    }

    // The free-form config is read here as it is: its mistakes are the reader's to report.
    private static JsonElement[] Items(JsonElement here, params string[] path)
    {
        foreach (string step in path)
        {
            if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(step, out here))
                return [];
        }

        return here.ValueKind == JsonValueKind.Array ? [.. here.EnumerateArray()] : [];
    }

    private static string? NameIn(JsonElement here, string member) =>
        here.ValueKind == JsonValueKind.Object && here.TryGetProperty(member, out JsonElement inner) ? Text(inner, "name") : null;

    private static string? Text(JsonElement here, string member) =>
        here.ValueKind == JsonValueKind.Object && here.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private sealed class Collector
    {
        private readonly ImmutableSortedSet<Reference>.Builder _all = ImmutableSortedSet.CreateBuilder<Reference>();

        public void Add(ResourceType type, string? name)
        {
            if (!string.IsNullOrEmpty(name))
                _all.Add(new Reference(type.Kind, name));
        }

        public void Secret(string? name) => Add(BuiltIn.Secret, name);

        public void ConfigMap(string? name) => Add(BuiltIn.ConfigMap, name);

        public string[] NamesOf(ResourceType type) => [.. _all.Where(r => r.Kind == type.Kind).Select(r => r.Name)];

        public ImmutableSortedSet<Reference> ToImmutable() => _all.ToImmutable();
    }
}
