using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Planning.Status;
using Vmcp.Operator.Planning.Switching;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning;

/// <summary>What every status of one plan is drawn from.</summary>
internal sealed record Sketch(
    VirtualMCPServer Server, World World, Findings Findings, OwnedChildren Owned, IReadOnlyList<PodFacts> Pods, ChildInput Input)
{
    private const int MaxLabel = 63;

    /// <summary>Sorted by name.</summary>
    public ImmutableArray<UnservedBackend> LeftOut => [.. Findings.LeftOut.OrderBy(l => l.Name, StringComparer.Ordinal)];

    /// <summary>
    /// The runtime's part where the operator writes it: when what runs is inline. As long as a discovered pod is left it writes that part
    /// itself, and two writers would take turns.
    /// </summary>
    public BackendStatusPlan? Backends(string mode)
    {
        if (mode != Modes.Inline || !Findings.BackendsKnown || Pods.Any(p => !p.Finished && p.Mode == Modes.Discovered))
            return null;
        return BackendStatuses.Plan(
            BackendStatuses.Join(Findings.Backends, Findings.LeftOut, World.Observed),
            Tally(mode),
            Findings.Conditions.LastOrDefault(c => c.Type == BackendStatuses.Discovered),
            Server.Spec.GroupRef?.Name ?? "");
    }

    /// <summary>The backends a phase depends on. What an inline pod of before says of a backend that left is no matter any more.</summary>
    public BackendTally Tally(string mode)
    {
        HashSet<string> known = [.. Findings.Backends.Select(b => b.Name)];
        return BackendStatuses.Tally(World.Observed, Findings.LeftOut, name => mode != Modes.Inline || known.Contains(name));
    }

    /// <summary>
    /// The status; of one type the last condition counts. Conditions of the runtime's part are never among the operator's own, or two field
    /// managers would pull at them (design 5.8).
    /// </summary>
    public StatusPlan Status(PhaseVerdict verdict, string mode, IEnumerable<PlannedCondition> conditions, BackendStatusPlan? backends) => new()
    {
        Phase = verdict.Phase,
        Message = verdict.Message,
        Url = ChildNames.Service(Server.Key.Name) is { Length: <= MaxLabel } service && service.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')
            ? ChildNames.Url(Server.Key)
            : null,
        Mode = mode,
        ObservedGeneration = Server.Metadata.Generation,
        OidcConfigHash = Findings.OidcConfigHash,
        AuthzConfigHash = Findings.AuthzConfigHash,
        TelemetryConfigHash = Findings.TelemetryConfigHash,
        Conditions =
        [
            .. conditions
                .Where(c => c.Type is not (BackendStatuses.Discovered or BackendStatuses.Healthy))
                .GroupBy(c => c.Type, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => g.Last()),
        ],
        Backends = backends,
    };
}
