using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Settings;
using Vmcp.Operator.Tests.Planning;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Objects;

public sealed class PodTemplateTests
{
    [Fact]
    public void The_pod_is_confined_and_stops_without_dropping_a_call()
    {
        JsonNode spec = Hub.Discovered.Plan().Template()["spec"]!;
        JsonNode container = spec["containers"]![0]!;

        container["securityContext"]!.ToJsonString().ShouldBe(
            """{"privileged":false,"runAsNonRoot":true,"runAsUser":1000,"runAsGroup":1000,"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]},"seccompProfile":{"type":"RuntimeDefault"}}""");
        spec["securityContext"]!.ToJsonString().ShouldBe(
            """{"runAsNonRoot":true,"runAsUser":1000,"runAsGroup":1000,"fsGroup":1000,"seccompProfile":{"type":"RuntimeDefault"}}""");
        container["lifecycle"]!.ToJsonString().ShouldBe("""{"preStop":{"sleep":{"seconds":5}}}""");
        ((int)spec["terminationGracePeriodSeconds"]!).ShouldBeGreaterThanOrEqualTo(5 + 30 + 10);
        Hub.Discovered.Plan().Body(BuiltIn.Deployment)["spec"]!["strategy"]!.ToJsonString().ShouldBe(
            """{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}""");
    }

    [Fact]
    public void Probes_ask_the_documented_paths_and_start_at_once()
    {
        JsonNode container = Hub.Discovered.Plan().Container();

        container["startupProbe"]!.ToJsonString().ShouldBe("""{"httpGet":{"path":"/health","port":"http"},"periodSeconds":2,"timeoutSeconds":2,"failureThreshold":60}""");
        container["livenessProbe"]!.ToJsonString().ShouldBe("""{"httpGet":{"path":"/health","port":"http"},"periodSeconds":10,"timeoutSeconds":5,"failureThreshold":3}""");
        container["readinessProbe"]!.ToJsonString().ShouldBe("""{"httpGet":{"path":"/readyz","port":"http"},"periodSeconds":5,"timeoutSeconds":3,"failureThreshold":3}""");
        container["ports"]!.ToJsonString().ShouldBe("""[{"name":"http","containerPort":4483,"protocol":"TCP"}]""");
    }

    [Fact]
    public void A_read_only_container_can_still_write_to_tmp()
    {
        JsonNode spec = Hub.Discovered.Plan().Template()["spec"]!;

        spec["volumes"]!.ToJsonString().ShouldBe("""[{"name":"vmcp-config","configMap":{"name":"hub-vmcp-config"}},{"name":"tmp","emptyDir":{"sizeLimit":"64Mi"}}]""");
        spec["containers"]![0]!["volumeMounts"]!.ToJsonString().ShouldBe(
            """[{"name":"vmcp-config","mountPath":"/etc/vmcp-config","readOnly":true},{"name":"tmp","mountPath":"/tmp"}]""");
    }

    [Fact]
    public void Image_and_memory_come_from_the_operators_flags()
    {
        JsonNode container = Hub.Discovered.Plan(settings: OperatorSettings.Default with { VmcpImage = "reg/vmcp:2", MemoryLimit = "1Gi" }).Container();

        ((string)container["image"]!).ShouldBe("reg/vmcp:2");
        container["resources"]!.ToJsonString().ShouldBe("""{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"500m","memory":"1Gi"}}""");
    }

    [Fact]
    public void On_OpenShift_the_platform_chooses_the_ids()
    {
        JsonNode spec = Hub.Discovered.Plan(settings: OperatorSettings.Default with { OpenShift = true }).Template()["spec"]!;

        spec.ToJsonString().ShouldNotContain("runAsUser");
        spec.ToJsonString().ShouldNotContain("runAsGroup");
        spec.ToJsonString().ShouldNotContain("fsGroup");
        ((bool)spec["securityContext"]!["runAsNonRoot"]!).ShouldBeTrue();
    }

    [Theory]
    [InlineData("discovered", true)]
    [InlineData("inline", false)]
    public void Only_a_discovered_pod_mounts_a_token(string mode, bool mounted)
    {
        ServerPlan plan = (mode == "inline" ? Hub.Inline : Hub.Discovered).Plan();

        ((bool)plan.Template()["spec"]!["automountServiceAccountToken"]!).ShouldBe(mounted);
        ((bool)plan.Body(BuiltIn.ServiceAccount)["automountServiceAccountToken"]!).ShouldBeFalse();
        ((string)plan.Template()["metadata"]!["annotations"]!["toolhive.stacklok.dev/mode"]!).ShouldBe(mode);
    }

    [Fact, Trait("Scenario", "DISC-01")]
    public void In_discovered_mode_members_never_reach_the_pod_template()
    {
        string first = Hub.Discovered.Plan().Body(BuiltIn.Deployment).ToJsonString();
        World[] others =
        [
            Hub.World with { Servers = [] },
            Hub.World with { Servers = [Hub.Backend("gamma"), Hub.Backend("alpha", "key1")] },
            (Hub.World with { Servers = [Hub.Backend("alpha", "key1"), Hub.Backend("beta", "gone")] }).WithAuth("key1", "s1"),
            (Hub.World with { Entries = [Entry("docs")] }).WithAuth("key1", "s1"),
            Hub.World with { Observed = [Hub.Saw("alpha", "unavailable")] },
        ];

        foreach (World other in others)
        {
            Hub.Discovered.Plan(other).Body(BuiltIn.Deployment).ToJsonString().ShouldBe(first);
            Hub.Discovered.Plan(other).Config().ShouldBe(Hub.Discovered.Plan().Config());
        }
    }

    [Fact, Trait("Scenario", "INL-03")]
    public void In_inline_mode_a_new_member_is_one_new_template()
    {
        ServerPlan one = Hub.Inline.Plan(Hub.World with { Servers = [Hub.Backend("alpha")] });
        ServerPlan two = Hub.Inline.Plan();

        two.Config().ShouldContain("beta");
        one.Config().ShouldNotContain("beta");
        one.Template().ToJsonString().ShouldNotBe(two.Template().ToJsonString());
    }

    [Fact]
    public void In_inline_mode_a_rotated_Secret_is_a_new_template_and_its_value_is_nowhere()
    {
        World world = (Hub.World with { Servers = [Hub.Backend("alpha", "key1")] }).WithAuth("key1", "s1");
        World rotated = world with { Secrets = world.Secrets.SetItem("s1", new SecretFacts(["k"], "s1-2")) };

        JsonNode before = Hub.Inline.Plan(world).Template()["metadata"]!["annotations"]!;
        JsonNode after = Hub.Inline.Plan(rotated).Template()["metadata"]!["annotations"]!;

        ((string)after["toolhive.stacklok.dev/sources-checksum"]!).ShouldNotBe((string)before["toolhive.stacklok.dev/sources-checksum"]!);
        ((string)after["toolhive.stacklok.dev/runconfig-checksum"]!).ShouldBe((string)before["toolhive.stacklok.dev/runconfig-checksum"]!);
    }

    [Fact, Trait("Scenario", "CM-02")]
    public void The_same_world_in_any_order_is_the_same_plan_byte_for_byte()
    {
        World world = (Hub.World with
        {
            Servers = [.. Enumerable.Range(0, 12).Select(i => Hub.Backend($"b{i}", i % 3 == 0 ? "key1" : null)), Hub.Backend("bad", "missing")],
            Entries = [Entry("docs"), Entry("wiki")],
            Observed = [Hub.Saw("b0", "ready"), Hub.Saw("b1", "degraded"), Hub.Saw("b2", "unavailable")],
        }).WithAuth("key1", "s1").WithAuth("key2", "s2");
        LiveCluster cluster = new();
        VirtualMCPServer[] servers =
        [
            Hub.Discovered.With(s => s with { Replicas = 2, PodTemplateSpec = Hub.Json("""{"spec":{"nodeSelector":{"b":"1","a":"2"}}}""") }),
            Hub.Inline,
        ];
        foreach (VirtualMCPServer server in servers)
        {
            cluster.Settle(() => server.Plan(world with { Live = cluster.State }));
            World live = world with { Live = cluster.State };
            string expected = Text(server.Plan(live));
            Random random = new(4711);
            for (int i = 0; i < 100; i++)
                Text(server.Plan(Shuffled(live, random))).ShouldBe(expected);
        }
    }

    private static World Shuffled(World world, Random random) => world with
    {
        Servers = Shuffle(world.Servers, random),
        Entries = Shuffle(world.Entries, random),
        RemoteProxies = Shuffle(world.RemoteProxies, random),
        Live = world.Live with { Pods = Shuffle(world.Live.Pods, random) },
    };

    private static ImmutableArray<T> Shuffle<T>(ImmutableArray<T> items, Random random)
    {
        T[] copy = [.. items];
        random.Shuffle(copy);
        return [.. copy];
    }

    private static string Text(ServerPlan plan) => string.Join('\n',
    [
        plan.Outcome.ToString(),
        .. plan.Objects.Select(o => $"{o.Type.Kind} {o.Mode} {o.Body.ToJsonString()}"),
        .. plan.Removals.Select(r => r.ToString()),
        .. plan.Events.Select(e => e.ToString()),
        .. plan.LeftOut.Select(l => l.ToString()),
        $"{plan.Status.Phase} {plan.Status.Message} {plan.Status.Url} {plan.Status.Mode} {plan.Status.ObservedGeneration}",
        .. plan.Status.Conditions.Select(c => c.ToString()),
        .. plan.Status.Backends?.Backends.Select(b => b.ToString()) ?? [],
        .. plan.Status.Backends?.Conditions.Select(c => c.ToString()) ?? [],
    ]);

    private static MCPServerEntry Entry(string name) => new()
    {
        Metadata = Hub.Meta(name),
        Spec = new MCPServerEntrySpec
        {
            RemoteUrl = $"https://{name}.example.com/mcp",
            Transport = "streamable-http",
            GroupRef = new MCPGroupRef { Name = "team" },
            ExternalAuthConfigRef = new ExternalAuthConfigRef { Name = "key1" },
            CaBundleRef = new CABundleSource { ConfigMapRef = new ConfigMapKeySelector { Name = "ca", Key = "ca.crt" } },
        },
        Status = new MCPServerEntryStatus { Phase = "Valid" },
    };
}
