namespace Vmcp.Core.Backends;

/// <summary>A token that an embedded authorization server holds would go out. Known, but nothing here can apply it.</summary>
/// <param name="ProviderName">The upstream provider.</param>
public sealed record UpstreamInjectStrategy(string ProviderName) : Strategy
{
    /// <inheritdoc />
    public override string Type => "upstream_inject";

    /// <inheritdoc />
    public override bool IsPerUser => true;

    /// <inheritdoc />
    public override string? Needs => NeedsUpstream(ProviderName);
}

/// <summary>Microsoft Entra's on-behalf-of flow. Known, but nothing here can apply it.</summary>
public sealed record OboStrategy : Strategy
{
    /// <inheritdoc />
    public override string Type => "obo";

    /// <inheritdoc />
    public override bool IsPerUser => true;

    /// <inheritdoc />
    public override string? Needs => "Microsoft Entra's on-behalf-of flow, which is not part of this gateway";
}
