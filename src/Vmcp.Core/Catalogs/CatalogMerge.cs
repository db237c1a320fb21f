using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs;

/// <summary>What the merge needs to know of one backend.</summary>
/// <param name="Backend">The backend's name.</param>
/// <param name="Capabilities">What it offers.</param>
/// <param name="Listed">Whether its health lets its items be listed; otherwise their routes are marked away.</param>
public sealed record MergeInput(string Backend, BackendCapabilities Capabilities, bool Listed);

/// <summary>Merges what the backends offer into one catalog. Pure: equal input gives equal bytes.</summary>
public static class CatalogMerge
{
    /// <summary>Builds the catalog with the given version. The order of <paramref name="inputs"/> does not matter.</summary>
    public static Catalog Merge(long version, IReadOnlyCollection<MergeInput> inputs, AggregationPolicy policy) =>
        throw new InvalidOperationException("built in the next commit");
}
