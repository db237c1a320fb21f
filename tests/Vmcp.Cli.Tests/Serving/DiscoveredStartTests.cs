using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Cli.Serving;
using Vmcp.Discovery.Watching;
using Vmcp.Gateway.Hosting;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Serving;

/// <summary>A file that is edited while its gateway finds its backends in a cluster.</summary>
public sealed class DiscoveredStartTests
{
    private const string Discovered = "name: hub\ngroupRef: team\noutgoingAuth: {source: discovered}\n";

    [Fact]
    public async Task An_edited_deadline_counts_for_backends_of_the_cluster()
    {
        InMemoryCluster cluster = new(TimeProvider.System);
        await PutAsync(cluster, "VirtualMCPServer", "hub", """{"groupRef": {"name": "team"}}""");
        await PutAsync(cluster, "MCPGroup", "team", "{}");
        await PutAsync(cluster, "MCPServer", "alpha", """{"image": "a", "transport": "sse", "groupRef": {"name": "team"}}""");
        await cluster.PatchAsync(
            ToolHive.MCPServer, new("demo", "alpha"), new Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["url"] = "http://127.0.0.1:9/sse" } }),
            new WriteOptions { FieldManager = "controller", Subresource = "status" }, TestContext.Current.CancellationToken);
        LoadedConfig first = Load(Discovered);
        DiscoveryOptions options = new() { Namespace = "demo", Group = "team", Config = first.Config, ServerName = "hub" };
        KubernetesSource source = new(cluster, options, TimeProvider.System, NullLogger<KubernetesSource>.Instance);
        GatewayStart start = DiscoveredStart.Join(new GatewayStart { Config = first }, source);
        using CancellationTokenSource end = new();
        Task running = source.RunAsync(end.Token);
        try
        {
            await BecomesAsync(first.Config.EffectiveOperational.TimeoutFor("alpha"));

            start.Reloaded(Load(Discovered + "operational: {timeouts: {default: 7s}}\n"));

            await BecomesAsync(TimeSpan.FromSeconds(7));
        }
        finally
        {
            await end.CancelAsync();
            await running;
        }

        Task BecomesAsync(TimeSpan timeout) => Eventually.BecomesAsync(
            () => source.Current.Backends.Backends is [{ Name: "alpha" } one] && one.Timeout == timeout, $"a deadline of {timeout}");
    }

    [Fact]
    public void A_file_that_lists_backends_now_is_refused_and_not_silently_without_effect()
    {
        LoadedConfig config = Load(Discovered);
        DiscoveryOptions options = new() { Namespace = "demo", Group = "team", Config = config.Config };
        GatewayStart start = DiscoveredStart.Join(
            new GatewayStart { Config = config },
            new KubernetesSource(new InMemoryCluster(TimeProvider.System), options, TimeProvider.System, NullLogger<KubernetesSource>.Instance));

        start.Refused(config).ShouldBeEmpty();
        start.Refused(Load("name: hub\ngroupRef: team\nbackends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]\n"))
            .ShouldHaveSingleItem().Path.ShouldBe("outgoingAuth.source");
    }

    private static LoadedConfig Load(string yaml) =>
        LoadedConfig.Load(yaml, "vmcp.yaml", _ => null, 1, out var problems) ?? throw new InvalidDataException(string.Join('\n', problems.Select(p => p.ToString())));

    private static Task PutAsync(InMemoryCluster cluster, string kind, string name, string spec) => cluster.CreateAsync(
        ToolHive.All.Single(t => t.Kind == kind),
        new JsonObject
        {
            ["apiVersion"] = ToolHive.ApiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["namespace"] = "demo", ["name"] = name },
            ["spec"] = JsonNode.Parse(spec),
        },
        WriteOptions.Default,
        TestContext.Current.CancellationToken);
}
