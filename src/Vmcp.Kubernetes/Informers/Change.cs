using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Informers;

/// <summary>What became of one object.</summary>
/// <param name="Key">Where it is.</param>
/// <param name="Old">What was known before; default when it is new.</param>
/// <param name="New">What is known now; default when it is gone.</param>
public sealed record Change<T>(ObjectKey Key, T? Old, T? New);

/// <summary>How an informer gets on with the API server.</summary>
/// <param name="LastContact">When the server last said anything to it; the start while it never did.</param>
/// <param name="LastError">What went wrong since, or null while all is well.</param>
public sealed record InformerHealth(DateTimeOffset LastContact, string? LastError)
{
    /// <summary>The kind of what went wrong, when the API server or the way to it was at fault.</summary>
    public Api.KubeError? ErrorKind { get; init; }
}
