namespace Vmcp.Core.Backends;

/// <summary>How we authenticate to a backend. Each kind is a record of its own; the auth room knows how to apply it.</summary>
public abstract record Strategy
{
    /// <summary>No credentials at all.</summary>
    public static Strategy None { get; } = new UnauthenticatedStrategy();

    /// <summary>The word shown as <c>auth_type</c> in <c>/status</c>, for example <c>header_injection</c>.</summary>
    public abstract string Type { get; }

    /// <summary>
    /// Whether a credential is configured. A 401 from a backend with one means "alive, wants this user's token";
    /// without one it means "misconfigured".
    /// </summary>
    public virtual bool HasCredential => true;

    /// <summary>
    /// Whether the credential is made from the caller's own token: then the gateway itself cannot call as a user, and what the backend lists may
    /// depend on who asks.
    /// </summary>
    public virtual bool IsPerUser => false;

    /// <summary>
    /// What this gateway lacks to apply the strategy, as a clause that fits behind "needs"; null when nothing. A backend whose strategy lacks
    /// something is probed, but every call to it is refused with this reason.
    /// </summary>
    public virtual string? Needs => null;

    /// <summary>The clause for a strategy that names an upstream provider.</summary>
    private protected static string? NeedsUpstream(string? provider) =>
        provider is null ? null : $"the embedded authorization server, which holds the tokens of upstream provider \"{provider}\" and is not part of this gateway";
}

/// <summary>The backend is called without credentials.</summary>
public sealed record UnauthenticatedStrategy : Strategy
{
    /// <inheritdoc />
    public override string Type => "unauthenticated";

    /// <inheritdoc />
    public override bool HasCredential => false;
}

/// <summary>One fixed header is set on each request to the backend.</summary>
/// <param name="HeaderName">A valid HTTP field name that is not reserved.</param>
/// <param name="Value">The value; never printed.</param>
public sealed record HeaderInjectionStrategy(string HeaderName, Secret Value) : Strategy
{
    /// <inheritdoc />
    public override string Type => "header_injection";
}
