namespace Vmcp.KubeKit.Server;

/// <summary>What a test wants of its API server.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Nothing special.</summary>
    public static ApiServerOptions Default { get; } = new();

    /// <summary>Audit policy that records every request with metadata only, once it was answered.</summary>
    public const string AuditEveryRequest = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - level: Metadata
        """;

    /// <summary>Audit policy that records bodies too; for tests that look for what must not be sent.</summary>
    public const string AuditBodies = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - level: RequestResponse
        """;

    /// <summary>An audit policy as YAML, or null for no audit.</summary>
    public string? AuditPolicy { get; init; }

    /// <summary>Without the watch cache old versions end at once when etcd is compacted: how 410 is seen.</summary>
    public bool WatchCache { get; init; } = true;

    /// <summary>More flags for kube-apiserver.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Where the folder of its files is made; null for the system's place for temporary files.</summary>
    public string? Folder { get; init; }

    /// <summary>How long etcd and the server may take to become ready.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(120);
}
