using System.Collections.Immutable;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Catalogs.Verdicts;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Explaining;

/// <summary>
/// Says of a published catalog what became of each item that a backend listed. Worked out when somebody asks, by the merge that made the
/// catalog, and kept until another catalog is asked about.
/// </summary>
public sealed class CatalogVerdicts
{
    private volatile Answer? _last;

    /// <summary>The verdicts as a client that can do everything would have them, sorted by backend, kind and original name.</summary>
    public ImmutableArray<ItemVerdict> Of(GatewaySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_last is { } last && ReferenceEquals(last.Catalog, snapshot.Catalog))
            return last.Verdicts;
        ImmutableArray<ItemVerdict> verdicts = CatalogMerge.Explain(
            Snapshots.MergeInputs(snapshot.Backends, ClientCapabilities.All), snapshot.Settings.Aggregation);
        if (snapshot.Variants.TryGetValue(ClientCapabilities.None, out Catalog? least))
            verdicts = [.. verdicts.Select(v => v.IsVisible && !Shows(least, v) ? v with { DependsOnClient = true } : v)];
        _last = new Answer(snapshot.Catalog, verdicts);
        return verdicts;
    }

    private static bool Shows(Catalog catalog, ItemVerdict verdict) => verdict.Kind switch
    {
        CapabilityKind.Tools => catalog.ToolRoutes.TryGetValue(verdict.ExposedName!, out ToolRoute? tool) && tool.Visible && tool.Backend == verdict.Backend,
        CapabilityKind.Prompts => catalog.PromptRoutes.TryGetValue(verdict.ExposedName!, out Route? prompt) && prompt.Backend == verdict.Backend,
        CapabilityKind.Resources => catalog.ResourceRoutes.TryGetValue(verdict.ExposedName!, out Route? resource) && resource.Backend == verdict.Backend,
        _ => catalog.TemplateRoutes.Any(t => t.OriginalName == verdict.OriginalName && t.Backend == verdict.Backend),
    };

    private sealed record Answer(Catalog Catalog, ImmutableArray<ItemVerdict> Verdicts);
}
