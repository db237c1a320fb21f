using System.Collections.Immutable;

namespace Vmcp.Core.Backends;

/// <summary>One MCP server behind the gateway: where it is, how it is spoken to and as whom.</summary>
/// <remarks>Value equality decides whether a changed configuration touches a backend at all.</remarks>
public sealed record Backend
{
    /// <summary>The backend's id: used in prefixes, status, metrics and messages. Unique within a <see cref="BackendSet"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The endpoint: the MCP URL for streamable HTTP, the event-stream URL for HTTP+SSE.</summary>
    public required Uri Url { get; init; }

    /// <summary>How the endpoint is spoken to.</summary>
    public BackendTransport Transport { get; init; } = BackendTransport.StreamableHttp;

    /// <summary>A remote server that no workload of ours runs (<c>type: entry</c>).</summary>
    public bool IsEntry { get; init; }

    /// <summary>Absolute path of a PEM bundle that replaces the system roots for this backend, or null.</summary>
    public string? CaBundlePath { get; init; }

    /// <summary>
    /// The same bundle as PEM text, where no file holds it; wins over <see cref="CaBundlePath"/>. Part of equality: another bundle is another
    /// way to the backend.
    /// </summary>
    public string? CaBundlePem { get; init; }

    /// <summary>As whom we call the backend.</summary>
    public Strategy Strategy { get; init; } = Strategy.None;

    /// <summary>
    /// Which setting chose <see cref="Strategy"/>: <c>explicit</c> (for this backend), <c>workload</c> (its own), <c>default</c>, or <c>none</c>.
    /// </summary>
    public string AuthSource { get; init; } = "none";

    /// <summary>Longest silence of one operation before it is given up; progress starts it anew.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Headers added to every request to this backend, sorted by name.</summary>
    public EquatableMap StaticHeaders { get; init; } = EquatableMap.Empty;

    /// <summary>Free text about the backend, shown nowhere but in status views that ask for it.</summary>
    public EquatableMap Metadata { get; init; } = EquatableMap.Empty;
}

/// <summary>The wire transport of a backend.</summary>
public enum BackendTransport
{
    /// <summary>One endpoint, POST (and GET before 2026-07-28).</summary>
    StreamableHttp,

    /// <summary>HTTP+SSE of MCP 2024-11-05: a GET event stream and a separate POST URL.</summary>
    Sse,
}

/// <summary>All backends of one source at one moment, sorted by name.</summary>
/// <param name="Version">Grows with each set the source hands over.</param>
/// <param name="Backends">Sorted by name (ordinal), names unique.</param>
public sealed record BackendSet(long Version, ImmutableArray<Backend> Backends)
{
    /// <summary>No backends yet.</summary>
    public static BackendSet Empty { get; } = new(0, []);

    /// <summary>Sorts the backends by name.</summary>
    /// <exception cref="ArgumentException">Two backends have the same name.</exception>
    public static BackendSet Create(long version, IEnumerable<Backend> backends)
    {
        ImmutableArray<Backend> sorted = [.. backends.OrderBy(b => b.Name, StringComparer.Ordinal)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Name == sorted[i - 1].Name)
                throw new ArgumentException($"Two backends are named \"{sorted[i].Name}\".", nameof(backends));
        }

        return new BackendSet(version, sorted);
    }
}
