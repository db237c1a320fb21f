using Vmcp.Config.Values;
using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary><c>optimizer</c> (composition 2.1): present means on, even when empty.</summary>
public sealed record OptimizerConfig
{
    /// <summary>Base URL of the embedding service; absent: keyword search only.</summary>
    public string? EmbeddingService { get; init; }

    /// <summary>Deadline of one embedding request; 30 s when absent.</summary>
    public TimeSpan? EmbeddingServiceTimeout { get; init; }

    /// <summary>The service's protocol; tei when absent.</summary>
    public EmbeddingProvider? EmbeddingProvider { get; init; }

    /// <summary>The model, for openai.</summary>
    public string? EmbeddingModel { get; init; }

    /// <summary>Headers to the service, for openai.</summary>
    public SortedMap<string> EmbeddingHeaders { get; init; } = SortedMap.Empty<string>();

    /// <summary>Tools found at most, 1 to 50; zero or absent is 8.</summary>
    public int? MaxToolsToReturn { get; init; }

    /// <summary>Weight of meaning against keywords, 0 to 1; 0.5 when absent.</summary>
    public decimal? HybridSearchSemanticRatio { get; init; }

    /// <summary>Largest distance of a match, 0 to 2; 1.0 when absent.</summary>
    public decimal? SemanticDistanceThreshold { get; init; }
}

/// <summary>Protocols of embedding services.</summary>
public enum EmbeddingProvider
{
    /// <summary>Text Embeddings Inference.</summary>
    Tei,

    /// <summary>The OpenAI form.</summary>
    OpenAi,
}

/// <summary><c>codeMode</c> (composition 3.1). Read and checked; only <c>enabled</c> would switch it on.</summary>
public sealed record CodeModeConfig
{
    /// <summary>Whether scripts are offered.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Steps of one script at most; zero or absent is 100000.</summary>
    public long? StepLimit { get; init; }

    /// <summary>Calls at once at most; zero or absent is 10.</summary>
    public int? ParallelMaxConcurrency { get; init; }

    /// <summary>Deadline of one call; zero or absent is 30 s.</summary>
    public TimeSpan? ToolCallTimeout { get; init; }
}

/// <summary><c>sessionStorage</c>. Without it sessions live in this process; the other keys are for <c>redis</c>.</summary>
public sealed record SessionStorageConfig
{
    /// <summary>Where session data lives.</summary>
    public SessionStorageProvider? Provider { get; init; }

    /// <summary>host:port of the store.</summary>
    public string? Address { get; init; }

    /// <summary>Database number; 0 when absent.</summary>
    public int? Db { get; init; }

    /// <summary>Begin of every key; <c>thv:vmcp:session:</c> when absent; ends in a colon.</summary>
    public string? KeyPrefix { get; init; }
}

/// <summary>The values of <c>sessionStorage.provider</c>.</summary>
public enum SessionStorageProvider
{
    /// <summary>In this process.</summary>
    Memory,

    /// <summary>A Redis server.</summary>
    Redis,
}

/// <summary><c>rateLimiting</c> (auth-and-ops 5.7).</summary>
public sealed record RateLimitingConfig
{
    /// <summary>One bucket for all.</summary>
    public RateLimitBucketConfig? Shared { get; init; }

    /// <summary>One bucket per user.</summary>
    public RateLimitBucketConfig? PerUser { get; init; }

    /// <summary>Buckets per tool.</summary>
    public EquatableArray<ToolRateLimitConfig> Tools { get; init; }
}

/// <summary>A token bucket.</summary>
public sealed record RateLimitBucketConfig
{
    /// <summary>Its size, at least 1.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Time in which it fills up.</summary>
    public TimeSpan? RefillPeriod { get; init; }
}

/// <summary>One entry of <c>rateLimiting.tools</c>.</summary>
public sealed record ToolRateLimitConfig
{
    /// <summary>The tool.</summary>
    public string? Name { get; init; }

    /// <summary>One bucket for all.</summary>
    public RateLimitBucketConfig? Shared { get; init; }

    /// <summary>One bucket per user.</summary>
    public RateLimitBucketConfig? PerUser { get; init; }
}
