using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Core.Status;
using Vmcp.Discovery.Members;
using Vmcp.Resources.Status;

namespace Vmcp.Discovery.Reporting;

/// <summary>Turns the gateway's picture of now into the runtime's half of the status. Pure.</summary>
internal static class RuntimeReport
{
    // A watch that was cut and resumed is no news; one that is away for longer is.
    private static readonly TimeSpan BehindAfter = TimeSpan.FromMinutes(1);

    /// <summary>What the status should say.</summary>
    public static BackendStatusPlan Of(StatusReport report, Func<string, BackendFacts?> facts, DateTimeOffset now)
    {
        // A backend that just became unserved may still be among those the gateway serves for a moment.
        ImmutableArray<KnownBackend> known =
        [
            .. report.Backends.Select(b => Known(b.Name, served: true, facts))
                .Concat(report.Unserved.Select(u => Known(u.Name, served: false, facts)))
                .DistinctBy(k => k.Name),
        ];
        ImmutableArray<BackendStatus> backends = BackendStatuses.Join(known, report.Unserved, [.. report.Backends.Select(GatewayWords.Observe)]);
        return BackendStatuses.Plan(backends, BackendTally.Of(backends.Select(b => b.Observed)), Behind(report.Source, now), report.GroupRef);
    }

    /// <summary>Every backend was checked once and is known to the source: the picture is worth showing.</summary>
    public static bool IsSettled(StatusReport report, Func<string, BackendFacts?> facts) =>
        report.Backends.All(b => (b.State.LastCheck is not null || !report.MonitoringEnabled) && facts(b.Name) is not null);

    private static KnownBackend Known(string name, bool served, Func<string, BackendFacts?> facts) => facts(name) is { } said
        ? new KnownBackend(name, served) { Url = said.Url, AuthConfigRef = said.AuthConfigRef, AuthSource = said.AuthSource, AuthType = said.AuthType }
        : new KnownBackend(name, served);

    private static PlannedCondition? Behind(SourceState? source, DateTimeOffset now) =>
        source is { Trouble: { } trouble, TroubleSince: { } since } && now - since >= BehindAfter
            ? new PlannedCondition(BackendStatuses.Discovered, "Unknown", "SourceBehind", StatusText.Sanitise($"The backends may be behind: {trouble}"))
            : null;
}
