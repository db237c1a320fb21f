using System.Collections.Concurrent;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Watching;

/// <summary>Each change wakes exactly the servers it concerns. The planner here counts calls and writes nothing.</summary>
public sealed class WakeTests
{
    private const string Version = "toolhive.stacklok.dev/v1beta1";

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [InlineData(null)]
    public async Task A_member_that_moves_wakes_the_group_it_leaves_and_the_one_it_joins(string? source)
    {
        await using Counted world = await Counted.StartAsync(source);
        await world.ExpectAsync(["hub", "hub2"], w => w.ApplyAsync(Fixtures.Backend("alpha", "other")));
    }

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [InlineData(null)]
    public async Task An_auth_config_wakes_the_servers_whose_members_use_it(string? source)
    {
        await using Counted world = await Counted.StartAsync(source);
        // alpha (an MCPServer), pxy (an MCPRemoteProxy) and ent (an MCPServerEntry), all of group team.
        foreach (string config in new[] { "key-server", "key-proxy", "key-entry" })
            await world.ExpectAsync(["hub"], w => w.ApplyAsync(Fixtures.HeaderAuth(config, "rotated")));
    }

    [Fact]
    public async Task An_auth_config_that_comes_later_wakes_the_server_that_named_it()
    {
        await using Counted world = await Counted.StartAsync("discovered", "  outgoingAuth: {source: discovered, default: {type: externalAuthConfigRef, externalAuthConfigRef: {name: later}}}", plain: true);
        await world.ExpectAsync(["hub"], w => w.ApplyAsync(Fixtures.HeaderAuth("later", "s9")));
        // Now that the config is known, so is its Secret.
        await world.ExpectAsync(["hub"], w => w.ApplyAsync(Fixtures.Secret("s9")));
    }

    [Fact]
    public async Task An_explicit_auth_config_wakes()
    {
        await using Counted world = await Counted.StartAsync("inline", "  outgoingAuth: {source: inline, backends: {alpha: {type: externalAuthConfigRef, externalAuthConfigRef: {name: exp}}}}", plain: true);
        await world.ExpectAsync(["hub"], w => w.ApplyAsync(Fixtures.HeaderAuth("exp", "s9")));
    }

    [Fact]
    public async Task A_rotated_secret_wakes_those_who_use_it_and_another_one_nobody()
    {
        await using Counted world = await Counted.StartAsync("inline");
        await world.ExpectAsync(["hub"], w => w.ApplyAsync(Fixtures.Secret("s-server", "bmV3")));
        await world.ExpectAsync([], w => w.ApplyAsync(Fixtures.Secret("unrelated", "bmV3")));
        await world.ExpectAsync(["hub"], w => w.World.DeleteAsync(BuiltIn.Secret, "s-server"));
        await world.ExpectAsync(["hub"], w => w.ApplyAsync(Fixtures.Secret("s-server")));
    }

    [Theory]
    [InlineData("MCPToolConfig", "tools", "{toolsFilter: [a]}")]
    [InlineData("VirtualMCPCompositeToolDefinition", "def1", "{name: def1, description: d, steps: []}")]
    [InlineData("MCPTelemetryConfig", "tel", "{openTelemetry: {enabled: true}}")]
    [InlineData("MCPOIDCConfig", "idp", "{type: inline, inline: {issuer: 'https://i'}}")]
    [InlineData("EmbeddingServer", "emb", "{image: x, model: m}")]
    public async Task A_configuration_object_wakes_the_server_that_names_it(string kind, string name, string spec)
    {
        const string More = """
              telemetryConfigRef: {name: tel}
              embeddingServerRef: {name: emb}
            """;
        await using Counted world = await Counted.StartAsync("discovered", More, config: "{aggregation: {tools: [{workload: alpha, toolConfigRef: {name: tools}}]}, compositeToolRefs: [{name: def1}]}", incoming: "{type: oidc, oidcConfigRef: {name: idp, audience: a}}");
        await world.ExpectAsync(["hub"], w => w.ApplyAsync($"apiVersion: {Version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"));
        await world.ExpectAsync([], w => w.ApplyAsync($"apiVersion: {Version}\nkind: {kind}\nmetadata: {{name: other-{name}}}\nspec: {spec}\n"));
    }

    [Fact]
    public async Task An_authorization_config_and_an_authorization_map_wake()
    {
        await using Counted world = await Counted.StartAsync("discovered", incoming: "{type: anonymous, authzConfigRef: {name: az}}");
        await world.ExpectAsync(["hub"], w => w.ApplyAsync($"apiVersion: {Version}\nkind: MCPAuthzConfig\nmetadata: {{name: az}}\nspec: {{type: cedarv1, config: {{}}}}\n"));
        await using Counted other = await Counted.StartAsync("discovered", incoming: "{type: anonymous, authzConfig: {type: configMap, configMap: {name: policies}}}");
        await other.ExpectAsync(["hub"], w => w.ApplyAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: policies}\ndata: {a: b}\n"));
    }

    [Fact]
    public async Task The_operators_own_status_wakes_nobody_and_the_gateways_does()
    {
        await using Counted world = await Counted.StartAsync("discovered");
        await world.ExpectAsync([], w => w.World.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"status":{"phase":"Degraded","message":"x"}}""", "status", "vmcp-operator"));
        await world.ExpectAsync(["hub"], w => w.World.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"status":{"backendCount":1,"discoveredBackends":[{"name":"alpha","status":"ready","lastHealthCheck":"2026-01-01T00:00:00Z"}]}}""", "status", "vmcp-runtime"));
        await world.ExpectAsync([], w => w.World.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"status":{"discoveredBackends":[{"name":"alpha","status":"ready","lastHealthCheck":"2026-01-01T00:09:00Z"}]}}""", "status", "vmcp-runtime"));
        await world.ExpectAsync(["hub"], w => w.World.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":2}}"""));
    }

    [Fact]
    public async Task In_inline_mode_the_status_we_write_for_the_gateway_wakes_nobody()
    {
        await using Counted world = await Counted.StartAsync("inline");
        await world.ExpectAsync([], w => w.World.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"status":{"backendCount":3}}""", "status", "vmcp-runtime"));
    }

    [Fact]
    public async Task A_pod_and_a_child_wake_their_server()
    {
        await using Counted world = await Counted.StartAsync("discovered");
        await world.ExpectAsync(["hub"], w => w.ApplyAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: virtualmcpserver, app.kubernetes.io/instance: hub}}\nspec: {containers: [{name: c, image: i}]}\n"));
        await world.ExpectAsync([], w => w.ApplyAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: q, labels: {app: else, app.kubernetes.io/instance: hub}}\nspec: {containers: [{name: c, image: i}]}\n"));
        // A stranger's object with a child's name matters: the plan says so.
        await world.ExpectAsync(["hub2"], w => w.ApplyAsync("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: hub2}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n"));
    }

    [Fact]
    public async Task A_pod_that_begins_to_fail_wakes_its_server_once()
    {
        await using Counted world = await Counted.StartAsync("discovered");
        await world.ExpectAsync(["hub"], w => w.ApplyAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: virtualmcpserver, app.kubernetes.io/instance: hub}}\nspec: {containers: [{name: c, image: i}]}\n"));
        await world.ExpectAsync(["hub"], w => w.World.MergeAsync(BuiltIn.Pod, "p", """{"status":{"initContainerStatuses":[{"name":"i","ready":false,"restartCount":1,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}""", "status"));
        await world.ExpectAsync([], w => w.World.MergeAsync(BuiltIn.Pod, "p", """{"status":{"initContainerStatuses":[{"name":"i","ready":false,"restartCount":2,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}""", "status"));
        // Between two back-offs a container runs for a moment; its restarts tell all the same.
        await world.ExpectAsync(["hub"], w => w.World.MergeAsync(BuiltIn.Pod, "p", """{"status":{"initContainerStatuses":null,"containerStatuses":[{"name":"c","ready":false,"restartCount":2,"state":{"running":{}}}]}}""", "status"));
    }

    [Fact]
    public async Task A_member_that_says_the_same_again_wakes_nobody()
    {
        await using Counted world = await Counted.StartAsync("discovered");
        await world.ExpectAsync(["hub"], w => w.World.MergeAsync(ToolHive.MCPServer, "alpha", """{"status":{"phase":"Failed"}}""", "status"));
        await world.ExpectAsync([], w => w.World.MergeAsync(ToolHive.MCPServer, "alpha", """{"status":{"phase":"Failed"}}""", "status"));
        await world.ExpectAsync(["hub2"], w => w.ApplyAsync(Fixtures.Backend("gamma", "other")));
        await world.ExpectAsync([], w => w.ApplyAsync(Fixtures.Backend("delta", "nobody")));
    }

    private sealed class Counted : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, int> _plans = new();

        public required OperatorWorld World { get; init; }

        public static async Task<Counted> StartAsync(string? source, string more = "", bool plain = false, string config = "{}", string incoming = "{type: anonymous}")
        {
            string outgoing = source is null || plain ? "" : $"  outgoingAuth: {{source: {source}}}\n";
            string manifests = Fixtures.Group() + Fixtures.Group("other")
                + Fixtures.Backend("alpha", auth: "key-server")
                + $"---\napiVersion: {Version}\nkind: MCPRemoteProxy\nmetadata: {{name: pxy}}\nspec: {{groupRef: {{name: team}}, remoteUrl: 'https://r', externalAuthConfigRef: {{name: key-proxy}}}}\n"
                + $"---\napiVersion: {Version}\nkind: MCPServerEntry\nmetadata: {{name: ent}}\nspec: {{groupRef: {{name: team}}, remoteUrl: 'https://r', transport: sse, externalAuthConfigRef: {{name: key-entry}}}}\n"
                + Fixtures.HeaderAuth("key-server", "s-server") + Fixtures.HeaderAuth("key-proxy", "s-proxy") + Fixtures.HeaderAuth("key-entry", "s-entry")
                + Fixtures.Secret("s-server") + Fixtures.Secret("unrelated")
                + $"---\napiVersion: {Version}\nkind: VirtualMCPServer\nmetadata: {{name: hub}}\nspec:\n  groupRef: {{name: team}}\n  incomingAuth: {incoming}\n  config: {config}\n{outgoing}{more}\n"
                + $"---\napiVersion: {Version}\nkind: VirtualMCPServer\nmetadata: {{name: hub2}}\nspec: {{groupRef: {{name: other}}, incomingAuth: {{type: anonymous}}}}\n";
            Counted? counted = null;
            ConcurrentDictionary<string, int> early = new();
            OperatorWorld world = await OperatorWorld.StartAsync(
                manifests,
                OperatorWorld.FastOptions with { Controllers = ["virtualmcpserver"] },
                (server, _, _) =>
                {
                    (counted?._plans ?? early).AddOrUpdate(server.Metadata.Name, 1, (_, n) => n + 1);
                    return new ServerPlan { Outcome = PlanOutcome.Hold, Status = new StatusPlan { Phase = "Pending", ObservedGeneration = server.Metadata.Generation } };
                });
            counted = new Counted { World = world };
            await world.SettleAsync();
            return counted;
        }

        public Task ApplyAsync(string manifests) => World.ApplyAsync(manifests);

        /// <summary>Does something and sees which servers were planned again: these and no others.</summary>
        public async Task ExpectAsync(string[] servers, Func<Counted, Task> change)
        {
            _plans.Clear();
            await change(this);
            if (servers.Length > 0)
                await World.UntilAsync(() => Task.FromResult(_plans.Keys.Order().ToArray()), seen => servers.All(s => seen.Contains(s)), $"wake of {string.Join(", ", servers)}", roll: false);
            // Longer than the debounce several times over: whoever was woken has been planned by now.
            await Task.Delay(200, OperatorWorld.Token);
            _plans.Keys.Order().ShouldBe(servers.Order());
        }

        public ValueTask DisposeAsync() => World.DisposeAsync();
    }
}
