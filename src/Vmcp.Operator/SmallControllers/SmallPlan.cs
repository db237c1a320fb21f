using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Operator.Planning;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.SmallControllers;

/// <summary>What a small controller wants of one object: its status, its finalizer and what to tell. Nothing else is ever written.</summary>
public sealed record SmallPlan
{
    /// <summary>The status without its conditions, members sorted by name.</summary>
    public required JsonObject StatusFields { get; init; }

    /// <summary>The conditions, sorted by type; those not listed are removed.</summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];

    /// <summary>Events worth telling now, because something changed against the status the object has.</summary>
    public ImmutableArray<PlannedEvent> Events { get; init; } = [];

    /// <summary>Our finalizers the object should have.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>Finalizers the object must lose if it has them: those that held a deletion which may go on now.</summary>
    public ImmutableArray<string> DroppedFinalizers { get; init; } = [];

    /// <summary>Who still uses an object that is to be deleted, sorted; empty while it is to stay or when nobody does.</summary>
    public ImmutableArray<Referrer> DeletionBlockedBy { get; init; } = [];

    /// <summary>When to look again although nothing changed; null when a watch will tell.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>The condition of a type, or null.</summary>
    public PlannedCondition? Condition(string type) => Conditions.FirstOrDefault(c => c.Type == type);
}

/// <summary>An object that names another one.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name, in the same namespace.</param>
public readonly record struct Referrer(string Kind, string Name) : IComparable<Referrer>
{
    /// <summary>Ordinal, by kind, then name.</summary>
    public int CompareTo(Referrer other)
    {
        int byKind = string.CompareOrdinal(Kind, other.Kind);
        return byKind != 0 ? byKind : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(Referrer left, Referrer right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes first or is the same.</summary>
    public static bool operator <=(Referrer left, Referrer right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    public static bool operator >(Referrer left, Referrer right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes last or is the same.</summary>
    public static bool operator >=(Referrer left, Referrer right) => left.CompareTo(right) >= 0;

    /// <summary><c>Kind/name</c>.</summary>
    public override string ToString() => $"{Kind}/{Name}";
}
