using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class ReferenceTests
{
    private const string Version = "toolhive.stacklok.dev/v1beta1";

    [Fact]
    [Trait("Scenario", "IAUTH-02")]
    public async Task An_oidc_config_is_tracked_and_its_change_rolls()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Oidc("https://one.example.com")
            + $"---\napiVersion: {Version}\nkind: VirtualMCPServer\nmetadata: {{name: hub}}\nspec:\n  groupRef: {{name: team}}\n  incomingAuth: {{type: oidc, oidcConfigRef: {{name: idp, audience: a1}}}}\n");
        KubeObject hub = await world.ConditionAsync("OIDCConfigRefValidated=True/OIDCConfigRefValid");
        await world.ConfigHasAsync("https://one.example.com");
        hub = await world.UntilAsync(world.HubAsync, h => h.At("status", "oidcConfigHash") is not null, "the hash");
        string hash = hub.At("status", "oidcConfigHash")!.Value.GetString()!;
        await world.SettleAsync();
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;

        await world.ApplyAsync(Oidc("https://two.example.com"));
        await world.ConfigHasAsync("https://two.example.com");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "oidcConfigHash")?.GetString() is { } now && now != hash, "another hash");
        await world.UntilAsync(() => world.MustGetAsync(BuiltIn.Deployment, "hub"), d => d.Meta.Generation == generation + 1, "the rollout");
    }

    [Fact]
    [Trait("Scenario", "TEL-02")]
    public async Task A_telemetry_config_is_followed_and_its_removal_clears_hash_and_condition()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Telemetry("http://one.example.com:4318") + Fixtures.Hub("discovered", "  telemetryConfigRef: {name: tel}"));
        await world.ConditionAsync("TelemetryConfigRefValidated=True/TelemetryConfigRefValid");
        await world.ConfigHasAsync("one.example.com");
        string hash = (await world.UntilAsync(world.HubAsync, h => h.At("status", "telemetryConfigHash") is not null, "the hash")).At("status", "telemetryConfigHash")!.Value.GetString()!;
        await world.SettleAsync();
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;

        await world.ApplyAsync(Telemetry("http://two.example.com:4318"));
        await world.ConfigHasAsync("two.example.com");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "telemetryConfigHash")?.GetString() is { } now && now != hash, "another hash");
        await world.UntilAsync(() => world.MustGetAsync(BuiltIn.Deployment, "hub"), d => d.Meta.Generation == generation + 1, "the rollout");

        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"spec":{"telemetryConfigRef":null}}""");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "telemetryConfigHash") is null && !OperatorWorld.Conditions(h).Any(c => c.StartsWith("Telemetry", StringComparison.Ordinal)), "nothing of telemetry left");
    }

    [Fact]
    [Trait("Scenario", "COMP-05")]
    public async Task A_composite_definition_is_waited_for_and_followed()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha")
            + $"---\napiVersion: {Version}\nkind: VirtualMCPServer\nmetadata: {{name: hub}}\nspec:\n  groupRef: {{name: team}}\n  incomingAuth: {{type: anonymous}}\n  config: {{compositeToolRefs: [{{name: def1}}]}}\n");
        KubeObject hub = await world.ConditionAsync("CompositeToolRefsValidated=False/CompositeToolRefNotFound");
        hub.At("status", "phase")!.Value.GetString().ShouldBe("Failed");

        await world.ApplyAsync(Composite("first words"));
        await world.ConditionAsync("CompositeToolRefsValidated=True/CompositeToolRefsValid");
        await world.ConfigHasAsync("first words");
        await world.ApplyAsync(Composite("second words"));
        await world.ConfigHasAsync("second words");
    }

    private static string Oidc(string issuer) =>
        $"---\napiVersion: {Version}\nkind: MCPOIDCConfig\nmetadata: {{name: idp}}\nspec: {{type: inline, inline: {{issuer: '{issuer}', clientId: c}}}}\n";

    private static string Telemetry(string endpoint) =>
        $"---\napiVersion: {Version}\nkind: MCPTelemetryConfig\nmetadata: {{name: tel}}\nspec: {{openTelemetry: {{enabled: true, endpoint: '{endpoint}', tracing: {{enabled: true}}}}}}\n";

    private static string Composite(string description) =>
        $"---\napiVersion: {Version}\nkind: VirtualMCPCompositeToolDefinition\nmetadata: {{name: def1}}\nspec:\n  name: def1\n  description: {description}\n  steps:\n  - {{id: s1, tool: alpha_echo, arguments: {{input: x}}}}\n";
}
