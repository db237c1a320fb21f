using Microsoft.Extensions.DependencyInjection;

using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Dashboard;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Hosting;

/// <summary>Who hears of what: joins the rooms that know nothing of each other.</summary>
internal static class Wiring
{
    /// <summary>The last step of a backend change: tell the sessions and streams.</summary>
    public static void Join(IServiceProvider services, TimeProvider time)
    {
        BackendFleet fleet = services.GetRequiredService<BackendFleet>();
        SessionTable sessions = services.GetRequiredService<SessionTable>();
        ListenStreams streams = services.GetRequiredService<ListenStreams>();
        TaskTracker tasks = services.GetRequiredService<TaskTracker>();
        IdentityCatalogs catalogs = services.GetRequiredService<IdentityCatalogs>();
        sessions.ListenersFor = session =>
        {
            fleet.Profiles.Note(session.Capabilities);
            session.ListsChanged = backend => catalogs.Outdated(session, backend);
            return new SessionListeners(session, () => fleet.Current, tasks, time);
        };
        if (services.GetRequiredService<GatewayOptions>().Dashboard)
            fleet.Published += services.GetRequiredService<ChangeLog>().Note;
        HiddenLinks hidden = services.GetRequiredService<HiddenLinks>();
        sessions.Snapshot = hidden.Snapshot = () => fleet.Current;
        catalogs.Audience = () => sessions.All.Concat(streams.All);
        catalogs.Tell = TellChanges;
        sessions.Swept = () =>
        {
            streams.Follow(fleet.Current);
            catalogs.Sweep();
        };
        fleet.BackendsMoved += snapshot =>
        {
            sessions.Follow(snapshot);
            streams.Follow(snapshot);
            hidden.Prune(snapshot);
        };
        // Users with a catalog of their own are told by it.
        fleet.Changed += changesFor => TellChanges(s => catalogs.Has(s) ? ListChanges.None : changesFor(s.Capabilities));

        void TellChanges(Func<Session, ListChanges> changesFor)
        {
            sessions.NotifyChanged(changesFor);
            streams.NotifyChanged(changesFor);
        }
    }
}
