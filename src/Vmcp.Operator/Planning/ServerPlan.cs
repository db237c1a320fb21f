using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Core.Backends;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning;

/// <summary>What a VirtualMCPServer should own in the cluster and what its status should say. Made by <c>VirtualServerPlanner</c>.</summary>
public sealed record ServerPlan
{
    /// <summary>Whether the children are written at all.</summary>
    public required PlanOutcome Outcome { get; init; }

    /// <summary>The children in the order they are written; empty when <see cref="Outcome"/> is <see cref="PlanOutcome.Hold"/>.</summary>
    public ImmutableArray<DesiredObject> Objects { get; init; } = [];

    /// <summary>Children that must go, after all of <see cref="Objects"/> are written; those that do not exist are not listed.</summary>
    public ImmutableArray<ChildRef> Removals { get; init; } = [];

    /// <summary>What the status should say.</summary>
    public required StatusPlan Status { get; init; }

    /// <summary>Events worth telling now, on a change of what they tell; the recorder drops repetitions.</summary>
    public ImmutableArray<PlannedEvent> Events { get; init; } = [];

    /// <summary>Backends the gateway does not serve, sorted by name, and why.</summary>
    public ImmutableArray<UnservedBackend> LeftOut { get; init; } = [];

    /// <summary>When to look again although nothing changed; null when a watch will tell.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>Whether a plan's children are written.</summary>
public enum PlanOutcome
{
    /// <summary>Write them.</summary>
    Apply,

    /// <summary>Something is wrong or missing: write status only; what runs keeps running as it is.</summary>
    Hold,
}

/// <summary>One child as it should be.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Body">Exactly the fields we want; members in a fixed order, so equal plans have equal bytes.</param>
/// <param name="Mode">How it is written.</param>
public sealed record DesiredObject(ResourceType Type, JsonObject Body, WriteMode Mode = WriteMode.Apply)
{
    /// <summary>Its name.</summary>
    public string Name => Body["metadata"]!["name"]!.GetValue<string>();
}

/// <summary>How a child is written.</summary>
public enum WriteMode
{
    /// <summary>Server-side apply by <c>vmcp-operator</c> whenever it differs.</summary>
    Apply,

    /// <summary>
    /// Created when missing, never changed: the session Secret. The applier fills in the random key at <c>data.hmac-secret</c>, which a pure
    /// plan cannot make.
    /// </summary>
    CreateOnce,
}

/// <summary>An event about the server (events.k8s.io).</summary>
/// <param name="Warning">Warning instead of Normal.</param>
/// <param name="Reason">One word.</param>
/// <param name="Action">What was being done, one word.</param>
/// <param name="Note">A sentence; no secret is in it.</param>
public sealed record PlannedEvent(bool Warning, string Reason, string Action, string Note);
