using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Token buckets that calls draw from.</summary>
[Cel("has(self.shared) || has(self.perUser) || (has(self.tools) && size(self.tools) > 0)", "at least one of shared, perUser and tools is required")]
public sealed record RateLimitSpec
{
    /// <summary>One bucket for all callers of the server.</summary>
    public RateLimitBucketSpec? Shared { get; init; }

    /// <summary>One bucket for each authenticated user.</summary>
    public RateLimitBucketSpec? PerUser { get; init; }

    /// <summary>More buckets for single tools; a call must pass these and the ones of the server.</summary>
    [ListMap("name")]
    public IReadOnlyList<ToolRateLimitSpec> Tools { get; init => field = value ?? field; } = [];
}

/// <summary>The buckets of one tool.</summary>
[Cel("has(self.shared) || has(self.perUser)", "at least one of shared and perUser is required")]
public sealed record ToolRateLimitSpec
{
    /// <summary>The tool.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>One bucket for all callers of the tool.</summary>
    public RateLimitBucketSpec? Shared { get; init; }

    /// <summary>One bucket for each authenticated user of the tool.</summary>
    public RateLimitBucketSpec? PerUser { get; init; }
}

/// <summary>A token bucket.</summary>
public sealed record RateLimitBucketSpec
{
    /// <summary>How many calls it holds, which is the largest burst.</summary>
    [Required, Bounds(Min = 1)]
    public int? MaxTokens { get; init; }

    /// <summary>How long an empty bucket takes to be full again: 1m.</summary>
    [Required]
    public string? RefillPeriod { get; init; }
}
