namespace Vmcp.Resources.Backends;

/// <summary>Whether a backend that is called as its caller has callers who prove who they are.</summary>
public static class CallerIdentity
{
    /// <summary>The reason where they do not.</summary>
    public const string Reason = "CallerIdentityRequired";

    /// <summary>
    /// Why every call to a backend is refused, with the remedy; null when nothing is in the way. Such a backend is served all the same, so that
    /// its health shows; nobody else's identity may take the caller's place.
    /// </summary>
    /// <param name="server">The server; its <c>incomingAuth</c> counts.</param>
    /// <param name="backend">The backend's name.</param>
    /// <param name="auth">As whom it is called.</param>
    public static string? Missing(VirtualMCPServer server, string backend, ResolvedAuth auth)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(auth);
        if (!auth.IsPerUser || server.Spec.IncomingAuth?.Type is null or "" or "oidc")
            return null;
        return $"Calls to backend \"{backend}\" are refused: {auth.TypeWord} (MCPExternalAuthConfig \"{auth.ConfigRef}\") is made from the caller's own token, and with "
            + $"spec.incomingAuth.type {server.Spec.IncomingAuth.Type} callers bring none; use type oidc, or another MCPExternalAuthConfig for this backend";
    }
}
