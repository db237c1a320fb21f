using System.Text.Json.Nodes;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.Auth.Outgoing;
using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>
/// A gateway between an identity provider and one backend per outgoing strategy, each named for its strategy: <c>plain</c>, <c>header</c>,
/// <c>exchange</c>, <c>xaa</c>, <c>aws</c>, <c>upstream</c>, <c>obo</c>. Everything is the real thing but the providers and AWS.
/// </summary>
internal sealed class IdentityWorld : IAsyncDisposable
{
    /// <summary>The secret of the gateway at the provider.</summary>
    public const string ClientSecret = "canary-client-secret-51c9";

    /// <summary>The value of the injected header.</summary>
    public const string HeaderValue = "canary-header-value-77d2";

    /// <summary>The audience of exchanged tokens.</summary>
    public const string Audience = "backend-exchange";

    private IdentityWorld(TestAuthorizationServer provider, TestAuthorizationServer target, FakeSts sts) => (Provider, Target, Sts) = (provider, target, sts);

    /// <summary>Signs tokens in and exchanges them.</summary>
    public TestAuthorizationServer Provider { get; }

    /// <summary>The authorization server of the backend <c>xaa</c>.</summary>
    public TestAuthorizationServer Target { get; }

    /// <summary>AWS.</summary>
    public FakeSts Sts { get; }

    /// <summary>The gateway and its backends.</summary>
    public TestWorld World { get; private set; } = null!;

    /// <summary>All backends.</summary>
    public static IReadOnlyList<string> Names { get; } = ["plain", "header", "exchange", "xaa", "aws", "upstream", "obo"];

    /// <summary>Backends whose strategy lacks something here: calls to them are refused.</summary>
    public static IReadOnlyList<string> Lacking { get; } = ["upstream", "obo"];

    /// <summary>The exchange as these tests configure it.</summary>
    public TokenExchangeStrategy Exchange => new()
    {
        TokenUrl = Provider.TokenUrl,
        Client = new ClientCredential("gateway", new Secret(ClientSecret)),
        Audience = Audience,
    };

    /// <summary>Cross-application access as these tests configure it.</summary>
    public XaaStrategy Xaa => new()
    {
        IdpTokenUrl = Provider.TokenUrl,
        IdpClient = new ClientCredential("gateway", new Secret(ClientSecret)),
        TargetTokenUrl = Target.TokenUrl,
        TargetClient = new ClientCredential("gateway", new Secret(ClientSecret)),
        TargetAudience = Target.Issuer.OriginalString,
        TargetResource = "https://xaa.test/mcp",
    };

    /// <summary>Starts everything.</summary>
    /// <param name="back">The kind of all backends.</param>
    /// <param name="more">More of the world.</param>
    /// <param name="anonymous">Whether everybody comes in without proof.</param>
    /// <param name="tool">The handler of each backend's tool <c>echo</c>; null echoes.</param>
    public static async Task<IdentityWorld> StartAsync(
        string back = "legacy", Action<WorldScript, IdentityWorld>? more = null, bool anonymous = false, CallHandler? tool = null)
    {
        TestAuthorizationServer provider = await TestAuthorizationServer.StartAsync(SetUp);
        TestAuthorizationServer target = await TestAuthorizationServer.StartAsync(SetUp);
        target.Trust(provider);
        IdentityWorld identity = new(provider, target, await FakeSts.StartAsync());
        try
        {
            identity.World = await TestWorld.LiveAsync(w =>
            {
                foreach (string name in Names)
                {
                    w.Backend(name, s =>
                    {
                        Eras.Apply(s, back);
                        s.Tool("echo", tool).Resource($"mem://{name}").Prompt("p");
                    });
                }

                w.Strategies["header"] = new HeaderInjectionStrategy("X-Key", new Secret(HeaderValue));
                w.Strategies["exchange"] = identity.Exchange;
                w.Strategies["xaa"] = identity.Xaa;
                w.Strategies["aws"] = new AwsStsStrategy { Region = "eu-central-1", FallbackRoleArn = "arn:aws:iam::123456789012:role/reader" };
                w.Strategies["upstream"] = new UpstreamInjectStrategy("github");
                w.Strategies["obo"] = new OboStrategy();
                w.Incoming = anonymous ? OpenDoor.Anonymous : identity.NewDoor();
                w.Outgoing = new OutgoingAuth(new OutgoingOptions { Env = name => name == "AWS_ENDPOINT_URL_STS" ? identity.Sts.Url.AbsoluteUri : null });
                more?.Invoke(w, identity);
            });
            return identity;
        }
        catch
        {
            await identity.DisposeAsync();
            throw;
        }
    }

    /// <summary>A door of type oidc before the provider.</summary>
    public OidcAuth NewDoor(Func<OidcOptions, OidcOptions>? change = null)
    {
        OidcOptions options = new()
        {
            Issuer = Provider.Issuer.OriginalString,
            Audience = TestAuthorizationServer.DefaultAudience,
            Resource = new Uri("https://gateway.test/mcp"),
            KeysHttp = new IdentityHttpOptions { AllowPrivateAddresses = true },
            IntrospectionHttp = new IdentityHttpOptions { AllowPrivateAddresses = true },
        };
        return new OidcAuth(change?.Invoke(options) ?? options, TimeProvider.System, NullLogger<OidcAuth>.Instance);
    }

    /// <summary>A token for this gateway.</summary>
    public string Token(string subject, Action<JsonObject>? claims = null) => Provider.Token(subject, claims: claims);

    /// <summary>The headers of a client with this token.</summary>
    public static Dictionary<string, string> As(string token) => new() { ["Authorization"] = "Bearer " + token };

    /// <summary>Where an exchange went.</summary>
    public IReadOnlyList<AuthRequest> Exchanges => Provider.RequestsFor(TestAuthorizationServer.TokenExchange);

    /// <summary>Everything that backends saw, as one text per request: verb, path, headers and body.</summary>
    public IReadOnlyList<string> SeenByBackends() =>
    [
        .. Names.SelectMany(n => World[n].Requests.Select(r =>
            $"{n}: {r.Verb} {r.Path}\n{string.Join('\n', r.Headers.Select(h => $"{h.Key}: {h.Value}"))}\n{r.BodyText}")),
    ];

    /// <summary>What would give a JWT away: its payload, its signature and the whole. Its header is the same for many.</summary>
    public static IReadOnlyList<string> PartsOf(string jwt) => [jwt, .. jwt.Split('.').Skip(1)];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (World is not null)
            await World.DisposeAsync();
        await Sts.DisposeAsync();
        await Target.DisposeAsync();
        await Provider.DisposeAsync();
    }

    private static void SetUp(AuthorizationServerOptions options)
    {
        options.Algorithms = ["ES256"]; // finding primes is what takes the time of a test
        options.Clients["gateway"] = ClientSecret;
    }
}
