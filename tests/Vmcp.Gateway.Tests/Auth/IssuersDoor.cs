using System.Text.Json;
using System.Text.Json.Nodes;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Auth;

/// <summary>Lets in whoever has a live token of a test server. What stands behind the door is under test, not the door.</summary>
public sealed class IssuersDoor(TestAuthorizationServer server) : IIncomingAuth
{
    private const string Scheme = "Bearer ";

    /// <inheritdoc/>
    public ProtectedResource? Resource { get; } = new(new Uri("https://gateway.test/mcp"), [server.Issuer.OriginalString], []);

    /// <summary>The headers of a client with this token, and with every other header that could sign in.</summary>
    public static Dictionary<string, string> As(string token) =>
        new() { ["Authorization"] = Scheme + token, ["Cookie"] = "session=cookie-canary", ["Proxy-Authorization"] = "Basic proxy-canary" };

    /// <inheritdoc/>
    public ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken)
    {
        if (authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.Ordinal) || server.ClaimsOf(header[Scheme.Length..]) is not { } claims)
            return new(new Admission.Challenged("invalid_token", "The token is not valid."));
        Principal principal = new((string)claims["iss"]!, (string)claims["sub"]!);
        SubjectToken token = new(new Secret(header[Scheme.Length..]), JsonSerializer.SerializeToElement(claims), ExpiryOf(claims));
        return new(new Admission.Admitted(new Caller(principal, token)));
    }

    private static DateTimeOffset? ExpiryOf(JsonObject claims) => claims["exp"] is { } exp ? DateTimeOffset.FromUnixTimeSeconds((long)exp) : null;
}
