using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

/// <summary>The cluster's public keys on their way to a pod that may not ask for them.</summary>
public sealed class ClusterKeysTests
{
    private const string Version = "toolhive.stacklok.dev/v1beta1";

    private const string Manifests = $$$"""
        ---
        apiVersion: {{{Version}}}
        kind: MCPOIDCConfig
        metadata: {name: k8s}
        spec: {type: kubernetesServiceAccount, kubernetesServiceAccount: {serviceAccount: bot}}
        ---
        apiVersion: {{{Version}}}
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: oidc, oidcConfigRef: {name: k8s, audience: a1}}
          outgoingAuth: {source: inline}
        """;

    [Fact]
    public async Task A_rotated_key_reaches_the_file_and_rolls_nothing()
    {
        OperatorWorld first = await StartAsync("one");
        await first.UntilAsync(() => KeysAsync(first), k => k == "one", "the keys");
        await first.SettleAsync();
        KubeObject deployment = await first.MustGetAsync(BuiltIn.Deployment, "hub");
        first.Cluster.Issuer = () => new IssuerKeys("https://cluster.example", "two");

        // Another process asks at once, where the same one would only after its three minutes.
        await using OperatorWorld second = await OperatorWorld.OverAsync(first);
        await second.UntilAsync(() => KeysAsync(second), k => k == "two", "the new keys");
        await second.SettleAsync();

        (await second.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(deployment.Meta.Generation);
    }

    [Fact]
    public async Task A_server_without_need_of_keys_any_more_mounts_none_and_nothing_has_to_be_deleted()
    {
        await using OperatorWorld world = await StartAsync("one");
        await world.UntilAsync(() => KeysAsync(world), k => k == "one", "the keys");
        await world.SettleAsync();

        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"spec":{"incomingAuth":{"type":"anonymous","oidcConfigRef":null}}}""");
        await world.ConfigHasAsync("type: anonymous");
        await world.SettleAsync();

        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Body.GetRawText().ShouldNotContain("oidc-keys");
        KubeObject left = await world.MustGetAsync(BuiltIn.ConfigMap, "hub-oidc-keys");
        left.Meta.Controller!.Name.ShouldBe("hub", "it goes with its server");
        world.OperatorWrites.ShouldNotContain(w => w.Verb == "delete" && w.Type == BuiltIn.ConfigMap);
    }

    [Fact]
    public async Task Keys_that_may_not_be_read_stop_before_any_pod_and_count_once_they_may()
    {
        await using OperatorWorld world = await StartAsync(null);
        KubeObject hub = await world.ConditionAsync("AuthConfigured=False/ClusterKeysUnreadable");
        OperatorWorld.Message(hub, "AuthConfigured")!.ShouldContain("system:service-account-issuer-discovery");
        (await world.GetAsync(BuiltIn.Deployment, "hub")).ShouldBeNull();
        world.Cluster.Issuer = () => new IssuerKeys("https://cluster.example", "one");

        await using OperatorWorld second = await OperatorWorld.OverAsync(world);

        await second.ConditionAsync("AuthConfigured=True/AuthValid");
        await second.ConfigHasAsync("requiredSubject: system:serviceaccount:demo:bot");
    }

    private static async Task<OperatorWorld> StartAsync(string? keys) => await OperatorWorld.StartAsync(
        Fixtures.Group() + Fixtures.Backend("alpha") + Manifests,
        prepare: c => c.Issuer = () => keys is null ? throw new KubeException(KubeError.Forbidden, "no") : new IssuerKeys("https://cluster.example", keys));

    private static async Task<string?> KeysAsync(OperatorWorld world) =>
        (await world.GetAsync(BuiltIn.ConfigMap, "hub-oidc-keys"))?.At("data", "jwks.json")?.GetString();
}
