namespace Vmcp.Core.Identity;

/// <summary>Who is calling: the pair a session is bound to. A refreshed token of the same user is the same principal.</summary>
/// <param name="Issuer">The authority that names the subject.</param>
/// <param name="Subject">The subject within the issuer.</param>
public sealed record Principal(string Issuer, string Subject)
{
    /// <summary>Everybody, when <c>incomingAuth.type</c> is <c>anonymous</c>.</summary>
    public static Principal Anonymous { get; } = new("vmcp-local", "anonymous");
}
