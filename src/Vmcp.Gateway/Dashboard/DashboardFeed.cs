using Vmcp.Core.Catalogs;
using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Explaining;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Dashboard;

/// <summary>
/// Draws the picture the page shows, when somebody looks: all viewers share one drawing a second, and without a viewer nothing runs.
/// </summary>
/// <param name="status">Draws the status report.</param>
/// <param name="fleet">The backends.</param>
/// <param name="verdicts">Says what became of each tool.</param>
/// <param name="sessions">Sessions of Legacy clients.</param>
/// <param name="streams">Listen streams of Modern clients.</param>
/// <param name="hidden">Backend sessions held for Modern clients.</param>
/// <param name="changes">The last changes.</param>
/// <param name="time">The clock.</param>
public sealed class DashboardFeed(
    StatusEndpoints status, BackendFleet fleet, CatalogVerdicts verdicts, SessionTable sessions, ListenStreams streams, HiddenLinks hidden,
    ChangeLog changes, TimeProvider time)
{
    /// <summary>Viewers look this often.</summary>
    internal static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>A drawing younger than this is shown to the next viewer too.</summary>
    private static readonly TimeSpan Fresh = Pace / 2;

    /// <summary>A large fleet is drawn less often, so that looking at it costs no more than a tenth of a core.</summary>
    private const int Rest = 10;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Frame _frame = new([], []);
    private Catalog? _drawn;
    private long _drawnAt;
    private TimeSpan _rest = Fresh;

    /// <summary>Drawings made so far.</summary>
    internal long Drawings { get; private set; }

    /// <summary>The picture now. Parts that did not change are the same arrays as before.</summary>
    internal Frame Take()
    {
        lock (_lock)
        {
            if (_drawn is null || time.GetElapsedTime(_drawnAt) >= _rest)
                Draw();
            return _frame;
        }
    }

    private void Draw()
    {
        Drawings++;
        long started = time.GetTimestamp();
        GatewaySnapshot snapshot = fleet.Current;
        StatusReport report = status.Report(snapshot);
        SessionCounts counts = new(
            [.. sessions.All.GroupBy(s => s.Grant.Revision, (revision, open) => (revision, open.Count())).OrderBy(r => r.revision, StringComparer.Ordinal)],
            streams.Count,
            hidden.Count);
        byte[] picture = DashboardJson.Picture(report, Probes(snapshot), counts, changes.Newest);
        _frame = new Frame(
            picture.AsSpan().SequenceEqual(_frame.Picture) ? _frame.Picture : picture,
            ReferenceEquals(_drawn, snapshot.Catalog) ? _frame.Tools : DashboardJson.Tools(verdicts.Of(snapshot), snapshot.Catalog.Conflicts));
        _drawn = snapshot.Catalog;
        _drawnAt = time.GetTimestamp();
        _rest = TimeSpan.FromTicks(Math.Clamp((time.GetElapsedTime(started) * Rest).Ticks, Fresh.Ticks, LongestRest.Ticks));
    }

    private static Dictionary<string, ProbeTimes> Probes(GatewaySnapshot snapshot) =>
        snapshot.Backends.ToDictionary(b => b.Key, b => b.Value.Handle.Probes);

    /// <summary>A drawing, as JSON objects.</summary>
    /// <param name="Picture">Everything but the tools.</param>
    /// <param name="Tools">The tools and the conflicts, which change seldom and can be many.</param>
    internal sealed record Frame(byte[] Picture, byte[] Tools);

    /// <summary>Who is connected.</summary>
    /// <param name="Legacy">Sessions by revision.</param>
    /// <param name="Listening">Listen streams of Modern clients.</param>
    /// <param name="HeldForModern">Modern clients for whom sessions with Legacy backends are held.</param>
    internal sealed record SessionCounts(IReadOnlyList<(string Revision, int Count)> Legacy, int Listening, int HeldForModern);
}
