using System.Text;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Auth;

/// <summary>What a backend with <c>token_exchange</c> sees, and what its callers see.</summary>
public sealed class ExchangeWireTests : IAsyncLifetime
{
    private const string Audience = "https://jira.example";
    private TestAuthorizationServer _idp = null!;

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "OAUTH-05")]
    [Trait("Threat", "8.1 Token passthrough")]
    public async Task Backend_receives_the_exchanged_token_and_never_the_clients(string front, string back)
    {
        await using TestWorld world = await StartAsync(back);
        string token = _idp.Token("alice");
        Front alice = await world.ConnectAsync(front, headers: IssuersDoor.As(token));

        (await alice.EchoAsync("alpha_echo", "1")).ShouldBe("1");
        (await alice.EchoAsync("alpha_echo", "2")).ShouldBe("2");

        RecordedRequest[] calls = [.. world["alpha"].RequestsFor("tools/call")];
        calls.Length.ShouldBe(2);
        foreach (RecordedRequest call in calls)
        {
            _idp.Accepts(call.Header("Authorization"), Audience).ShouldBeTrue();
            ((string?)_idp.ClaimsOf(call.Header("Authorization")!["Bearer ".Length..])!["sub"]).ShouldBe("alice");
        }

        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(1);
        AuthRequest exchange = _idp.RequestsFor(TestAuthorizationServer.TokenExchange)[0];
        exchange.Field("subject_token").ShouldBe(token);
        exchange.ClientAuth.ShouldBe(ClientAuth.Basic);
        foreach (RecordedRequest request in world["alpha"].Requests)
            ShouldHoldNothingOf(request, token, "cookie-canary", "proxy-canary", "gateway-secret-7f3a");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "OAUTH-05")]
    public async Task Each_user_comes_as_themselves_and_once_to_the_token_endpoint(string front)
    {
        await using TestWorld world = await StartAsync("legacy");
        Front alice = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token("alice")));
        Front bob = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token("bob")));

        for (int i = 0; i < 2; i++)
        {
            (await alice.EchoAsync("alpha_echo", "alice")).ShouldBe("alice");
            (await bob.EchoAsync("alpha_echo", "bob")).ShouldBe("bob");
        }

        foreach (RecordedRequest call in world["alpha"].RequestsFor("tools/call"))
            SubjectOf(call).ShouldBe(call.Params.GetProperty("arguments").GetProperty("input").GetString());
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_refused_exchange_is_a_clear_tool_error_without_a_word_of_the_token_endpoint(string front)
    {
        await using TestWorld world = await StartAsync("legacy");
        using IDisposable refusing = _idp.Override(AuthKind.Token, AuthAnswer.Error("invalid_grant", "canary text of the token endpoint"));
        Front alice = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token("alice")));
        int before = world["alpha"].RequestsFor("tools/call").Count;

        RpcAnswer answer = await alice.CallToolAsync("alpha_echo", """{"input":"1"}""");

        answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        answer.Text().ShouldStartWith(
            "Backend \"alpha\" cannot be called: its token endpoint does not accept the caller's token; sign in again (invalid_grant)");
        answer.RawText.ShouldNotContain("canary");
        world["alpha"].RequestsFor("tools/call").Count.ShouldBe(before);
        world.Logs.All.ShouldAllBe(l => !l.Contains("canary", StringComparison.Ordinal));
        (await world.StatusAsync()).GetRawText().ShouldNotContain("canary");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task What_is_no_tool_call_gets_an_error_with_a_reason_for_programs(string front)
    {
        await using TestWorld world = await StartAsync("legacy");
        Front before = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token("alice")));
        await Eventually.BecomesAsync(async () => (await before.ListAsync("prompts/list", "prompts", "name")).Count == 1, "alice knows the prompt");
        Front alice = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token("alice")));
        using IDisposable refusing = _idp.Override(AuthKind.Token, AuthAnswer.Error("invalid_grant", "canary"));

        RpcAnswer answer = await alice.CallAsync("prompts/get", """{"name":"alpha_greet"}""");

        answer.RawText.ShouldContain("\"data\":{\"reason\":\"upstream_reauth_required\"}");
        answer.RawText.ShouldNotContain("canary");
    }

    [Fact]
    public async Task A_token_the_backend_no_longer_takes_is_replaced_once()
    {
        await using TestWorld world = await StartAsync("legacy");
        Front alice = await world.ConnectAsync(Eras.Latest, headers: IssuersDoor.As(_idp.Token("alice")));
        (await alice.EchoAsync("alpha_echo", "1")).ShouldBe("1");
        string first = world["alpha"].RequestsFor("tools/call")[0].Header("Authorization")!;
        world["alpha"].Behaviour = _idp.Demand(Audience).For("tools/call");

        _idp.Revoke(first["Bearer ".Length..]);

        (await alice.EchoAsync("alpha_echo", "2")).ShouldBe("2");
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(2);
        world["alpha"].RequestsFor("tools/call")[^1].Header("Authorization").ShouldNotBe(first);
    }

    [Fact]
    public async Task A_backend_that_refuses_every_token_costs_two_exchanges_not_one_per_call()
    {
        await using TestWorld world = await StartAsync("legacy");
        Front alice = await world.ConnectAsync(Eras.Latest, headers: IssuersDoor.As(_idp.Token("alice")));
        (await alice.EchoAsync("alpha_echo", "1")).ShouldBe("1");
        world["alpha"].Behaviour = Behaviour.Status(401).For("tools/call");

        for (int i = 0; i < 20; i++)
            (await alice.CallToolAsync("alpha_echo")).Text().ShouldBe("Backend \"alpha\" refused our credentials (HTTP 401).");

        // One per ten seconds at most, and this test may be slow.
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBeInRange(2, 4);
    }

    [Fact]
    [Trait("Scenario", "OAUTH-02")]
    public async Task Without_a_strategy_no_credential_goes_out()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            w.Incoming = new IssuersDoor(_idp);
            w.Backend("alpha");
        });
        Front alice = await world.ConnectAsync(Eras.Latest, headers: IssuersDoor.As(_idp.Token("alice")));

        (await alice.EchoAsync("alpha_echo", "1")).ShouldBe("1");

        world["alpha"].Requests.ShouldAllBe(r => r.Header("Authorization") == null && r.Header("Cookie") == null && r.Header("Proxy-Authorization") == null);
        _idp.Count(AuthKind.Token).ShouldBe(0);
    }

    public async ValueTask InitializeAsync() => _idp = await TestAuthorizationServer.StartAsync();

    public async ValueTask DisposeAsync() => await _idp.DisposeAsync();

    private async Task<TestWorld> StartAsync(string back)
    {
        TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout) = (600, 20); // no probe of its own accord
            w.Incoming = new IssuersDoor(_idp);
            w.Backend("alpha", s =>
            {
                Eras.Apply(s, back);
                s.Tool("echo").Prompt("greet");
            });
        });
        world.Forgive("alpha"); // tests have it answer 401 in the middle
        await world.UseExchangeAsync(_idp, Audience);
        return world;
    }

    private string? SubjectOf(RecordedRequest request) => (string?)_idp.ClaimsOf(request.Header("Authorization")!["Bearer ".Length..])!["sub"];

    private static void ShouldHoldNothingOf(RecordedRequest request, params string[] secrets)
    {
        StringBuilder all = new(request.Path + request.BodyText);
        foreach ((string name, string value) in request.Headers)
            all.Append(name).Append(value);
        foreach (string secret in secrets)
            all.ToString().ShouldNotContain(secret);
    }
}
