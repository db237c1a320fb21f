using Vmcp.Core.Catalogs;
using Vmcp.Gateway.Backends;

namespace Vmcp.Gateway.Identities;

/// <summary>Says why a name is not in a user's catalog, where a per-user backend may be the reason.</summary>
internal static class Absence
{
    /// <summary>
    /// The reason as a sentence; null when the name is simply not there. Names a backend only to who used its prefix, or, where names have no
    /// prefix, while the answer of one is still to come.
    /// </summary>
    /// <param name="snapshot">The snapshot of the request.</param>
    /// <param name="name">The name that was not found.</param>
    public static string? Why(GatewaySnapshot snapshot, string name)
    {
        AggregationPolicy policy = snapshot.Settings.Aggregation;
        foreach (PerUserBackend backend in snapshot.PerUser)
        {
            bool named = policy.PrefixOf(backend.Name) is { Length: > 0 } prefix && name.StartsWith(prefix, StringComparison.Ordinal);
            if (snapshot.Own is not { } own)
            {
                if (named)
                    return $"Backend \"{backend.Name}\" is called on behalf of a signed-in user ({backend.Handle.Backend.Strategy.Type}), and this request comes from nobody in particular.";
                continue;
            }

            OwnLists? said = own.SaidBy(backend);
            if (named && said is { Items: null, Trouble: { } trouble })
                return $"Backend \"{backend.Name}\" {trouble}, so it offers you nothing now.";
            if (said is null && backend.Dialled && (named || policy.Strategy != ConflictStrategy.Prefix))
                return $"Backend \"{backend.Name}\" is still being asked what it offers you; try again in a moment.";
            if (said is null && named)
                return $"Backend \"{backend.Name}\" is unavailable.";
        }

        return null;
    }
}
