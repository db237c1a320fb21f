using Vmcp.Core.Values;

namespace Vmcp.Core.Backends;

/// <summary>
/// The caller's token is exchanged for temporary AWS credentials (STS AssumeRoleWithWebIdentity), with which each request is signed (AWS
/// Signature Version 4).
/// </summary>
public sealed record AwsStsStrategy : Strategy
{
    /// <summary>The region of STS and of the signature, for example <c>eu-central-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>The service name that is signed for.</summary>
    public string Service { get; init; } = "aws-mcp";

    /// <summary>The role when no mapping matches; null for none.</summary>
    public string? FallbackRoleArn { get; init; }

    /// <summary>Rules that choose the role, in the order they are written.</summary>
    public EquatableArray<RoleMapping> RoleMappings { get; init; }

    /// <summary>The claim that <see cref="RoleMapping.Claim"/> looks into.</summary>
    public string RoleClaim { get; init; } = "groups";

    /// <summary>Lifetime asked for the credentials.</summary>
    public TimeSpan SessionDuration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The claim that names the session at AWS.</summary>
    public string SessionNameClaim { get; init; } = "sub";

    /// <summary>The upstream provider whose token is used in place of the caller's; null for the caller's.</summary>
    public string? SubjectProviderName { get; init; }

    /// <inheritdoc />
    public override string Type => "aws_sts";

    /// <inheritdoc />
    public override bool IsPerUser => true;

    /// <inheritdoc />
    public override string? Needs => NeedsUpstream(SubjectProviderName);
}

/// <summary>One rule that chooses a role; exactly one of <paramref name="Claim"/> and <paramref name="Matcher"/> is set.</summary>
/// <param name="Claim">A value the role claim must contain.</param>
/// <param name="Matcher">An expression over the claims (a part of CEL).</param>
/// <param name="RoleArn">The role taken on a match.</param>
/// <param name="Priority">Lower wins; null is last; ties keep their order.</param>
public sealed record RoleMapping(string? Claim, string? Matcher, string RoleArn, int? Priority);
