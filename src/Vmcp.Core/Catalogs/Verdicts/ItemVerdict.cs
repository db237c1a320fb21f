using System.Collections.Immutable;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs.Verdicts;

/// <summary>What became of one item that a backend listed, and why: told by the merge itself, so it cannot differ from what clients see.</summary>
public sealed record ItemVerdict
{
    /// <summary>Tool, resource, template or prompt.</summary>
    public required CapabilityKind Kind { get; init; }

    /// <summary>The backend that listed it.</summary>
    public required string Backend { get; init; }

    /// <summary>The name, URI or template as the backend spells it; empty when it gave none.</summary>
    public required string OriginalName { get; init; }

    /// <summary>The name it has in the catalog. A hidden item has one too: composite tools reach it. Null for an item that got no name.</summary>
    public string? ExposedName { get; init; }

    /// <summary>What made the exposed name differ from the original one.</summary>
    public Renaming RenamedBy { get; init; }

    /// <summary>
    /// Clients that can do less do not see it: the backend itself lists it to clients only that it may ask (elicitation, sampling, roots).
    /// The verdict is that of a client that can do everything. Known to the gateway, not to the merge.
    /// </summary>
    public bool DependsOnClient { get; init; }

    /// <summary>What stands between the item and the clients, in the order a person would clear it away; empty for a visible item.</summary>
    public ImmutableArray<Obstacle> Obstacles { get; init; } = [];

    /// <summary>Whether clients see it.</summary>
    public bool IsVisible => Obstacles.IsEmpty;

    /// <summary>What became of it: the first obstacle, or visible.</summary>
    public Outcome Outcome => IsVisible ? Outcome.Visible : Obstacles[0].Outcome;

    /// <summary>The backend that has the name instead, where the name was lost to one.</summary>
    public string? LostTo => Obstacles.Select(o => o.Winner).FirstOrDefault(w => w is not null);

    /// <summary>Why, in one sentence.</summary>
    public string Reason => IsVisible ? VerdictSentences.Visible(ExposedName!, RenamedBy, DependsOnClient) : Obstacles[0].Reason;
}

/// <summary>One thing that keeps an item from the clients.</summary>
/// <param name="Outcome">What kind of thing; never <see cref="Outcome.Visible"/>.</param>
/// <param name="Reason">One sentence that names the rule or setting.</param>
/// <param name="Winner">The backend that got the name, where there was a contest with a winner.</param>
public sealed record Obstacle(Outcome Outcome, string Reason, string? Winner = null);

/// <summary>What became of a listed item. The order is the one in which a person would look.</summary>
public enum Outcome
{
    /// <summary>Clients see it.</summary>
    Visible,

    /// <summary>Its backend is out of service; the item comes back with it.</summary>
    BackendAway,

    /// <summary>The backend gave it no name, or one that is too long for any short form.</summary>
    InvalidName,

    /// <summary>Its definition is one that no client must be shown.</summary>
    InvalidDefinition,

    /// <summary>The backend lists the name more than once; another item of it has the name.</summary>
    ListedTwice,

    /// <summary>The filter of its backend does not name it.</summary>
    FilteredOut,

    /// <summary>All tools are hidden: of everybody, of its backend, or of backends without an entry.</summary>
    Excluded,

    /// <summary>Another item has the name, or nobody may have it.</summary>
    LostConflict,
}

/// <summary>What changed an item's name.</summary>
[Flags]
public enum Renaming
{
    /// <summary>Nothing: it has the name the backend gave it.</summary>
    None = 0,

    /// <summary>An override of <c>aggregation.tools</c>.</summary>
    Override = 1,

    /// <summary>The prefix of its backend.</summary>
    Prefix = 2,

    /// <summary>The limit of 64 characters.</summary>
    Shortened = 4,
}
