using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Outgoing;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

/// <summary>A signer over a real token endpoint, and one user.</summary>
internal sealed class SignBench : IAsyncDisposable
{
    private SignBench(TestAuthorizationServer idp) => Idp = idp;

    public TestAuthorizationServer Idp { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public OutgoingAuth Auth { get; private set; } = null!;

    /// <summary>What a client must never learn, and what no log may hold.</summary>
    public const string ClientSecret = "gateway-secret-7f3a";

    public Caller Ada { get; private set; } = null!;

    public TokenExchangeStrategy Exchange => new()
    {
        TokenUrl = Idp.TokenUrl,
        Client = new ClientCredential("gateway", new Secret(ClientSecret)),
        Audience = "https://jira.test",
    };

    public static async Task<SignBench> StartAsync()
    {
        SignBench bench = new(await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]));
        // Retries wait by the fake clock, so there are none here; the wire tests have them.
        bench.Auth = new OutgoingAuth(new OutgoingOptions { Time = bench.Time, Retries = 0, AttemptTimeout = TimeSpan.FromMinutes(1) });
        bench.Ada = CacheBench.User("ada", bench.Idp.Token("ada"));
        return bench;
    }

    /// <summary>Signs a request; returns the credential and the header.</summary>
    public async Task<(IIssuedCredential? Credential, string? Authorization)> SignAsync(Strategy strategy, Caller? caller)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "http://127.0.0.1:9/mcp");
        Backend backend = new() { Name = "jira", Url = new Uri("http://127.0.0.1:9/mcp"), Strategy = strategy };
        IIssuedCredential? credential = await Auth.SignAsync(request, backend, caller, CancellationToken.None);
        return (credential, request.Headers.Authorization?.ToString());
    }

    /// <summary>Why a request cannot be signed.</summary>
    public async Task<CredentialException> RefusedAsync(Strategy strategy, Caller? caller = null) =>
        await Should.ThrowAsync<CredentialException>(SignAsync(strategy, caller ?? Ada));

    public async ValueTask DisposeAsync()
    {
        await Auth.DisposeAsync();
        await Idp.DisposeAsync();
    }
}
