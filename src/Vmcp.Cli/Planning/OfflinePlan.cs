using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Config.Reading;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

namespace Vmcp.Cli.Planning;

/// <summary>What the operator would do for one VirtualMCPServer.</summary>
/// <param name="Server">The server.</param>
/// <param name="Plan">Its plan.</param>
/// <param name="Served">Names of the backends the gateway serves, sorted; empty when it is held.</param>
internal sealed record PlannedServer(VirtualMCPServer Server, ServerPlan Plan, ImmutableArray<string> Served)
{
    /// <summary>The operator would write nothing but a status that says why.</summary>
    public bool Held => Plan.Outcome == PlanOutcome.Hold;
}

/// <summary>The plans for all VirtualMCPServers of manifests, by the operator's own planner.</summary>
/// <param name="Servers">The servers, by namespace and name.</param>
/// <param name="Notes">What is wrong with objects beside them, one line each.</param>
internal sealed record OfflinePlan(ImmutableArray<PlannedServer> Servers, ImmutableArray<string> Notes)
{
    /// <summary>Plans every server, or the one of a name.</summary>
    /// <exception cref="ManifestException">An object does not have the form of its kind.</exception>
    public static OfflinePlan Of(ManifestSet set, OperatorSettings settings, string? name)
    {
        ImmutableArray<PlannedServer>.Builder servers = ImmutableArray.CreateBuilder<PlannedServer>();
        List<string> notes = [];
        foreach (string @namespace in set.Namespaces)
        {
            OfflineWorld offline = new(set, @namespace);
            foreach (VirtualMCPServer server in offline.Servers.Where(s => name is null || s.Key.Name == name))
            {
                World world = offline.Of(server);
                ServerPlan plan = VirtualServerPlanner.Plan(server, world, settings);
                servers.Add(new PlannedServer(server, plan, Served(world, plan)));
            }

            notes.AddRange(offline.Notes);
        }

        return new OfflinePlan(servers.ToImmutable(), [.. notes]);
    }

    private static ImmutableArray<string> Served(World world, ServerPlan plan)
    {
        if (plan.Outcome == PlanOutcome.Hold)
            return [];
        HashSet<string> leftOut = [.. plan.LeftOut.Select(l => l.Name)];
        if (plan.Status.Mode == "inline" && Document(plan) is { } yaml)
            return [.. (ConfigReader.Read(yaml, "config.yaml").Config?.Backends ?? []).Select(b => b.Name!).Where(n => !leftOut.Contains(n)).Order(StringComparer.Ordinal)];
        return
        [
            .. world.Servers.Select(s => s.Key.Name)
                .Concat(world.RemoteProxies.Select(s => s.Key.Name))
                .Concat(world.Entries.Select(s => s.Key.Name))
                .Where(n => !leftOut.Contains(n))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The gateway's configuration; null when the plan has none.</summary>
    internal static string? Document(ServerPlan plan) => plan.Objects
        .Where(o => o.Type == BuiltIn.ConfigMap)
        .Select(o => o.Body["data"]?["config.yaml"])
        .OfType<JsonValue>()
        .Select(v => v.GetValue<string>())
        .FirstOrDefault();
}
