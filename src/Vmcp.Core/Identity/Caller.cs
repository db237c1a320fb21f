namespace Vmcp.Core.Identity;

/// <summary>Who makes one request, and with what proof. Immutable; a refreshed token is another caller of the same principal.</summary>
/// <param name="principal">Whom sessions, caches and routes are bound to.</param>
/// <param name="token">The validated token of the request; null when nobody had to prove anything.</param>
public sealed class Caller(Principal principal, SubjectToken? token = null)
{
    /// <summary>Everybody, when <c>incomingAuth.type</c> is <c>anonymous</c>.</summary>
    public static Caller Anonymous { get; } = new(Principal.Anonymous);

    /// <summary>Whom sessions, caches and routes are bound to.</summary>
    public Principal Principal => principal;

    /// <summary>
    /// The validated token of the request; null when nobody had to prove anything. It never reaches a backend: it may only be exchanged for
    /// another one (MCP 2026-07-28, authorization, token passthrough).
    /// </summary>
    public SubjectToken? Token => token;

    /// <summary>The principal; nothing of the token.</summary>
    public override string ToString() => principal.ToString();
}
