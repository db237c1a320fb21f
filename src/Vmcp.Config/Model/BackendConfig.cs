using Vmcp.Config.Values;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Model;

/// <summary>One entry of <c>backends</c>.</summary>
public sealed record BackendConfig
{
    /// <summary>The backend's name: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, a letter or digit first and last. It becomes the prefix of its tools.</summary>
    public string? Name { get; init; }

    /// <summary>The MCP endpoint, http or https; without user, password and fragment.</summary>
    public string? Url { get; init; }

    /// <summary>How to speak to it; the revision of the protocol is found out.</summary>
    /// <default><c>sse</c> when the path of the URL ends in <c>/sse</c>, else <c>streamable-http</c></default>
    public BackendTransport? Transport { get; init; }

    /// <summary>What stands behind it; not written for a workload of our own.</summary>
    public BackendKind? Type { get; init; }

    /// <summary>Absolute path of a PEM bundle to trust; only with <c>type: entry</c>.</summary>
    public string? CaBundlePath { get; init; }

    /// <summary>Free labels; the key <c>group</c> always shows the gateway's group.</summary>
    public SortedMap<string> Metadata { get; init; } = SortedMap.Empty<string>();

    /// <summary>The transport: as written, else SSE when the URL's path ends in <c>/sse</c>, else streamable HTTP.</summary>
    public BackendTransport EffectiveTransport => Transport
        ?? (Uri.TryCreate(Url, UriKind.Absolute, out Uri? url) && url.AbsolutePath.TrimEnd('/').EndsWith("/sse", StringComparison.Ordinal)
            ? BackendTransport.Sse
            : BackendTransport.StreamableHttp);

    /// <summary>An older spelling of the backend's entry in <c>outgoingAuth.backends</c>; the settings may also stand beside <c>type</c>, without the block of its name.</summary>
    internal StrategyConfig? Auth { get; init; }
}

/// <summary>What stands behind a backend.</summary>
public enum BackendKind
{
    /// <summary>A remote server that no workload of ours runs.</summary>
    Entry,
}
