using System.Collections.Immutable;

namespace Vmcp.Core.Backends;

/// <summary>Where backends come from while the gateway runs: a watch on a cluster, or a directory of manifests.</summary>
public interface IBackendSource
{
    /// <summary>What is known now. Free to take, never changes.</summary>
    SourcePicture Current { get; }

    /// <summary>Called after <see cref="Current"/> became another one; a handler must return at once.</summary>
    event Action? Changed;

    /// <summary>Keeps the picture true until cancelled, whatever the source's own source does.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>A backend refused the credential it was called with: it may have been replaced, so look at once (bounded by the source).</summary>
    /// <param name="backend">The backend's name.</param>
    void OnUnauthorized(string backend);

    /// <summary>
    /// Why a backend that was in the picture before is in it no more, as a clause for the log: <c>its MCPServer was deleted</c>. Null when the
    /// source cannot tell. Must not lock: it is asked while the backends change.
    /// </summary>
    /// <param name="backend">The backend's name.</param>
    string? WhyLeft(string backend) => null;
}

/// <summary>What a source knows at one moment.</summary>
/// <param name="Backends">Those that can be served.</param>
/// <param name="Unserved">Those that exist and cannot be served, sorted by name; no name is in both.</param>
/// <param name="State">How the source itself is.</param>
public sealed record SourcePicture(BackendSet Backends, ImmutableArray<UnservedBackend> Unserved, SourceState State)
{
    /// <summary>Before anything is known.</summary>
    public static SourcePicture Empty(string kind) => new(BackendSet.Empty, [], new SourceState { Kind = kind });
}

/// <summary>A backend that is never called, because something of it is missing; it never falls back to another identity (design 5.6).</summary>
/// <param name="Name">Its name; <c>Kind/name</c> when the name belongs to another backend.</param>
/// <param name="Reason">One word, for example <c>SecretNotFound</c>.</param>
/// <param name="Message">A sentence that names the object at fault; no secret is in it.</param>
public sealed record UnservedBackend(string Name, string Reason, string Message);

/// <summary>How a source is.</summary>
public sealed record SourceState
{
    /// <summary><c>kubernetes</c> or <c>manifests</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The first complete look is done. Never false again.</summary>
    public bool Synced { get; init; }

    /// <summary>When the source was last in touch with what it watches; null before the first time.</summary>
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>Why it may be behind: the last good set is served meanwhile. Null when all is well. Holds no address and no secret.</summary>
    public string? Trouble { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? TroubleSince { get; init; }
}
