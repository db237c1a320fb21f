using System.Collections.Immutable;

namespace Vmcp.Operator.Settings;

/// <summary>What flags and environment of the operator say about every gateway it makes. Part of what a plan is made from.</summary>
public sealed record OperatorSettings
{
    /// <summary>All defaults.</summary>
    public static OperatorSettings Default { get; } = new();

    /// <summary>Image of the gateway's container (<c>--vmcp-image</c>, <c>VMCP_IMAGE</c>).</summary>
    public string VmcpImage { get; init; } = "vmcp:latest";

    /// <summary>Memory limit of the gateway's container (<c>--default-memory-limit</c>).</summary>
    public string MemoryLimit { get; init; } = "512Mi";

    /// <summary>Pull secrets every gateway gets besides its own (<c>TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS</c>).</summary>
    public ImmutableArray<string> ImagePullSecrets { get; init; } = [];

    /// <summary>Session store of gateways that name none (<c>TOOLHIVE_DEFAULT_REDIS_ADDR</c>), or null.</summary>
    public DefaultRedis? DefaultRedis { get; init; }

    /// <summary>User and group ids are left to the platform (<c>OPERATOR_OPENSHIFT</c>).</summary>
    public bool OpenShift { get; init; }

    /// <summary>Grants discovered pods all Secrets of their namespace instead of the ones in use (<c>--broad-secret-read</c>).</summary>
    public bool BroadSecretRead { get; init; }
}

/// <summary>The operator-wide session store.</summary>
/// <param name="Address">host:port.</param>
/// <param name="SecretName">Secret with the password, in the gateway's namespace, or null.</param>
/// <param name="SecretKey">Its key.</param>
public sealed record DefaultRedis(string Address, string? SecretName, string SecretKey);
