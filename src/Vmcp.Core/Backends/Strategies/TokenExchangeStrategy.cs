namespace Vmcp.Core.Backends;

/// <summary>The caller's token is exchanged for one the backend accepts (RFC 8693), which goes out as <c>Authorization: Bearer</c>.</summary>
public sealed record TokenExchangeStrategy : Strategy
{
    /// <summary>The token endpoint.</summary>
    public required Uri TokenUrl { get; init; }

    /// <summary>As whom we ask; null for nobody.</summary>
    public ClientCredential? Client { get; init; }

    /// <summary>The <c>audience</c> asked for.</summary>
    public string? Audience { get; init; }

    /// <summary>The <c>resource</c> asked for (RFC 8707): an absolute URI; null for none.</summary>
    public string? Resource { get; init; }

    /// <summary>The scopes asked for, see <see cref="ScopeText"/>; empty for none.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The URN of the type of the caller's token.</summary>
    public string SubjectTokenType { get; init; } = TokenTypes.AccessToken;

    /// <summary>The upstream provider whose token is exchanged in place of the caller's; null for the caller's.</summary>
    public string? SubjectProviderName { get; init; }

    /// <inheritdoc />
    public override string Type => "token_exchange";

    /// <inheritdoc />
    public override bool IsPerUser => true;

    /// <inheritdoc />
    public override string? Needs => NeedsUpstream(SubjectProviderName);
}
