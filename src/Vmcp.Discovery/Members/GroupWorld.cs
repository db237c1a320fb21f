using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Core.Values;
using Vmcp.Discovery.Reading;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Discovery.Members;

/// <summary>All that decides about the backends of one gateway, at one moment.</summary>
internal sealed record GroupWorld
{
    /// <summary>The gateway's own resource: whose <c>outgoingAuth</c> counts.</summary>
    public required VirtualMCPServer Server { get; init; }

    /// <summary>The gateway's configuration: deadlines, passthrough headers.</summary>
    public required GatewayConfig Config { get; init; }

    /// <summary>The members of the group as backends, sorted by name, then kind.</summary>
    public ImmutableArray<MemberBackend> Members { get; init; } = [];

    /// <summary>Finds an MCPExternalAuthConfig of the namespace.</summary>
    public required Func<string, MCPExternalAuthConfig?> AuthConfigs { get; init; }

    /// <summary>What is known of a Secret; null when it was not read yet.</summary>
    public required Func<string, NamedContent?> Secrets { get; init; }

    /// <summary>What is known of a ConfigMap; null when it was not read yet.</summary>
    public required Func<string, NamedContent?> ConfigMaps { get; init; }
}

/// <summary>What became of a group's members.</summary>
/// <param name="Backends">Those that are served, sorted by name.</param>
/// <param name="Unserved">Those that are not, sorted by name.</param>
/// <param name="Facts">What is known of each of both, by name.</param>
/// <param name="Secrets">The Secrets all of it comes from; also missing ones.</param>
/// <param name="ConfigMaps">The ConfigMaps all of it comes from; also missing ones.</param>
internal sealed record GroupPlan(
    ImmutableArray<Core.Backends.Backend> Backends,
    ImmutableArray<Core.Backends.UnservedBackend> Unserved,
    ImmutableSortedDictionary<string, BackendFacts> Facts,
    ImmutableSortedSet<string> Secrets,
    ImmutableSortedSet<string> ConfigMaps);

/// <summary>What resources say of a backend, for status views; no secret.</summary>
public sealed record BackendFacts
{
    /// <summary>The object it comes from, for example <c>MCPServer/jira</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>The endpoint; null when there is none or when it holds a user name.</summary>
    public string? Url { get; init; }

    /// <summary>The MCPExternalAuthConfig in use, or null.</summary>
    public string? AuthConfigRef { get; init; }

    /// <summary>Which setting decided as whom it is called: <c>explicit</c>, <c>workload</c>, <c>default</c> or <c>none</c>.</summary>
    public required string AuthSource { get; init; }

    /// <summary>The strategy's type, or null.</summary>
    public string? AuthType { get; init; }

    /// <summary>The Secrets its credentials and headers come from, sorted.</summary>
    public EquatableArray<string> Secrets { get; init; } = [];
}
