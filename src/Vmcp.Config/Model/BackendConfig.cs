using Vmcp.Config.Values;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Model;

/// <summary>One entry of <c>backends</c>.</summary>
public sealed record BackendConfig
{
    /// <summary>The backend's id.</summary>
    public string? Name { get; init; }

    /// <summary>The MCP endpoint, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>The wire transport as written.</summary>
    public BackendTransport? Transport { get; init; }

    /// <summary>Null: a container of ours; entry: a remote server.</summary>
    public BackendKind? Type { get; init; }

    /// <summary>Absolute path of a PEM bundle; entries only.</summary>
    public string? CaBundlePath { get; init; }

    /// <summary>Free labels; the key <c>group</c> always shows the gateway's group.</summary>
    public SortedMap<string> Metadata { get; init; } = SortedMap.Empty<string>();

    /// <summary>The transport: as written, else SSE when the URL's path ends in <c>/sse</c>, else streamable HTTP.</summary>
    public BackendTransport EffectiveTransport => Transport
        ?? (Uri.TryCreate(Url, UriKind.Absolute, out Uri? url) && url.AbsolutePath.TrimEnd('/').EndsWith("/sse", StringComparison.Ordinal)
            ? BackendTransport.Sse
            : BackendTransport.StreamableHttp);

    /// <summary>The older spelling of this backend's strategy; the reader moves it to <c>outgoingAuth.backends</c>.</summary>
    internal StrategyConfig? Auth { get; init; }
}

/// <summary>What stands behind a backend.</summary>
public enum BackendKind
{
    /// <summary>A remote server that no workload of ours runs.</summary>
    Entry,
}
