using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.SmallControllers;

namespace Vmcp.Operator.Watching;

/// <summary>What is kept of a watched object: what decisions need, not the JSON it came as.</summary>
/// <param name="Meta">Its metadata.</param>
/// <param name="Fingerprint">Changes exactly when the object changed in a way that can matter to somebody.</param>
public sealed record Seen(ObjectMeta Meta, string Fingerprint)
{
    /// <summary>The object as its record, for our own kinds; null for one that does not have its form.</summary>
    public object? Record { get; init; }

    /// <summary>Which field does not have the form of the record, or null; the sentence names no value.</summary>
    public string? Flaw { get; init; }

    /// <summary>The object itself, for the few kinds whose JSON is needed.</summary>
    public KubeObject? Raw { get; init; }

    /// <summary>Kind and name of what the object names in its spec; empty for kinds that are not asked.</summary>
    public ImmutableHashSet<Referrer> References { get; init; } = [];

    /// <summary>The group a backend is a member of, or null.</summary>
    public string? Group { get; init; }
}
