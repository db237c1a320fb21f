using System.Text.Json;
using Vmcp.Cli.Clusters;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Cli.Tests.Clusters;

/// <summary><c>vmcp status NAME</c>.</summary>
public sealed class ClusterStatusTests
{
    [Fact]
    public async Task The_table_has_phase_mode_conditions_that_matter_and_a_line_per_backend()
    {
        KubeWorld world = await KubeWorld.StartAsync();

        Ran ran = await world.StatusAsync("hub");

        ran.ExitCode.ShouldBe(0, "one backend can be called");
        ran.Out.ShouldStartWith("hub in namespace demo at http://vmcp-hub.demo.svc.cluster.local:4483\n"
            + "phase Degraded · mode discovered · group team · ready replicas 1 of 2\n"
            + "1 of 2 backends is not available\n"
            + "BackendsHealthy is False, BackendsUnavailable: jira is not available\n");
        ran.Out.ShouldNotContain("Ready is");
        string[][] lines = [.. ran.Out.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        lines.ShouldContain(l => l.Length > 0 && l[0] == "BACKEND");
        lines.Single(l => l is ["jira", ..]).ShouldBe(
            ["jira", "unavailable", "open", "-", "never", "header_injection", "(jira-key)", "workload", "connection", "failed", "(4", "in", "a", "row)"]);
        lines.Single(l => l is ["notes", ..])[..4].ShouldBe(["notes", "ready", "-", "2025-11-25"]);
    }

    [Fact]
    public async Task Json_holds_the_status_as_it_is_stored()
    {
        KubeWorld world = await KubeWorld.StartAsync();

        using JsonDocument json = JsonDocument.Parse((await world.StatusAsync("hub", json: true)).Out);

        json.RootElement.GetProperty("ready_replicas").GetInt32().ShouldBe(1);
        json.RootElement.GetProperty("status").GetProperty("discoveredBackends").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_backend_that_can_be_called_the_exit_code_is_1()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        await world.ApplyAsync("""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: hub}
            spec: {groupRef: {name: team}, incomingAuth: {type: anonymous}}
            status: {phase: Failed, discoveredBackends: [{name: jira, status: unavailable}]}
            """);

        (await world.StatusAsync("hub")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_that_is_not_there_gets_the_near_one()
    {
        KubeWorld world = await KubeWorld.StartAsync();

        (await Should.ThrowAsync<ClusterProblem>(() => world.StatusAsync("hubb"))).Message
            .ShouldBe("namespace \"demo\" has no VirtualMCPServer \"hubb\"; did you mean \"hub\"?");
    }

    [Fact]
    public async Task A_forbidden_resource_names_the_check_that_shows_it()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        world.Forbid(r => r.Type == ToolHive.VirtualMCPServer);

        (await Should.ThrowAsync<ClusterProblem>(() => world.StatusAsync("hub"))).Message.ShouldBe(
            "your account may not get virtualmcpservers.toolhive.stacklok.dev in namespace \"demo\"; "
            + "check with: kubectl -n demo auth can-i get virtualmcpservers.toolhive.stacklok.dev");
    }

    [Fact]
    public async Task What_else_is_forbidden_costs_only_itself()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        world.Forbid(r => r.Type == BuiltIn.Deployment || r.Type == BuiltIn.Pod);

        Ran ran = await world.StatusAsync("hub");

        ran.ExitCode.ShouldBe(0);
        ran.Out.ShouldContain("ready replicas not known");
        ran.Out.ShouldContain("note: your account may not get deployments.apps");
    }

    [Fact]
    public async Task Without_a_kubeconfig_the_error_says_what_to_do()
    {
        using TempFolder home = new();
        Ran missing = await Vmcp.RunAsync("status", "hub", "--kubeconfig", home["none"]);
        missing.ShouldFailSaying("none");
        (await Vmcp.RunAsync("status", "http://127.0.0.1:1", "-n", "demo")).ShouldFailSaying("vmcp status NAME -n NAMESPACE");
    }
}
