using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.SmallControllers;

/// <summary>Who names a group as theirs, in any order.</summary>
public sealed record GroupFacts
{
    /// <summary>Names of the MCPServers.</summary>
    public ImmutableArray<string> Servers { get; init; } = [];

    /// <summary>Names of the MCPRemoteProxies.</summary>
    public ImmutableArray<string> RemoteProxies { get; init; } = [];

    /// <summary>Names of the MCPServerEntries.</summary>
    public ImmutableArray<string> Entries { get; init; } = [];
}

/// <summary>
/// The status of an MCPGroup: its members, sorted, and Ready, which says that they could be listed and nothing of their health
/// (operator 6.1). A group never holds its deletion; a VirtualMCPServer that misses it says so itself (operator 6.2).
/// </summary>
public static class GroupPlanner
{
    /// <summary>The finalizer another operator may have left on a group; nobody would take it off (operator 6.2).</summary>
    public const string ForeignFinalizer = "toolhive.stacklok.dev/mcpgroup-finalizer";

    /// <summary>What the group's status should say.</summary>
    public static SmallPlan Plan(MCPGroup group, GroupFacts facts)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(facts);
        JsonArray servers = Sorted(facts.Servers), proxies = Sorted(facts.RemoteProxies), entries = Sorted(facts.Entries);
        return new SmallPlan
        {
            StatusFields = new JsonObject
            {
                ["entries"] = entries,
                ["entryCount"] = entries.Count,
                ["observedGeneration"] = group.Metadata.Generation,
                ["phase"] = "Ready",
                ["remoteProxies"] = proxies,
                ["remoteProxyCount"] = proxies.Count,
                ["serverCount"] = servers.Count,
                ["servers"] = servers,
            },
            Conditions =
            [
                new PlannedCondition(
                    "MCPServersChecked",
                    "True",
                    "ListMCPServersCheckSucceeded",
                    $"The group has {servers.Count} MCPServers, {proxies.Count} MCPRemoteProxies and {entries.Count} MCPServerEntries"),
            ],
            DroppedFinalizers = group.Metadata.DeletionTimestamp is null ? [] : [ForeignFinalizer],
        };
    }

    private static JsonArray Sorted(ImmutableArray<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => (JsonNode)name)];
}
