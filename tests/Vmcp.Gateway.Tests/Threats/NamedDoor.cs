using System.Text.Json;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>
/// A door that believes every bearer token and takes the part before the first dot for the user: <c>ada.1</c> and <c>ada.2</c> are two proofs
/// of the same principal. What stands behind the door is under test here, not the door.
/// </summary>
public sealed class NamedDoor : IIncomingAuth
{
    private const string Scheme = "Bearer ";

    /// <inheritdoc/>
    public ProtectedResource? Resource { get; } = new(new Uri("https://gateway.test/mcp"), ["https://idp.test"], ["mcp"]);

    /// <summary>The headers of a client that proves itself with a token.</summary>
    public static Dictionary<string, string> As(string token) => new() { ["Authorization"] = Scheme + token };

    /// <inheritdoc/>
    public ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken)
    {
        if (authorization.Count == 0)
            return new(new Admission.Challenged(null, null));
        if (authorization.Count > 1 || authorization[0]?.StartsWith(Scheme, StringComparison.Ordinal) != true)
            return new(new Admission.Challenged("invalid_request", "One bearer token is required."));
        string token = authorization[0]![Scheme.Length..];
        string user = token.Split('.')[0];
        JsonElement claims = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["iss"] = "https://idp.test", ["sub"] = user });
        return new(new Admission.Admitted(new Caller(new Principal("https://idp.test", user), new SubjectToken(new Secret(token), claims, null))));
    }
}
