using System.Text.Json.Nodes;
using Vmcp.KubeKit.Audit;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.World;

/// <summary>A namespace of its own: what users write, what the MCPServers' own operator would say, and what becomes of it.</summary>
public sealed class Space(Cluster cluster, string name) : IAsyncDisposable
{
    /// <summary>How long anything may take. It says nothing of how long it takes; the machine may be busy.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>One failed health check tells. A server that died refuses at once; one on a busy machine has time to answer.</summary>
    public const string Quick = "config: {operational: {failureHandling: {healthCheckInterval: 5s, healthCheckTimeout: 4s, unhealthyThreshold: 1}}}";

    /// <summary>Health checks that a busy machine does not fail; for tests in which no backend dies.</summary>
    public const string Calm = "config: {operational: {failureHandling: {healthCheckInterval: 20s, healthCheckTimeout: 10s}}}";

    public Cluster Cluster => cluster;

    public string Name => name;

    /// <summary>The account of a gateway, as the audit log names it.</summary>
    public string AccountOf(string server) => $"system:serviceaccount:{name}:{server}-vmcp";

    public ObjectKey Key(string thing) => new(name, thing);

    public async Task ApplyAsync(string yaml)
    {
        string file = Path.Combine(cluster.Server.Folder, $"{Guid.NewGuid():N}.yaml");
        // What begins with a brace kubectl takes for JSON.
        await File.WriteAllTextAsync(file, "---\n" + yaml);
        await cluster.Server.KubectlAsync("apply", "--namespace", name, "-f", file);
    }

    public Task GroupAsync(string group) =>
        ApplyAsync($"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPGroup, metadata: {{name: {group}}}, spec: {{}}}}");

    /// <summary>A member that stands at an address, as the operator of MCPServers would say.</summary>
    public async Task MemberAsync(string group, string member, Uri url, string? authConfig = null)
    {
        JsonObject spec = new() { ["image"] = "echo", ["transport"] = "streamable-http", ["groupRef"] = new JsonObject { ["name"] = group } };
        if (authConfig is not null)
            spec["externalAuthConfigRef"] = new JsonObject { ["name"] = authConfig };
        JsonObject body = new()
        {
            ["apiVersion"] = ToolHive.MCPServer.ApiVersion,
            ["kind"] = ToolHive.MCPServer.Kind,
            ["metadata"] = new JsonObject { ["name"] = member, ["namespace"] = name },
            ["spec"] = spec,
        };
        await cluster.Admin.PatchAsync(ToolHive.MCPServer, Key(member), new Patch.Apply(body), new WriteOptions { FieldManager = "user" }, default);
        await StandsAsync(member, url);
    }

    /// <summary>A Secret with key <c>token</c>, made or changed.</summary>
    public Task SecretAsync(string secret, string value) => cluster.Admin.PatchAsync(
        BuiltIn.Secret,
        Key(secret),
        new Patch.Apply(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = secret, ["namespace"] = name },
            ["data"] = new JsonObject { ["token"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value)) },
        }),
        new WriteOptions { FieldManager = "user" },
        default);

    /// <summary>An MCPExternalAuthConfig.</summary>
    public Task AuthConfigAsync(string authConfig, string spec) => ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPExternalAuthConfig, metadata: {{name: {authConfig}}}, spec: {{{spec}}}}}");

    /// <summary>An MCPExternalAuthConfig that puts a Secret's value into a header.</summary>
    public Task HeaderAsync(string authConfig, string header, string secret) =>
        AuthConfigAsync(authConfig, $"type: headerInjection, headerInjection: {{headerName: {header}, valueSecretRef: {{name: {secret}, key: token}}}}");

    /// <summary>An MCPExternalAuthConfig that exchanges the caller's token at a server of this machine; the client's secret is in a Secret.</summary>
    public Task ExchangeAsync(string authConfig, TestAuthorizationServer idp, string client, string secret, string audience) => AuthConfigAsync(
        authConfig,
        $"type: tokenExchange, tokenExchange: {{tokenUrl: \"{idp.TokenUrl}\", clientId: {client}, clientSecretRef: {{name: {secret}, key: token}}, "
        + $"audience: {audience}, scopes: [tools:read, tools:call]}}");

    /// <summary>An MCPOIDCConfig; <paramref name="spec"/> is its type and block.</summary>
    public Task OidcAsync(string oidc, string spec) => ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPOIDCConfig, metadata: {{name: {oidc}}}, spec: {{{spec}}}}}");

    /// <summary>An MCPOIDCConfig for an authorization server of this machine.</summary>
    public Task OidcAsync(string oidc, TestAuthorizationServer idp) => OidcAsync(
        oidc, $"type: inline, inline: {{issuer: \"{idp.Issuer}\", jwksAllowPrivateIP: true, protectedResourceAllowPrivateIP: true, insecureAllowHTTP: true}}");

    /// <summary>A ConfigMap with a CA bundle under <c>ca.crt</c>.</summary>
    public async Task BundleAsync(string bundle)
    {
        JsonObject body = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = bundle, ["namespace"] = name },
            ["data"] = new JsonObject { ["ca.crt"] = await File.ReadAllTextAsync(cluster.Server.CaFile) },
        };
        await cluster.Admin.PatchAsync(BuiltIn.ConfigMap, Key(bundle), new Patch.Apply(body), new WriteOptions { FieldManager = "user" }, default);
    }

    /// <summary>An MCPServerEntry with a CA bundle and a header. Its name leads nowhere: entries may not point to this machine.</summary>
    public Task EntryAsync(string group, string entry, string bundle) => ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServerEntry, metadata: {{name: {entry}}}, spec: {{groupRef: {{name: {group}}}, transport: streamable-http, "
        + $"remoteUrl: \"https://mcp.invalid/mcp\", caBundleRef: {{configMapRef: {{name: {bundle}, key: ca.crt}}}}, "
        + "headerForward: {addPlaintextHeaders: {X-Tenant: blue}}}}");

    public Task RemoveEntryAsync(string entry) => cluster.Admin.DeleteAsync(ToolHive.MCPServerEntry, Key(entry), DeleteOptions.Default, default);

    /// <summary>Nothing but the Secret itself has these values: no log, no event, no status, no ConfigMap.</summary>
    public async Task IsNowhereAsync(params string[] secrets)
    {
        string said = string.Join('\n', Lines.Concat(cluster.OperatorLines)) + await cluster.Server.KubectlAsync(
            "get", "vmcp,mcpserver,deployments,configmaps,pods,events.events.k8s.io,mcpexternalauthconfigs", "-n", name, "-o", "yaml");
        foreach (string secret in secrets)
            said.ShouldNotContain(secret);
    }

    /// <summary>Waits until a server has this many pods and all are ready.</summary>
    public async Task PodsReadyAsync(string server, int count)
    {
        try
        {
            await Eventually.BecomesAsync(
                () => PodsOf(server).Count == count && PodsOf(server).All(p => p.Ready), $"{count} pods of {server} are ready", Limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{Diagnose()}", e);
        }
    }

    /// <summary>Says where a member stands.</summary>
    public Task StandsAsync(string member, Uri url) => cluster.Admin.PatchAsync(
        ToolHive.MCPServer,
        Key(member),
        new Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Ready", ["url"] = url.AbsoluteUri } }),
        new WriteOptions { Subresource = "status" },
        default);

    /// <summary>Moves a member to another group.</summary>
    public Task MoveAsync(string member, string group) => cluster.Admin.PatchAsync(
        ToolHive.MCPServer,
        Key(member),
        new Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["groupRef"] = new JsonObject { ["name"] = group } } }),
        new WriteOptions { FieldManager = "user" },
        default);

    public Task RemoveAsync(string member) => cluster.Admin.DeleteAsync(ToolHive.MCPServer, Key(member), DeleteOptions.Default, default);

    /// <summary>A VirtualMCPServer; <paramref name="more"/> is more of its spec, <paramref name="outgoing"/> more of its outgoingAuth.</summary>
    public Task ServerAsync(string server, string group, string source, string more = Quick, string incoming = "type: anonymous", string outgoing = "") => ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: VirtualMCPServer, metadata: {{name: {server}}}, "
        + $"spec: {{groupRef: {{name: {group}}}, incomingAuth: {{{incoming}}}, outgoingAuth: {{source: {source}, {outgoing}}}, {more}}}}}");

    public Task<KubeObject?> FindAsync(ResourceType type, string thing) => cluster.Admin.GetAsync(type, Key(thing), default);

    public async Task<VirtualMCPServer> ReadServerAsync(string server) => ResourceReader.Read(
        await FindAsync(ToolHive.VirtualMCPServer, server) ?? throw new InvalidOperationException($"no {server}"), ResourcesJson.Default.VirtualMCPServer);

    /// <summary>Waits for a state of a server's resource.</summary>
    public async Task<VirtualMCPServer> ServerBecomesAsync(string server, Func<VirtualMCPServer, bool> holds, string what)
    {
        VirtualMCPServer? last = null;
        try
        {
            await Eventually.BecomesAsync(async () => holds(last = await ReadServerAsync(server)), what, Limit);
            return last!;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{Picture(last)}\n{Diagnose()}", e);
        }
    }

    /// <summary>Waits until a server is ready in a mode, with no switch going on.</summary>
    public Task<VirtualMCPServer> RunsAsync(string server, string mode) => ServerBecomesAsync(
        server,
        s => s.Status.Mode == mode && s.Status.Phase == "Ready" && s.Status.ObservedGeneration == s.Metadata.Generation
            && s.Status.Conditions.All(c => c.Type != "ModeTransition" || c.Status == "False"),
        $"{server} runs in mode {mode}");

    /// <summary>Waits until a backend of a server has a status in the resource.</summary>
    public Task<VirtualMCPServer> BackendBecomesAsync(string server, string backend, string status) => ServerBecomesAsync(
        server, s => s.Status.DiscoveredBackends.Any(b => b.Name == backend && b.Status == status), $"{backend} is {status} in the resource of {server}");

    /// <summary>Puts a label on a server, which wakes the operator.</summary>
    public Task LabelAsync(string server, string value) => cluster.Admin.PatchAsync(
        ToolHive.VirtualMCPServer,
        Key(server),
        new Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["round"] = value } } }),
        new WriteOptions { FieldManager = "user" },
        default);

    /// <summary>Turns the mode of a server.</summary>
    public Task SwitchAsync(string server, string mode) => cluster.Admin.PatchAsync(
        ToolHive.VirtualMCPServer,
        Key(server),
        new Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["outgoingAuth"] = new JsonObject { ["source"] = mode } } }),
        new WriteOptions { FieldManager = "user" },
        default);

    /// <summary>Waits for the end of a switch: every pod is of the mode, no other is left, and the resource says so.</summary>
    public async Task SwitchedAsync(string server, string mode, int pods)
    {
        await ServerBecomesAsync(
            server,
            s => s.Status.Mode == mode && s.Status.ObservedGeneration == s.Metadata.Generation
                && s.Status.Conditions.Any(c => c.Type == "ModeTransition" && c.Status == "False"),
            $"the switch of {server} to {mode} is complete");
        await PodsReadyAsync(server, pods);
        await Eventually.BecomesAsync(() => cluster.Kubelet.Pods.Count(p => p.Key.Namespace == name) == pods, "no old pod is left", Limit);
    }

    /// <summary>Waits until each pod of a server lists these tools to everybody.</summary>
    public Task AllListAsync(string server, params string[] tools) => AllListAsync(server, new Dictionary<string, string>(), tools);

    /// <summary>Waits until each pod of a server lists these tools to a client that sends these headers.</summary>
    public async Task AllListAsync(string server, IDictionary<string, string> headers, params string[] tools)
    {
        foreach (PodView pod in PodsOf(server))
        {
            await using ModernClient client = new(At(pod), headers: headers);
            await Eventually.BecomesAsync(
                async () => tools.Except(await client.ListToolNamesAsync()).ToArray() is [], $"{pod.Key} lists {string.Join(", ", tools)}", Limit);
        }
    }

    /// <summary>All pods there ever were in this namespace.</summary>
    public IEnumerable<PodView> Pods => cluster.Kubelet.Pods.Concat(cluster.Kubelet.Ended).Where(p => p.Key.Namespace == name);

    /// <summary>The pods of a server that are to stay.</summary>
    public IReadOnlyList<PodView> PodsOf(string server) =>
        [.. cluster.Kubelet.Pods.Where(p => p.Key.Namespace == name && !p.Terminating && p.Labels.GetValueOrDefault("toolhive-name") == server)];

    /// <summary>Its one pod.</summary>
    public PodView PodOf(string server) => PodsOf(server).Single();

    public static Uri At(PodView pod, string path = "/mcp") => new($"http://{pod.Address}:4483{path}");

    /// <summary>What a gateway or the operator asked of the API server for this namespace or as one of its accounts.</summary>
    public async Task<IReadOnlyList<AuditEvent>> AuditAsync() =>
        [.. (await cluster.Server.ReadAuditAsync()).Where(e => e.Namespace == name || e.User.StartsWith($"system:serviceaccount:{name}:", StringComparison.Ordinal))];

    /// <summary>Everything the pods of this namespace ever wrote.</summary>
    public IEnumerable<string> Lines => Pods.SelectMany(p => p.Lines);

    /// <summary>For failures: what the pods are and what was said last.</summary>
    public string Diagnose()
    {
        IEnumerable<string> pods = Pods
            .Select(p => $"pod {p.Key.Name} at {p.Address}, ready {p.Ready}, going {p.Terminating}, restarts {p.Restarts}:\n{string.Join('\n', p.Lines.TakeLast(15))}");
        return $"{string.Join('\n', pods)}\noperator:\n{string.Join('\n', cluster.OperatorLines.Where(l => l.Contains(name, StringComparison.Ordinal)).TakeLast(20))}";
    }

    /// <summary>With the namespace everything in it goes, processes included.</summary>
    public async ValueTask DisposeAsync() =>
        await cluster.Admin.DeleteAsync(BuiltIn.Namespace, new ObjectKey("", name), DeleteOptions.Default, default);

    private static string Picture(VirtualMCPServer? server) => server is null
        ? "no resource"
        : $"phase {server.Status.Phase}: {server.Status.Message}; mode {server.Status.Mode}; "
            + string.Join("; ", server.Status.Conditions.Select(c => $"{c.Type}={c.Status}/{c.Reason}: {c.Message}"))
            + "; backends " + string.Join(", ", server.Status.DiscoveredBackends.Select(b => $"{b.Name} {b.Status} {b.Message}"));
}
