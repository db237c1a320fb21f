using Vmcp.Core.Backends;
using Vmcp.Core.Health;

namespace Vmcp.Gateway.Backends;

/// <summary>Whether what is known of a backend was known before it was described anew, and it has not answered since.</summary>
internal enum Taken
{
    /// <summary>It answered as it is described now.</summary>
    No,

    /// <summary>From before, when it was not listed.</summary>
    Unlisted,

    /// <summary>From before, when it was listed.</summary>
    Listed,
}

/// <summary>
/// What a backend that is described anew keeps of what was known of it. Clients keep the lists they have, whatever changed, until the backend
/// answers or fails as often as the health rules ask. Health and breaker stay where the old trouble may go on, and start anew where the
/// change may have ended it.
/// </summary>
internal static class Succession
{
    /// <summary>The same server at the same address; how we come in may differ.</summary>
    public static bool IsSamePlace(Backend before, Backend after) => before.Url == after.Url && before.Transport == after.Transport;

    /// <summary>A request to one is a request to the other: nothing changed but our patience and texts.</summary>
    public static bool IsSameWay(Backend before, Backend after) =>
        before with { Timeout = after.Timeout, Metadata = after.Metadata, IsEntry = after.IsEntry, AuthSource = after.AuthSource } == after;

    /// <summary>What a worker begins with.</summary>
    public static BackendWorker.State StateAfter(BackendWorker before, Backend after)
    {
        BackendWorker.State known = before.Current;
        if (IsSameWay(before.Handle.Backend, after))
            return known;
        bool listed = before.Lists(known);
        bool keepsStatus = listed && IsSamePlace(before.Handle.Backend, after);
        return known with
        {
            Health = keepsStatus ? known.Health with { ConsecutiveFailures = 0, IsRecovering = false } : HealthState.Initial,
            Taken = listed ? Taken.Listed : Taken.Unlisted,
        };
    }
}
