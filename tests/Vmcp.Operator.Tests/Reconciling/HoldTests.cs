using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Tests.Document;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

/// <summary>What a server lacks is told, nothing is made meanwhile, and it goes on by itself when it comes.</summary>
public sealed class HoldTests
{
    private const string Version = "toolhive.stacklok.dev/v1beta1";

    [Fact]
    [Trait("Scenario", "STAT-01")]
    public async Task An_unknown_group_is_waited_for_without_any_child()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Backend("alpha") + Fixtures.Hub("discovered"));
        KubeObject hub = await world.ConditionAsync("GroupRefValidated=False/GroupRefNotFound");
        hub.At("status", "phase")!.Value.GetString().ShouldBe("Failed");
        hub.At("status", "observedGeneration")!.Value.GetInt64().ShouldBe(hub.Meta.Generation);
        await NothingIsMadeAsync(world);

        await world.ApplyAsync(Fixtures.Group());

        await world.ConditionAsync("GroupRefValidated=True/GroupRefValid");
        await MadeAsync(world);
    }

    [Fact]
    [Trait("Scenario", "STAT-02")]
    public async Task A_group_that_is_not_ready_is_waited_for()
    {
        // Without the controller that would make it ready at once.
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + "status: {phase: Pending}\n" + Fixtures.Backend("alpha") + Fixtures.Hub("discovered"),
            OperatorWorld.FastOptions with { Controllers = ["virtualmcpserver"] });
        KubeObject hub = await world.ConditionAsync("GroupRefValidated=False/GroupRefNotReady");
        hub.At("status", "phase")!.Value.GetString().ShouldBe("Pending");

        await world.MergeAsync(ToolHive.MCPGroup, "team", """{"status":{"phase":"Ready"}}""", "status");

        await world.ConditionAsync("GroupRefValidated=True/GroupRefValid");
        await MadeAsync(world);
    }

    [Fact]
    [Trait("Scenario", "SEC-03")]
    public async Task A_missing_client_secret_is_told_before_there_is_any_Deployment()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha")
            + $"---\napiVersion: {Version}\nkind: MCPOIDCConfig\nmetadata: {{name: idp}}\nspec: {{type: inline, inline: {{issuer: 'https://idp.example.com', clientId: c, clientSecretRef: {{name: oidc, key: token}}}}}}\n"
            + Hub("hub", "{type: oidc, oidcConfigRef: {name: idp, audience: a1}}"));
        await world.ConditionAsync("AuthConfigured=False/AuthInvalid");
        await world.UntilAsync(() => Task.FromResult(Events(world)), e => e.Contains("Warning/SecretValidationFailed"), "the event");
        await NothingIsMadeAsync(world);

        await world.ApplyAsync(Fixtures.Secret("oidc"));

        await world.ConditionAsync("AuthConfigured=True/AuthValid");
        await MadeAsync(world);
    }

    [Fact]
    [Trait("Scenario", "IAUTH-03")]
    public async Task Policies_that_turn_invalid_leave_the_running_pod_its_last_ones()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha")
            + Authz("az", "{type: cedarv1, config: {policies: ['permit(principal, action, resource);']}}")
            + Authz("web", "{type: httpv1, config: {http: {url: 'http://pdp:9000'}}}")
            + Hub("hub", "{type: anonymous, authzConfigRef: {name: az}}") + Hub("hub2", "{type: anonymous, authzConfigRef: {name: web}}"));
        KubeObject other = await world.ConditionAsync("AuthzConfigRefValidated=False/AuthzConfigRefNotValid", "hub2");
        OperatorWorld.Message(other, "AuthzConfigRefValidated")!.ShouldContain("httpv1");
        await world.ConditionAsync("AuthzConfigRefValidated=True/AuthzConfigRefValid");
        await world.ConfigHasAsync("permit(principal, action, resource);");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "authzConfigHash") is not null, "the hash");
        await world.SettleAsync();
        (await world.GetAsync(BuiltIn.ConfigMap, "hub2-vmcp-config")).ShouldBeNull();
        string config = await world.ConfigAsync();
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;
        string pod = world.Cluster.ObjectsOf(BuiltIn.Pod).ShouldHaveSingleItem().Meta.Uid;

        await world.ApplyAsync(Authz("az", "{type: cedarv1, config: {policies: ['allow everybody']}}"));

        await world.ConditionAsync("AuthzConfigRefValidated=False/AuthzConfigRefNotValid");
        await world.SettleAsync();
        (await world.ConfigAsync()).ShouldBe(config);
        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(generation);
        world.Cluster.ObjectsOf(BuiltIn.Pod).ShouldHaveSingleItem().Meta.Uid.ShouldBe(pod);
    }

    [Fact]
    [Trait("Scenario", "OPT-02")]
    public async Task An_embedding_server_is_waited_for_without_a_Deployment()
    {
        const string Embedding = $"---\napiVersion: {Version}\nkind: EmbeddingServer\nmetadata: {{name: es}}\nspec: {{}}\n";
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Embedding + "status: {phase: Downloading}\n" + Fixtures.Hub("discovered", "  embeddingServerRef: {name: es}"));
        KubeObject hub = await world.ConditionAsync("EmbeddingServerReady=False/EmbeddingServerNotReady");
        hub = await world.UntilAsync(
            world.HubAsync, h => h.At("status", "message")?.GetString() == "Waiting for EmbeddingServer to become ready", "the message");
        hub.At("status", "phase")!.Value.GetString().ShouldBe("Pending");
        await NothingIsMadeAsync(world);

        await world.MergeAsync(ToolHive.EmbeddingServer, "es", """{"status":{"phase":"Ready","readyReplicas":1,"url":"http://es.demo:8080"}}""", "status");

        await world.ConditionAsync("EmbeddingServerReady=True/EmbeddingServerReady");
        await world.ConfigHasAsync("http://es.demo:8080");
        await MadeAsync(world);
    }

    [Theory]
    [Trait("Scenario", "OPT-02")]
    [InlineData("Downloading", 30)]
    [InlineData("", 30)]
    [InlineData(null, 60)]
    public void What_no_watch_may_tell_is_looked_at_again(string? phase, int seconds)
    {
        Given given = Given.Hub("embeddingServerRef: {name: es}", phase is null ? "" : $"{{kind: EmbeddingServer, metadata: {{name: es}}, status: {{phase: '{phase}'}}}}");

        ServerPlan plan = VirtualServerPlanner.Plan(given.Server, given.World, given.Settings);

        plan.RecheckAfter.ShouldBe(TimeSpan.FromSeconds(seconds));
        plan.Objects.ShouldBeEmpty();
    }

    private static async Task NothingIsMadeAsync(OperatorWorld world)
    {
        await world.SettleAsync();
        foreach (ResourceType type in new[] { BuiltIn.Deployment, BuiltIn.Service, BuiltIn.ConfigMap, BuiltIn.Role, BuiltIn.ServiceAccount })
            world.Cluster.ObjectsOf(type).ShouldBeEmpty();
    }

    private static Task<KubeObject?> MadeAsync(OperatorWorld world) =>
        world.UntilAsync(() => world.GetAsync(BuiltIn.Deployment, "hub"), d => d is not null, "the Deployment");

    private static string[] Events(OperatorWorld world) =>
        [.. world.Cluster.ObjectsOf(BuiltIn.Event).Select(e => $"{e.At("type")?.GetString()}/{e.At("reason")?.GetString()}")];

    private static string Hub(string name, string incoming) =>
        $"---\napiVersion: {Version}\nkind: VirtualMCPServer\nmetadata: {{name: {name}}}\nspec: {{groupRef: {{name: team}}, incomingAuth: {incoming}}}\n";

    private static string Authz(string name, string spec) => $"---\napiVersion: {Version}\nkind: MCPAuthzConfig\nmetadata: {{name: {name}}}\nspec: {spec}\n";
}
