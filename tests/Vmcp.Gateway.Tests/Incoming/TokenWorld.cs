using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Incoming;

/// <summary>A gateway of type oidc before one backend, and its provider.</summary>
internal sealed class TokenWorld : IAsyncDisposable
{
    /// <summary>What the gateway is called, and where its metadata is said to be.</summary>
    public const string Resource = "https://gateway.test/mcp";

    public const string Metadata = "https://gateway.test/.well-known/oauth-protected-resource/mcp";

    private TokenWorld(TestAuthorizationServer provider, TestWorld world) => (Provider, World) = (provider, world);

    public TestAuthorizationServer Provider { get; }

    public TestWorld World { get; }

    public static async Task<TokenWorld> StartAsync(Func<OidcOptions, OidcOptions>? options = null, Action<TestAuthorizationServer>? before = null)
    {
        TestAuthorizationServer provider = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);
        before?.Invoke(provider);
        OidcOptions oidc = new()
        {
            Issuer = provider.Issuer.OriginalString,
            Audience = TestAuthorizationServer.DefaultAudience,
            Resource = new Uri(Resource),
            Scopes = ["openid", "mcp"],
            KeysHttp = new IdentityHttpOptions { AllowPrivateAddresses = true, Retries = 0 },
        };
        return new TokenWorld(provider, await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new OidcAuth(options?.Invoke(oidc) ?? oidc, TimeProvider.System, NullLogger<OidcAuth>.Instance);
        }));
    }

    /// <summary>The headers of a client with this token.</summary>
    public static Dictionary<string, string> With(string token) => new() { ["Authorization"] = "Bearer " + token };

    /// <summary>A token of a user.</summary>
    public string Token(string user, string? scopes = null, Action<System.Text.Json.Nodes.JsonObject>? claims = null) =>
        Provider.Token(user, scopes: scopes, claims: claims);

    /// <summary>A token that counts for so much longer, on the last bit of what clocks may be apart.</summary>
    public string Ending(string user, TimeSpan left) =>
        Token(user, claims: c => c["exp"] = DateTimeOffset.UtcNow.AddSeconds(-60).Add(left).ToUnixTimeSeconds());

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
