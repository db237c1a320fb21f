using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Api;

/// <summary>
/// What we ask of a Kubernetes API server; the client of a real one and the in-memory cluster both keep this promise, and one test suite
/// runs on both.
/// </summary>
/// <remarks>
/// Every member throws <see cref="KubeException"/> when the server says no or cannot be reached, and
/// <see cref="OperationCanceledException"/> when the caller cancels. A missing object is a value (null, false) where the member says so.
/// </remarks>
public interface ICluster
{
    /// <summary>Reads one object; null when there is none.</summary>
    Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Reads one page of a list.</summary>
    /// <exception cref="KubeException"><see cref="KubeError.Expired"/>: the page token is too old, begin anew.</exception>
    Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Hands over changes in order until the server ends the watch, which it does every few minutes; the caller begins anew at the last
    /// resource version seen.
    /// </summary>
    /// <exception cref="KubeException"><see cref="KubeError.Expired"/> (410): the version is too old, list anew.</exception>
    IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, WatchOptions options, CancellationToken cancellationToken);

    /// <summary>Stores a new object.</summary>
    /// <exception cref="KubeException"><see cref="KubeError.AlreadyExists"/>: there is one of this name.</exception>
    Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Replaces an object or its subresource; a <c>resourceVersion</c> in the body must be the stored one.</summary>
    /// <exception cref="KubeException"><see cref="KubeError.Conflict"/>: somebody else wrote in between.</exception>
    Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Changes an object or its subresource. A server-side apply creates what does not exist (not for subresources).</summary>
    /// <exception cref="KubeException"><see cref="KubeError.NotFound"/>, or <see cref="KubeError.Conflict"/> with another field owner.</exception>
    Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Asks for an object's deletion; false when there is none.</summary>
    Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken);
}

/// <summary>Which objects, and how much of them.</summary>
public record Selection
{
    /// <summary>One namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector: <c>app=virtualmcpserver,tier!=x</c>; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector: <c>metadata.name=x</c>; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Only <c>metadata</c> comes (PartialObjectMetadata): how Secrets are watched without reading them.</summary>
    public bool MetadataOnly { get; init; }
}

/// <summary>How a list is asked for.</summary>
public sealed record ListOptions : Selection
{
    /// <summary>Objects per page at most; null leaves it to the server, which then sends all.</summary>
    public int? Limit { get; init; }

    /// <summary>The page token of the page before, or null for the first.</summary>
    public string? Continue { get; init; }
}

/// <summary>How a watch is asked for.</summary>
public sealed record WatchOptions : Selection
{
    /// <summary>Changes after this version; the one a list or the last event carried.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Called once the server agreed to the watch, which may be long before there is anything to tell.</summary>
    public Action? Opened { get; init; }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The version of the whole list; a watch begins here.</param>
/// <param name="Continue">Token of the next page, or null when this is the last.</param>
public sealed record ObjectPage(IReadOnlyList<KubeObject> Items, string ResourceVersion, string? Continue);

/// <summary>One change a watch tells of.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object after the change; before it, for a deletion. For a bookmark only its resource version counts.</param>
public sealed record WatchEvent(WatchEventKind Kind, KubeObject Object);

/// <summary>The kinds of change.</summary>
public enum WatchEventKind
{
    /// <summary>The object is new, or new to the selection.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone, or left the selection.</summary>
    Deleted,

    /// <summary>Nothing changed; the version moved on.</summary>
    Bookmark,
}

/// <summary>How a write is done.</summary>
public sealed record WriteOptions
{
    /// <summary>Nothing special.</summary>
    public static WriteOptions Default { get; } = new();

    /// <summary><c>status</c> or <c>scale</c>; null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>Who writes, as <c>managedFields</c> shows it; required for an apply.</summary>
    public string? FieldManager { get; init; }

    /// <summary>The server checks and answers as if, and stores nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>A change of an object.</summary>
public abstract record Patch
{
    /// <summary>Server-side apply: the fields the manager wants; fields it wanted before and no longer names are removed.</summary>
    /// <param name="Body">The object with exactly those fields.</param>
    /// <param name="Force">Takes fields over that another manager owns.</param>
    public sealed record Apply(JsonObject Body, bool Force = true) : Patch;

    /// <summary>JSON merge patch (RFC 7396): null removes.</summary>
    /// <param name="Body">The members to change.</param>
    public sealed record Merge(JsonObject Body) : Patch;

    /// <summary>JSON patch (RFC 6902).</summary>
    /// <param name="Operations">The operations in order.</param>
    public sealed record Json(JsonArray Operations) : Patch;
}

/// <summary>How a deletion is done.</summary>
public sealed record DeleteOptions
{
    /// <summary>Nothing special: dependents are collected in the background.</summary>
    public static DeleteOptions Default { get; } = new();

    /// <summary>Delete only the object with this uid.</summary>
    public string? Uid { get; init; }

    /// <summary>Delete only this version.</summary>
    public string? ResourceVersion { get; init; }
}
