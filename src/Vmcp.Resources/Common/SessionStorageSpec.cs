using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Where sessions are kept; more than one replica needs redis.</summary>
[Cel("self.provider != 'redis' || (has(self.address) && size(self.address) > 0)", "address is required when provider is redis", FieldPath = ".address")]
public sealed record SessionStorageSpec
{
    /// <summary>The session store: memory or redis.</summary>
    [Required, OneOf("memory", "redis")]
    public string? Provider { get; init; }

    /// <summary>Host and port of Redis; required for redis.</summary>
    [Bounds(MinLength = 1)]
    public string? Address { get; init; }

    /// <summary>Index of the Redis database.</summary>
    [Default(0), Bounds(Min = 0)]
    public int? Db { get; init; }

    /// <summary>Put before every Redis key.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>The Redis password.</summary>
    public SecretKeyRef? PasswordRef { get; init; }
}
