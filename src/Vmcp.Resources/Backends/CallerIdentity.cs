namespace Vmcp.Resources.Backends;

/// <summary>Whether a backend that is called as its caller has callers who prove who they are.</summary>
public static class CallerIdentity
{
    /// <summary>The reason where they do not.</summary>
    public const string Reason = "CallerIdentityRequired";

    /// <summary>Why a backend is not served for want of callers who prove who they are, with the remedy; null when nothing is in the way.</summary>
    /// <param name="server">The server; its <c>incomingAuth</c> counts.</param>
    /// <param name="backend">The backend's name.</param>
    /// <param name="auth">As whom it is called.</param>
    public static MemberProblem? Missing(VirtualMCPServer server, string backend, ResolvedAuth auth)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(auth);
        if (!auth.IsPerUser || server.Spec.IncomingAuth?.Type is null or "" or "oidc")
            return null;
        return new MemberProblem(
            Reason,
            $"Backend \"{backend}\" is not served: {auth.TypeWord} (MCPExternalAuthConfig \"{auth.ConfigRef}\") is made from the caller's own token, and with "
                + $"spec.incomingAuth.type {server.Spec.IncomingAuth.Type} callers bring none; use type oidc, or another MCPExternalAuthConfig for this backend");
    }
}
