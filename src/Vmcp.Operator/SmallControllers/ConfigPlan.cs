using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.SmallControllers;

/// <summary>What all configuration kinds have in common: <c>Valid</c>, <c>configHash</c> and a deletion that waits for the last user (crds 0.3).</summary>
internal static class ConfigPlan
{
    /// <summary>How long until a held deletion is looked at again, should a watch have missed the last user's going (crds 0.3).</summary>
    public static readonly TimeSpan BlockedRecheck = TimeSpan.FromSeconds(30);

    private const int NamedReferrers = 10;

    public static SmallPlan Make(ConfigDraft draft)
    {
        bool deleting = draft.Meta.DeletionTimestamp is not null;
        ImmutableArray<Referrer> blockers = deleting ? [.. draft.Referrers.Distinct().Order()] : [];
        List<PlannedCondition> conditions = [draft.Valid, .. draft.More];
        List<PlannedEvent> events = [];
        if (draft.TellsEvents)
            events.AddRange(ValidEvents(draft.Valid, draft.Before));
        if (!blockers.IsEmpty)
        {
            PlannedCondition blocked = new("DeletionBlocked", "True", "ReferencedByWorkloads", Blocked(blockers));
            conditions.Add(blocked);
            if (draft.TellsEvents && !IsSame(blocked, draft.Before))
                events.Add(new PlannedEvent(true, "DeletionBlocked", "Delete", blocked.Message));
        }

        bool holds = !deleting || !blockers.IsEmpty;
        return new SmallPlan
        {
            StatusFields = new JsonObject { ["configHash"] = ConfigHash.Of(draft.Spec), ["observedGeneration"] = draft.Meta.Generation },
            Conditions = Sorted(conditions),
            Events = [.. events],
            Finalizers = holds ? [draft.Finalizer] : [],
            DroppedFinalizers = holds ? [] : [draft.Finalizer],
            DeletionBlockedBy = blockers,
            RecheckAfter = blockers.IsEmpty ? null : BlockedRecheck,
        };
    }

    /// <summary>The condition <c>Valid</c> from what is wrong, the first problems in one message.</summary>
    public static PlannedCondition Valid(IReadOnlyCollection<string> problems, string goodReason, string badReason) =>
        problems.Count == 0
            ? new PlannedCondition("Valid", "True", goodReason, "The configuration is valid")
            : new PlannedCondition("Valid", "False", badReason, Telling.Join(problems));

    public static ImmutableArray<PlannedCondition> Sorted(IEnumerable<PlannedCondition> conditions) =>
        [.. conditions.OrderBy(c => c.Type, StringComparer.Ordinal)];

    /// <summary>Invalid is told on every new complaint, valid only when it was invalid before (crds 7).</summary>
    public static IEnumerable<PlannedEvent> ValidEvents(PlannedCondition valid, IReadOnlyList<Condition> before)
    {
        if (valid.Status == "False")
        {
            if (!IsSame(valid, before))
                yield return new PlannedEvent(true, "ConfigInvalid", "Validate", valid.Message);
        }
        else if (before.Any(c => c.Type == "Valid" && c.Status == "False"))
        {
            yield return new PlannedEvent(false, "ConfigValid", "Validate", "The configuration is valid again");
        }
    }

    private static bool IsSame(PlannedCondition now, IReadOnlyList<Condition> before) =>
        before.Any(c => c.Type == now.Type && c.Status == now.Status && c.Reason == now.Reason && c.Message == now.Message);

    private static string Blocked(ImmutableArray<Referrer> blockers)
    {
        string names = string.Join(", ", blockers.Take(NamedReferrers));
        string more = blockers.Length > NamedReferrers
            ? string.Create(CultureInfo.InvariantCulture, $" and {blockers.Length - NamedReferrers} more")
            : "";
        return $"Deletion waits because it is still referenced by {names}{more}; remove the references and it goes by itself";
    }
}

/// <summary>What a configuration kind brings to its plan.</summary>
internal sealed record ConfigDraft
{
    public required ObjectMeta Meta { get; init; }

    public required JsonNode? Spec { get; init; }

    public required IReadOnlyList<Condition> Before { get; init; }

    public required string Finalizer { get; init; }

    public required PlannedCondition Valid { get; init; }

    public required ImmutableArray<Referrer> Referrers { get; init; }

    public ImmutableArray<PlannedCondition> More { get; init; } = [];

    /// <summary>Some kinds tell no events (crds 9, 11).</summary>
    public bool TellsEvents { get; init; } = true;
}
