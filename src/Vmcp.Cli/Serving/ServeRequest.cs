namespace Vmcp.Cli.Serving;

/// <summary>What the command line of <c>serve</c> says, as written.</summary>
internal sealed record ServeRequest
{
    /// <summary><c>--config</c>.</summary>
    public string? ConfigPath { get; init; }

    /// <summary><c>--group</c>.</summary>
    public string? Group { get; init; }

    /// <summary><c>--manifests</c>, a directory.</summary>
    public string? Manifests { get; init; }

    /// <summary><c>--namespace</c>.</summary>
    public string? Namespace { get; init; }

    /// <summary><c>--backend</c>, each <c>name=url</c>.</summary>
    public IReadOnlyList<string> Backends { get; init; } = [];

    /// <summary><c>--host</c>.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary><c>--port</c>.</summary>
    public string Port { get; init; } = "4483";

    /// <summary><c>--session-ttl</c>.</summary>
    public string SessionTtl { get; init; } = "0";

    /// <summary><c>--allowed-host</c>.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary><c>--dashboard</c>: <c>on</c>, <c>off</c>, or null for what fits where the gateway runs.</summary>
    public string? Dashboard { get; init; }

    /// <summary><c>--enable-audit</c>.</summary>
    public bool EnableAudit { get; init; }
}
