using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

public sealed class RightsTests
{
    private static readonly ResourceType[] Watched =
    [
        ToolHive.MCPGroup, ToolHive.MCPServer, ToolHive.MCPRemoteProxy, ToolHive.MCPServerEntry, ToolHive.MCPExternalAuthConfig, ToolHive.MCPToolConfig,
    ];

    [Fact]
    [Trait("Scenario", "RBAC-01")]
    [Trait("Scenario", "NEW-RBAC-01")]
    public async Task The_account_of_a_discovered_gateway_may_do_exactly_what_it_needs()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        world.StartOperator();
        await SecretAsync(world, "s1");
        await SecretAsync(world, "unrelated");
        await AuthConfigAsync(world, "key1", "s1");
        await world.GroupAsync("team", "alpha");
        await world.MemberAsync("team", "beta", "key1");
        await world.ServerAsync("other", "team", "discovered");
        await world.ServerAsync("hub", "team", "discovered");
        await world.RunsAsync("hub", "discovered");
        KubeClient pod = await world.ClientOfAccountAsync("hub-vmcp");

        foreach (ResourceType type in Watched)
        {
            foreach (string verb in (string[])["get", "list", "watch"])
                (await world.MayAsync(pod, verb, type)).ShouldBeTrue($"{verb} {type}");
            foreach (string verb in (string[])["create", "update", "patch", "delete"])
                (await world.MayAsync(pod, verb, type)).ShouldBeFalse($"{verb} {type}");
        }

        (await world.MayAsync(pod, "get", ToolHive.VirtualMCPServer, "hub")).ShouldBeTrue();
        (await world.MayAsync(pod, "patch", ToolHive.VirtualMCPServer, "hub", "status")).ShouldBeTrue();
        (await world.MayAsync(pod, "update", ToolHive.VirtualMCPServer, "hub", "status")).ShouldBeTrue();
        (await world.MayAsync(pod, "patch", ToolHive.VirtualMCPServer, "hub")).ShouldBeFalse();
        (await world.MayAsync(pod, "patch", ToolHive.VirtualMCPServer, "other", "status")).ShouldBeFalse();
        (await world.MayAsync(pod, "get", BuiltIn.Secret, "s1")).ShouldBeTrue();
        foreach (string verb in (string[])["get", "list", "watch", "create", "update", "patch", "delete"])
        {
            (await world.MayAsync(pod, verb, BuiltIn.Secret)).ShouldBeFalse($"{verb} secrets");
            (await world.MayAsync(pod, verb, BuiltIn.Secret, "unrelated")).ShouldBeFalse($"{verb} secrets/unrelated");
        }

        foreach (ResourceType type in (ResourceType[])[BuiltIn.Pod, BuiltIn.Deployment, BuiltIn.Service, BuiltIn.Role, BuiltIn.RoleBinding, BuiltIn.ServiceAccount])
        {
            foreach (string verb in (string[])["get", "list", "create", "patch", "delete"])
                (await world.MayAsync(pod, verb, type)).ShouldBeFalse($"{verb} {type}");
        }

        (await pod.GetAsync(BuiltIn.Secret, world.Key("s1"), default)).ShouldNotBeNull();
        (await Should.ThrowAsync<KubeException>(() => pod.GetAsync(BuiltIn.Secret, world.Key("unrelated"), default))).Error.ShouldBe(KubeError.Forbidden);
        (await Should.ThrowAsync<KubeException>(() => pod.ListAsync(BuiltIn.Secret, new ListOptions { Namespace = world.Namespace }, default)))
            .Error.ShouldBe(KubeError.Forbidden);
        (await pod.ListAsync(ToolHive.MCPServer, new ListOptions { Namespace = world.Namespace }, default)).Items.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Scenario", "NEW-RBAC-01")]
    public async Task A_new_Secret_of_a_member_becomes_readable_without_a_new_pod()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        world.StartOperator();
        await world.GroupAsync("team", "alpha");
        await world.ServerAsync("hub", "team", "discovered");
        await world.RunsAsync("hub", "discovered");
        KubeObject before = (await world.FindAsync(BuiltIn.Deployment, "hub"))!;
        KubeClient pod = await world.ClientOfAccountAsync("hub-vmcp");
        await SecretAsync(world, "s2");
        (await world.MayAsync(pod, "get", BuiltIn.Secret, "s2")).ShouldBeFalse();

        await AuthConfigAsync(world, "key2", "s2");
        await world.MemberAsync("team", "gamma", "key2");

        await Eventually.BecomesAsync(() => world.MayAsync(pod, "get", BuiltIn.Secret, "s2"), "the pod may read s2", TimeSpan.FromMinutes(1));
        (await world.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(before.Meta.Generation);
    }

    [Fact]
    [Trait("Scenario", "RBAC-02")]
    [Trait("Scenario", "SWITCH-01")]
    public async Task In_inline_mode_there_is_no_right_and_no_token()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        world.StartOperator();
        await world.GroupAsync("team", "alpha");
        await world.ServerAsync("hub", "team", "discovered");
        await world.RunsAsync("hub", "discovered");

        await world.ServerAsync("hub", "team", "inline");
        await world.RunsAsync("hub", "inline");

        (await world.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        (await world.FindAsync(BuiltIn.RoleBinding, "hub-vmcp")).ShouldBeNull();
        (await world.FindAsync(BuiltIn.ServiceAccount, "hub-vmcp"))!.At("automountServiceAccountToken")!.Value.GetBoolean().ShouldBeFalse();
        ObjectPage pods = await world.Admin.ListAsync(BuiltIn.Pod, new ListOptions { Namespace = world.Namespace }, default);
        pods.Items.ShouldNotBeEmpty();
        foreach (KubeObject pod in pods.Items)
        {
            pod.At("spec", "automountServiceAccountToken")!.Value.GetBoolean().ShouldBeFalse();
            pod.At("spec", "volumes")!.Value.EnumerateArray().Any(v => v.TryGetProperty("projected", out _)).ShouldBeFalse("a projected token");
        }

        KubeClient account = await world.ClientOfAccountAsync("hub-vmcp");
        foreach (ResourceType type in (ResourceType[])[.. Watched, ToolHive.VirtualMCPServer, BuiltIn.Secret, BuiltIn.ConfigMap, BuiltIn.Pod])
        {
            foreach (string verb in (string[])["get", "list", "watch", "create", "update", "patch", "delete"])
                (await world.MayAsync(account, verb, type)).ShouldBeFalse($"{verb} {type}");
        }
    }

    [Fact]
    public async Task The_operator_itself_cannot_change_a_Secret()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        using KubeClient itself = world.OperatorClient();

        foreach (string verb in (string[])["update", "patch", "delete", "deletecollection"])
            (await world.MayAsync(itself, verb, BuiltIn.Secret)).ShouldBeFalse($"{verb} secrets");
        foreach (string verb in (string[])["create", "update", "patch", "delete"])
        {
            (await world.MayAsync(itself, verb, BuiltIn.Pod)).ShouldBeFalse($"{verb} pods");
            (await world.MayAsync(itself, verb, ToolHive.MCPServer)).ShouldBeFalse($"{verb} mcpservers");
            (await world.MayAsync(itself, verb, ToolHive.MCPRemoteProxy, null, "status")).ShouldBeFalse($"{verb} mcpremoteproxies/status");
        }
    }

    private static Task SecretAsync(OperatorWorld world, string name) =>
        world.ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{token: not-a-real-one}}}}");

    private static Task AuthConfigAsync(OperatorWorld world, string name, string secret) => world.ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPExternalAuthConfig, metadata: {{name: {name}}}, spec: {{type: headerInjection, "
        + $"headerInjection: {{headerName: X-Api-Key, valueSecretRef: {{name: {secret}, key: token}}}}}}}}");
}
