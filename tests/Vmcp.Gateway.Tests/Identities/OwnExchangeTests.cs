using Vmcp.Core.Backends;
using Vmcp.Gateway.Tests.Auth;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>Own lists with tokens that are really exchanged: the backend goes by who the exchanged token names.</summary>
public sealed class OwnExchangeTests : IAsyncLifetime
{
    private const string Audience = "https://jira.example";
    private TestAuthorizationServer _idp = null!;

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "OAUTH-06")]
    [Trait("Scenario", "HLTH-04")]
    public async Task Users_get_their_lists_with_one_exchange_each_and_probes_need_none(string front, string back)
    {
        await using ScriptedBackend own = await ScriptedBackend.StartAsync(s =>
        {
            Eras.Apply(s, back);
            s.Tool("echo");
            foreach (string user in new[] { "alice", "bob" })
                s.Add(ItemOf.Tool("for-" + user) with { VisibleTo = a => SubjectOf(a.Headers) == user });
        });
        own.Behaviour = Behaviour.Choose(r => SubjectOf(r.Headers) is "alice" or "bob" ? Behaviour.Normal : Behaviour.Status(401));
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            w.Incoming = new IssuersDoor(_idp);
            w.Source!.Put(new Backend
            {
                Name = "own",
                Url = own.Url,
                Transport = back == "http-sse" ? BackendTransport.Sse : BackendTransport.StreamableHttp,
                Strategy = new TokenExchangeStrategy { TokenUrl = _idp.TokenUrl, Client = new ClientCredential("gateway", new Secret("gateway-secret-7f3a")), Audience = Audience },
            });
        });
        int probes = own.Requests.Count;
        await Eventually.BecomesAsync(() => own.Requests.Count > probes + 2, "some rounds of checks pass without a client");
        await world.HealthBecomesAsync("own", "healthy");
        _idp.Count(TestAuthorizationServer.ClientCredentials).ShouldBeGreaterThan(0);
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(0);

        foreach (string user in new[] { "alice", "bob" })
        {
            Front client = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token(user)));
            (await client.ToolsAsync()).ShouldBe(["own_echo", $"own_for-{user}"]);
            (await client.EchoAsync($"own_for-{user}", "mine")).ShouldBe("mine");
        }

        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(2);
    }

    public async ValueTask InitializeAsync() => _idp = await TestAuthorizationServer.StartAsync();

    public async ValueTask DisposeAsync() => await _idp.DisposeAsync();

    private string? SubjectOf(IReadOnlyDictionary<string, string> headers) =>
        headers.GetValueOrDefault("Authorization") is { } bearer && bearer.StartsWith("Bearer ", StringComparison.Ordinal)
            ? (string?)_idp.ClaimsOf(bearer["Bearer ".Length..])?["sub"]
            : null;
}
