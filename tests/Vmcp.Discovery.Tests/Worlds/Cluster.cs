using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Worlds;

/// <summary>A cluster in memory as the users and controllers of namespace <c>demo</c> see it.</summary>
internal sealed class Cluster
{
    public const string Namespace = "demo";
    public const string Group = "team";

    private static readonly WriteOptions User = new() { FieldManager = "user" };

    public InMemoryCluster Api { get; } = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Creates or changes objects, a <c>status</c> in them included.</summary>
    public async Task ApplyAsync(string yaml)
    {
        foreach (JsonObject body in KubeYaml.ReadAll(yaml, "test").Select(d => d.Body))
        {
            ResourceType type = TypeOf(body["kind"]!.GetValue<string>());
            body["metadata"]!["namespace"] ??= Namespace;
            var key = new ObjectKey(body["metadata"]!["namespace"]!.GetValue<string>(), body["metadata"]!["name"]!.GetValue<string>());
            JsonNode? status = body["status"];
            body.Remove("status");
            await Api.PatchAsync(type, key, new Patch.Apply(body), User, Token);
            if (status is not null)
            {
                await Api.PatchAsync(
                    type, key, new Patch.Merge(new JsonObject { ["status"] = status.DeepClone() }), new WriteOptions { FieldManager = "controller", Subresource = "status" }, Token);
            }
        }
    }

    /// <summary>A running MCPServer of a group.</summary>
    public Task ServerAsync(string name, Uri? url, string? auth = null, string group = Group) => ApplyAsync($$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata:
          name: {{name}}
        spec:
          image: example.com/{{name}}
          transport: streamable-http
          groupRef:
            name: {{group}}
          {{(auth is null ? "" : $"externalAuthConfigRef: {{ name: {auth} }}")}}
        status: {phase: Ready, url: "{{url}}"}
        """);

    /// <summary>An MCPServerEntry of the group; <paramref name="more"/> is a line of its spec.</summary>
    public Task EntryAsync(string name, string url, string more = "", string phase = "Valid", string group = Group, string transport = "streamable-http") =>
        ApplyAsync($$"""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServerEntry
            metadata:
              name: {{name}}
            spec:
              remoteUrl: {{url}}
              transport: {{transport}}
              groupRef:
                name: {{group}}
              {{more}}
            status: {phase: {{phase}}}
            """);

    /// <summary>A running MCPRemoteProxy of the group.</summary>
    public Task ProxyAsync(string name, string? url, string transport = "streamable-http", string more = "") => ApplyAsync($$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPRemoteProxy
        metadata:
          name: {{name}}
        spec:
          remoteUrl: https://remote.example.com/{{name}}
          transport: {{transport}}
          groupRef:
            name: team
          {{more}}
        status: {phase: Ready, url: "{{url}}"}
        """);

    /// <summary>A header credential in a Secret of the same name.</summary>
    public Task AuthAsync(string name, string header) => ApplyAsync($$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata:
          name: {{name}}
        spec:
          type: headerInjection
          headerInjection:
            headerName: {{header}}
            valueSecretRef:
              name: {{name}}
              key: token
        """);

    public Task SecretAsync(string name, string token) => ApplyAsync($$"""
        apiVersion: v1
        kind: Secret
        metadata:
          name: {{name}}
        data:
          token: {{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(token))}}
        """);

    public Task<bool> DeleteAsync(ResourceType type, string name) => Api.DeleteAsync(type, new ObjectKey(Namespace, name), DeleteOptions.Default, Token);

    private static ResourceType TypeOf(string kind) =>
        kind == BuiltIn.Secret.Kind ? BuiltIn.Secret : kind == BuiltIn.ConfigMap.Kind ? BuiltIn.ConfigMap : ToolHive.All.Single(t => t.Kind == kind);
}
