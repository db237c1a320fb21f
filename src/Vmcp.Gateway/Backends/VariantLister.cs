using System.Collections.Frozen;
using System.Collections.Immutable;

using Vmcp.Core.Capabilities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;

namespace Vmcp.Gateway.Backends;

/// <summary>
/// Some servers list more to a client that can sample or be asked. Such a backend is listed once for each set of
/// capabilities in use, so that nobody is shown a tool that the backend would refuse to them.
/// </summary>
internal static class VariantLister
{
    /// <summary>Longest time for all lists of one backend; the next probe waits for it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The lists by client capabilities, or null when the backend lists the same to everybody. A failure on the way keeps
    /// what was known: health is the probe's business.
    /// </summary>
    /// <param name="handle">The backend.</param>
    /// <param name="full">What it lists to a client that can do everything.</param>
    /// <param name="known">The lists known so far; null when none are, or when they must be read anew.</param>
    /// <param name="wanted">The capability sets in use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<FrozenDictionary<ClientCapabilities, BackendCapabilities>?> ListAsync(
        BackendHandle handle, BackendCapabilities full, FrozenDictionary<ClientCapabilities, BackendCapabilities>? known,
        IReadOnlyCollection<ClientCapabilities> wanted, TimeProvider time, CancellationToken cancellationToken)
    {
        Dictionary<ClientCapabilities, BackendCapabilities> lists = known?.ToDictionary() ?? [];
        if (!lists.ContainsKey(ClientCapabilities.None))
        {
            BackendCapabilities? bare = await ListOneAsync(handle, full, ClientCapabilities.None, time, cancellationToken).ConfigureAwait(false);
            if (bare is null || Same(bare, full))
                return null;
            lists[ClientCapabilities.None] = bare;
        }

        foreach (ClientCapabilities capabilities in wanted)
        {
            if (capabilities == ClientCapabilities.All || lists.ContainsKey(capabilities))
                continue;
            if (await ListOneAsync(handle, full, capabilities, time, cancellationToken).ConfigureAwait(false) is { } list)
                lists[capabilities] = list;
        }

        return lists.ToFrozenDictionary();
    }

    private static async Task<BackendCapabilities?> ListOneAsync(
        BackendHandle handle, BackendCapabilities full, ClientCapabilities capabilities, TimeProvider time, CancellationToken cancellationToken)
    {
        LinkIdentity identity = new(Revisions.LatestLegacy, capabilities.ToJson(), default);
        LinkOutcome opened = await LinkOpener.OpenAsync(handle.Http, handle.Dialect, BackendLink.Gateway, identity, time, cancellationToken).ConfigureAwait(false);
        if (opened.Link is not { } link)
            return null;
        try
        {
            await ListReader.SettleAsync(link, time, cancellationToken).ConfigureAwait(false);
            ListReader.Reading reading = await ListReader.ReadAsync(link, ListReader.Kinds, full, identity, cancellationToken).ConfigureAwait(false);
            return reading.Failure is null && reading.Failed.Count == 0 ? reading.Lists : null;
        }
        finally
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool Same(BackendCapabilities a, BackendCapabilities b) => ListReader.Kinds.All(k => SameItems(a.Items(k), b.Items(k)));

    /// <summary>A server may list in another order each time; that alone is no difference.</summary>
    private static bool SameItems(ImmutableArray<CapabilityItem> a, ImmutableArray<CapabilityItem> b) =>
        a.Length == b.Length && a.ToHashSet().SetEquals(b);
}
