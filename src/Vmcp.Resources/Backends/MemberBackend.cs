using Vmcp.Config.Values;
using Vmcp.Core.Backends;
using Vmcp.Core.Values;

namespace Vmcp.Resources.Backends;

/// <summary>The kinds a member of a group can have; of two members with one name the earlier kind keeps it.</summary>
public enum MemberKind
{
    /// <summary>An MCPServer.</summary>
    Server,

    /// <summary>An MCPRemoteProxy.</summary>
    RemoteProxy,

    /// <summary>An MCPServerEntry.</summary>
    Entry,
}

/// <summary>A member of a group as a gateway sees it, free of everything that changes while the backend just runs (operator 6.3-6.5).</summary>
public sealed record MemberBackend
{
    /// <summary>The member's kind.</summary>
    public required MemberKind Kind { get; init; }

    /// <summary>The object's name, which is the backend's.</summary>
    public required string Name { get; init; }

    /// <summary>Unique among all members: <c>MCPServer/jira</c>.</summary>
    public string Key => $"{KindName}/{Name}";

    /// <summary>The kind as manifests spell it.</summary>
    public string KindName => Kind switch
    {
        MemberKind.Server => ToolHive.MCPServer.Kind,
        MemberKind.RemoteProxy => ToolHive.MCPRemoteProxy.Kind,
        _ => ToolHive.MCPServerEntry.Kind,
    };

    /// <summary>The <c>workload_type</c> of the metadata.</summary>
    public string WorkloadType => Kind switch
    {
        MemberKind.Server => "mcp_server",
        MemberKind.RemoteProxy => "remote_proxy",
        _ => "server_entry",
    };

    /// <summary>The endpoint without fragment; null when there is none yet.</summary>
    public string? Url { get; init; }

    /// <summary>How the endpoint is spoken to; null when the object names no transport we know.</summary>
    public BackendTransport? Transport { get; init; }

    /// <summary>The gateway dials the remote server itself (<c>type: entry</c>).</summary>
    public bool IsEntry => Kind == MemberKind.Entry;

    /// <summary>The MCPExternalAuthConfig the object itself names, or null.</summary>
    public string? AuthConfigRef { get; init; }

    /// <summary>Headers of every request, in plain sight; entries only, a proxy adds its own.</summary>
    public SortedMap<string> PlainHeaders { get; init; } = SortedMap.Empty<string>();

    /// <summary>Headers of every request whose values are in Secrets, sorted by header; entries only.</summary>
    public EquatableArray<SecretHeader> SecretHeaders { get; init; }

    /// <summary>The ConfigMap key with the certificates that replace the system's; entries only.</summary>
    public BundleSource? CaBundle { get; init; }

    /// <summary>What the document says about the backend: never its phase, never foreign annotations.</summary>
    public SortedMap<string> Metadata { get; init; } = SortedMap.Empty<string>();

    /// <summary>Why the member cannot be served, or null.</summary>
    public MemberProblem? Problem { get; init; }
}

/// <summary>A header whose value is in a Secret.</summary>
/// <param name="Header">The header.</param>
/// <param name="Secret">The Secret.</param>
/// <param name="Key">The key.</param>
public sealed record SecretHeader(string Header, string Secret, string Key);

/// <summary>Certificates in a ConfigMap.</summary>
/// <param name="ConfigMap">The ConfigMap.</param>
/// <param name="Key">The key.</param>
public sealed record BundleSource(string ConfigMap, string Key);

/// <summary>Why something of a backend cannot be used.</summary>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence that names the object at fault.</param>
public sealed record MemberProblem(string Reason, string Message)
{
    /// <summary>It may pass by itself in a moment: an address is being assigned, a check is running. A missing credential never is such.</summary>
    public bool MayPass { get; init; }
}
