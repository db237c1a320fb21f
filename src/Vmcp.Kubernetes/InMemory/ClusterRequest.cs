using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory;

/// <summary>One request the in-memory cluster got.</summary>
/// <param name="Verb"><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>apply</c> or <c>delete</c>.</param>
/// <param name="Type">The kind asked for.</param>
/// <param name="Key">The object asked for; for a list or watch only the namespace, if one was named.</param>
public sealed record ClusterRequest(string Verb, ResourceType Type, ObjectKey Key)
{
    /// <summary>Who writes; empty when nobody was named.</summary>
    public string Manager { get; init; } = "";

    /// <summary><c>status</c>, or null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>Only metadata was asked for.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Nothing was to be stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>What came of it.</summary>
    public ClusterOutcome Outcome { get; init; }

    /// <summary>Whether it asked for a change.</summary>
    public bool IsWrite => Verb is not ("get" or "list" or "watch");

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Verb} {Type.Kind}{(Subresource is null ? "" : "/" + Subresource)} {Key}{(Manager.Length == 0 ? "" : " by " + Manager)}: {Outcome}";
}

/// <summary>What came of a request.</summary>
public enum ClusterOutcome
{
    /// <summary>It was a read and it was answered.</summary>
    Answered,

    /// <summary>Something new is stored.</summary>
    Changed,

    /// <summary>A write that left everything as it was, or a dry run.</summary>
    Unchanged,

    /// <summary>It was refused.</summary>
    Refused,
}
