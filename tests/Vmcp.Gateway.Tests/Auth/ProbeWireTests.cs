using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Auth;

/// <summary>A configuration file with per-user strategies: what probes do without a user, and what calls say.</summary>
public sealed class ProbeWireTests : IAsyncLifetime
{
    private TestAuthorizationServer _idp = null!;

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    [Trait("Scenario", "HLTH-04")]
    public async Task Rounds_of_probes_without_any_client_find_every_backend_well()
    {
        await using TestWorld world = await StartAsync(w =>
        {
            Add(w, "upstream", "type: upstream_inject, upstreamInject: {providerName: okta}");
            Add(w, "exchange", Exchange("exchange"));
            Add(w, "public", $"type: token_exchange, tokenExchange: {{tokenUrl: '{_idp.TokenUrl}', clientId: public, audience: public}}");
        });
        foreach (string name in (string[])["upstream", "public"])
            world[name].Behaviour = Behaviour.Status(401); // they want a user
        world["exchange"].Behaviour = _idp.Demand("exchange");
        int[] before = [.. Names.Select(n => world[n].Requests.Count)];

        await Eventually.BecomesAsync(() => Names.Zip(before).All(p => world[p.First].Requests.Count >= p.Second + 4), "several rounds", TimeSpan.FromSeconds(60));

        JsonElement status = await world.StatusAsync();
        foreach (string name in Names)
            TestWorld.BackendOf(status, name).GetProperty("health").GetString().ShouldBe("healthy", name);
        _idp.RequestsOf(AuthKind.Token).ShouldHaveSingleItem().Grant.ShouldBe(TestAuthorizationServer.ClientCredentials);
        world["exchange"].Requests.ShouldContain(r => _idp.Accepts(r.Header("Authorization"), "exchange"));
        world["upstream"].Requests.Concat(world["public"].Requests).ShouldAllBe(r => r.Header("Authorization") == null);
    }

    [Fact]
    [Trait("Scenario", "HLTH-04")]
    public async Task A_token_endpoint_that_is_away_makes_no_backend_look_away()
    {
        using IDisposable away = _idp.Override(AuthKind.Token, new AuthAnswer(503));
        await using TestWorld world = await StartAsync(w => Add(w, "exchange", Exchange("exchange")));
        world["exchange"].Behaviour = Behaviour.Status(401);
        int before = world["exchange"].Requests.Count;

        await Eventually.BecomesAsync(() => world["exchange"].Requests.Count >= before + 4, "several rounds", TimeSpan.FromSeconds(60));

        TestWorld.BackendOf(await world.StatusAsync(), "exchange").GetProperty("health").GetString().ShouldBe("healthy");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task The_example_with_its_missing_fields_filled_in_runs(string front)
    {
        await using TestWorld world = await StartAsync(w =>
        {
            w.Backend("github-mcp");
            w.Block("outgoing_auth:\n  source: inline\n  backends:\n    github-mcp: {" + Exchange("https://github-mcp.example") + "}");
        });
        string token = _idp.Token("ada");
        Front ada = await world.ConnectAsync(front, headers: IssuersDoor.As(token));

        await Eventually.BecomesAsync(async () => (await ada.CallToolAsync("github-mcp_echo", """{"input":"1"}""")).Text() == "1", "the call works");

        RecordedRequest call = world["github-mcp"].RequestsFor("tools/call")[0];
        _idp.Accepts(call.Header("Authorization"), "https://github-mcp.example").ShouldBeTrue();
        call.Header("Authorization")!.ShouldNotContain(token);
        TestWorld.BackendOf(await world.StatusAsync(), "github-mcp").GetProperty("auth_type").GetString().ShouldBe("token_exchange");
    }

    [Fact]
    public async Task A_strategy_nothing_here_can_apply_is_a_clear_tool_error_and_a_warning_at_the_start()
    {
        await using TestWorld world = await StartAsync(w => Add(w, "upstream", "type: upstream_inject, upstreamInject: {providerName: okta}"));
        Front ada = await world.ConnectAsync(Eras.Latest, headers: IssuersDoor.As(_idp.Token("ada")));

        await Eventually.BecomesAsync(
            async () => (await ada.CallToolAsync("upstream_echo")).RawText.Contains(
                "cannot be called: its strategy upstream_inject needs the embedded authorization server", StringComparison.Ordinal),
            "says what it needs");
        world["upstream"].RequestsFor("tools/call").ShouldBeEmpty();
        TestWorld.Problems(w =>
        {
            w.Elsewhere("upstream", new Uri("http://127.0.0.1:9/mcp"));
            w.Block("incomingAuth: {type: oidc, oidc: {issuer: 'https://i.example', audience: vmcp}}");
            w.Block("outgoingAuth: {backends: {upstream: {type: upstream_inject, upstreamInject: {providerName: okta}}}}");
        }).ShouldContain(p => p.ToString().Contains("every call is refused, because upstream_inject needs ", StringComparison.Ordinal));
    }

    public async ValueTask InitializeAsync() => _idp = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);

    public async ValueTask DisposeAsync() => await _idp.DisposeAsync();

    private static string[] Names => ["upstream", "exchange", "public"];

    private readonly List<string> _strategies = [];

    private string Exchange(string audience) =>
        $"type: token_exchange, tokenExchange: {{tokenUrl: '{_idp.TokenUrl}', clientId: gateway, clientSecretEnv: SECRET, audience: '{audience}'}}";

    private void Add(WorldScript world, string name, string strategy)
    {
        world.Backend(name);
        _strategies.Add($"    {name}: {{{strategy}}}");
    }

    private async Task<TestWorld> StartAsync(Action<WorldScript> write)
    {
        TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = (1, 0.95);
            w.WaitForBackends = false;
            w.Incoming = new IssuersDoor(_idp);
            w.Env["SECRET"] = "gateway-secret-7f3a";
            w.Block($"incomingAuth: {{type: oidc, oidc: {{issuer: '{_idp.Issuer.OriginalString}', audience: vmcp, insecureAllowHttp: true, jwksAllowPrivateIp: true}}}}");
            write(w);
            if (_strategies.Count > 0)
                w.Block("outgoingAuth:\n  backends:\n" + string.Join('\n', _strategies));
        });
        foreach (string name in Names.Append("github-mcp"))
            world.Forgive(name);
        return world;
    }
}
