using Microsoft.Extensions.Logging;

using Vmcp.Core.Catalogs;

namespace Vmcp.Gateway.Backends;

/// <summary>Tells the log of another catalog, and of each conflict once.</summary>
internal static class CatalogNews
{
    /// <summary>One catalog took the place of another.</summary>
    public static void CatalogChanged(this ILogger logger, Catalog before, GatewaySnapshot next)
    {
        Catalog catalog = next.Catalog;
        logger.CatalogPublished(
            catalog.Version, catalog.Tools.Entries.Length, catalog.Resources.Entries.Length, catalog.Prompts.Entries.Length,
            next.Backends.Values.Count(v => v.Listed));
        HashSet<string> known = [.. before.Conflicts.Select(c => c.Kind + c.Name + c.Reason)];
        foreach (CatalogConflict conflict in catalog.Conflicts.Where(c => !known.Contains(c.Kind + c.Name + c.Reason)))
            logger.NameConflict(conflict.Kind.ToString(), conflict.Name, conflict.Reason);
    }
}
