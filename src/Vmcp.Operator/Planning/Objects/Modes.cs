using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The two modes (<c>spec.outgoingAuth.source</c>).</summary>
public static class Modes
{
    /// <summary>The gateway watches its backends through the API.</summary>
    public const string Discovered = "discovered";

    /// <summary>The gateway has all it needs in its file.</summary>
    public const string Inline = "inline";

    /// <summary>Whether a server asks for inline mode; what it does not say is discovered (operator.md 0).</summary>
    public static bool IsInline(VirtualMCPServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return server.Spec.OutgoingAuth?.Source == Inline;
    }
}
