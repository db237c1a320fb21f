using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Where an authorization server keeps its state.</summary>
public sealed record AuthServerStorageSpec
{
    /// <summary>memory or redis.</summary>
    [Default("memory"), OneOf("memory", "redis")]
    public string? Type { get; init; }

    /// <summary>The Redis to use.</summary>
    public AuthServerRedisSpec? Redis { get; init; }
}

/// <summary>A Redis server, cluster or sentinel group.</summary>
[Cel("(has(self.addr) && size(self.addr) > 0) != has(self.sentinelConfig)", "exactly one of addr and sentinelConfig is required", FieldPath = ".addr")]
[Cel("!has(self.clusterMode) || !self.clusterMode || (has(self.addr) && size(self.addr) > 0)", "clusterMode requires addr", FieldPath = ".clusterMode")]
public sealed record AuthServerRedisSpec
{
    /// <summary>Host and port of a server or a cluster.</summary>
    public string? Addr { get; init; }

    /// <summary>Whether it is a cluster.</summary>
    public bool? ClusterMode { get; init; }

    /// <summary>A sentinel group.</summary>
    public RedisSentinelSpec? SentinelConfig { get; init; }

    /// <summary>Who to log in as.</summary>
    [Required]
    public RedisAclUserSpec? AclUserConfig { get; init; }

    /// <summary>The most time a connection may take.</summary>
    [Default("5s"), Bounds(Pattern = Patterns.Duration)]
    public string? DialTimeout { get; init; }

    /// <summary>The most time a read may take.</summary>
    [Default("3s"), Bounds(Pattern = Patterns.Duration)]
    public string? ReadTimeout { get; init; }

    /// <summary>The most time a write may take.</summary>
    [Default("3s"), Bounds(Pattern = Patterns.Duration)]
    public string? WriteTimeout { get; init; }

    /// <summary>TLS to the servers; its presence turns it on.</summary>
    public RedisTlsSpec? Tls { get; init; }

    /// <summary>TLS to the sentinels; its presence turns it on.</summary>
    public RedisTlsSpec? SentinelTls { get; init; }
}

/// <summary>A sentinel group.</summary>
public sealed record RedisSentinelSpec
{
    /// <summary>Name of the master.</summary>
    [Required]
    public string MasterName { get; init => field = value ?? field; } = "";

    /// <summary>Hosts and ports of the sentinels.</summary>
    [ListAtomic]
    public IReadOnlyList<string> SentinelAddrs { get; init => field = value ?? field; } = [];

    /// <summary>A Service before the sentinels.</summary>
    public RedisSentinelServiceSpec? SentinelService { get; init; }

    /// <summary>Index of the database.</summary>
    [Default(0)]
    public int? Db { get; init; }
}

/// <summary>A Service before sentinels; the only reference that may leave the namespace.</summary>
public sealed record RedisSentinelServiceSpec
{
    /// <summary>Name of the Service.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>Its namespace; the object's own when unset.</summary>
    public string? Namespace { get; init; }

    /// <summary>Its port.</summary>
    [Default(26379)]
    public int? Port { get; init; }
}

/// <summary>Who to log in to Redis as.</summary>
public sealed record RedisAclUserSpec
{
    /// <summary>The user; unset when there is only a password.</summary>
    public SecretKeyRef? UsernameSecretRef { get; init; }

    /// <summary>The password.</summary>
    [Required]
    public SecretKeyRef? PasswordSecretRef { get; init; }
}

/// <summary>TLS to Redis.</summary>
public sealed record RedisTlsSpec
{
    /// <summary>Whether any certificate will do; for development only.</summary>
    public bool? InsecureSkipVerify { get; init; }

    /// <summary>CA certificates to trust Redis by.</summary>
    public SecretKeyRef? CaCertSecretRef { get; init; }
}
