using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Temporary AWS credentials for a role, requests are signed with them.</summary>
public sealed record AwsStsSpec
{
    /// <summary>The AWS region.</summary>
    [Required, Bounds(MinLength = 1, Pattern = Patterns.AwsRegion)]
    public string Region { get; init => field = value ?? field; } = "";

    /// <summary>The service name requests are signed for.</summary>
    [Default("aws-mcp")]
    public string? Service { get; init; }

    /// <summary>The role when no mapping fits.</summary>
    [Bounds(Pattern = Patterns.RoleArn)]
    public string? FallbackRoleArn { get; init; }

    /// <summary>Roles by claims of the caller.</summary>
    [ListAtomic]
    public IReadOnlyList<AwsStsRoleMapping> RoleMappings { get; init => field = value ?? field; } = [];

    /// <summary>The claim the mappings look at.</summary>
    [Default("groups")]
    public string? RoleClaim { get; init; }

    /// <summary>How long credentials are valid, in seconds.</summary>
    [Default(3600), Bounds(Min = 900, Max = 43200)]
    public int? SessionDuration { get; init; }

    /// <summary>The claim that names the session.</summary>
    [Default("sub")]
    public string? SessionNameClaim { get; init; }

    /// <summary>The upstream provider whose token is given; the first one when unset.</summary>
    public string? SubjectProviderName { get; init; }
}

/// <summary>A role for callers with a claim.</summary>
public sealed record AwsStsRoleMapping
{
    /// <summary>The value the claim must have.</summary>
    [Bounds(MinLength = 1)]
    public string? Claim { get; init; }

    /// <summary>A CEL expression over claims, instead of a value.</summary>
    [Bounds(MinLength = 1)]
    public string? Matcher { get; init; }

    /// <summary>The role.</summary>
    [Required, Bounds(Pattern = Patterns.RoleArn)]
    public string RoleArn { get; init => field = value ?? field; } = "";

    /// <summary>Of several that fit the smallest wins; one without comes last.</summary>
    [Bounds(Min = 0)]
    public int? Priority { get; init; }
}
