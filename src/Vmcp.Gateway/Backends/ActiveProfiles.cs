using System.Collections.Frozen;

using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Backends;

/// <summary>The kinds of clients seen so far, by what they can be asked: at most sixteen.</summary>
/// <param name="added">Called when a new kind came.</param>
public sealed class ActiveProfiles(Action added)
{
    // The commonest two are there from the start, so that their first list is right at once.
    private FrozenSet<ClientCapabilities> _current = [ClientCapabilities.None, ClientCapabilities.All with { ElicitationUrl = false }];

    /// <summary>All kinds seen.</summary>
    public FrozenSet<ClientCapabilities> Current => Volatile.Read(ref _current);

    /// <summary>Notes a client; cheap for a kind that was seen before.</summary>
    public void Note(ClientCapabilities client)
    {
        while (true)
        {
            FrozenSet<ClientCapabilities> before = Current;
            if (before.Contains(client))
                return;
            FrozenSet<ClientCapabilities> after = before.Append(client).ToFrozenSet();
            if (ReferenceEquals(Interlocked.CompareExchange(ref _current, after, before), before))
                break;
        }

        added();
    }
}
