namespace Vmcp.Core.Backends;

/// <summary>
/// Cross-application access: the identity provider turns the caller's ID token into an assertion for the target's authorization server, which
/// turns it into an access token (draft-ietf-oauth-identity-assertion-authz-grant).
/// </summary>
public sealed record XaaStrategy : Strategy
{
    /// <summary>The identity provider's token endpoint.</summary>
    public required Uri IdpTokenUrl { get; init; }

    /// <summary>As whom we ask the identity provider; null for nobody.</summary>
    public ClientCredential? IdpClient { get; init; }

    /// <summary>The target's token endpoint.</summary>
    public required Uri TargetTokenUrl { get; init; }

    /// <summary>Whether plain http is accepted for <see cref="TargetTokenUrl"/> although its host is not loopback.</summary>
    public bool TargetIsInsecure { get; init; }

    /// <summary>As whom we ask the target; null for nobody.</summary>
    public ClientCredential? TargetClient { get; init; }

    /// <summary>The one audience of the assertion: the issuer of the target's authorization server.</summary>
    public required string TargetAudience { get; init; }

    /// <summary>The resource the assertion is for; null for none.</summary>
    public string? TargetResource { get; init; }

    /// <summary>The scopes asked for, see <see cref="ScopeText"/>; empty for none.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The upstream provider whose ID token is used in place of the caller's token; null for the caller's.</summary>
    public string? SubjectProviderName { get; init; }

    /// <inheritdoc />
    public override string Type => "xaa";

    /// <inheritdoc />
    public override bool IsPerUser => true;

    /// <inheritdoc />
    public override string? Needs => NeedsUpstream(SubjectProviderName);
}
