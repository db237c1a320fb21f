namespace Vmcp.Core.Backends;

/// <summary>As whom the gateway itself signs in to a token endpoint.</summary>
/// <param name="Id">The client id.</param>
/// <param name="Secret">The client secret; null for a public client, which only names itself (RFC 6749 2.3.1, 3.2.1).</param>
public sealed record ClientCredential(string Id, Secret? Secret);

/// <summary>Scopes as a token endpoint takes them: sorted and distinct, so that another order asks for the same token.</summary>
public static class ScopeText
{
    /// <summary>The scopes joined by one space; empty for none.</summary>
    public static string Join(IEnumerable<string> scopes) =>
        string.Join(' ', scopes.Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
