using Vmcp.Config.Model;
using Vmcp.Resources;

namespace Vmcp.Discovery.Watching;

/// <summary>Whose backends a source follows.</summary>
public sealed record DiscoveryOptions
{
    /// <summary>The namespace; nothing outside of it is ever looked at.</summary>
    public required string Namespace { get; init; }

    /// <summary>The group, <c>spec.groupRef.name</c> of its members.</summary>
    public required string Group { get; init; }

    /// <summary>The gateway's configuration.</summary>
    public required GatewayConfig Config { get; init; }

    /// <summary>Name of the gateway's own VirtualMCPServer; null when there is none.</summary>
    public string? ServerName { get; init; }

    /// <summary>Stands for the VirtualMCPServer where there is none; null when there has to be one.</summary>
    public VirtualMCPServer? StandIn { get; init; }

    /// <summary><see cref="Core.Backends.SourceState.Kind"/>.</summary>
    public string Kind { get; init; } = "kubernetes";

    /// <summary>How old what is read by name, Secrets above all, may get (design 5.7).</summary>
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How often an object that is missing or refused is asked for again: it cannot be watched.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After a 401 of a backend its Secrets are read again at once, but no more often than this.</summary>
    public TimeSpan UnauthorizedEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Changes that come within this time are worked out together.</summary>
    public TimeSpan Coalesce { get; init; } = TimeSpan.FromMilliseconds(50);
}
