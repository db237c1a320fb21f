using Microsoft.Extensions.Logging;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>A client's token that travels on to a backend, which could then act as the client anywhere (MCP: token passthrough is forbidden).</summary>
[Trait("Threat", "8.1 Token passthrough")]
public sealed class TokenPassthroughTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task The_inbound_token_reaches_no_backend_by_any_strategy_and_shows_up_nowhere(string revision, string back)
    {
        using Outputs outputs = new();
        await using IdentityWorld identity = await IdentityWorld.StartAsync(back, (w, _) =>
        {
            w.LogLevel = LogLevel.Trace;
            w.Options = o => o with { Dashboard = true };
            w.Block("passthroughHeaders: [X-Env-Id]");
        });
        TestWorld world = identity.World;
        string token = identity.Token("ada");
        Dictionary<string, string> headers = IdentityWorld.As(token);
        headers["X-Env-Id"] = "env-1";
        headers["Cookie"] = "session=canary-cookie";
        headers["Proxy-Authorization"] = "Basic canary-proxy";
        headers["X-Amz-Security-Token"] = "canary-amz";
        headers["X-Forwarded-Authorization"] = "Bearer canary-forwarded";
        Front client = await world.ConnectAsync(revision, headers: headers);
        await client.ToolsAsync();
        foreach (string name in IdentityWorld.Names)
        {
            RpcAnswer answer = await client.CallToolAsync($"{name}_echo", """{"input":"x"}""");
            outputs.Told(name, answer.ToString());
            if (IdentityWorld.Lacking.Contains(name))
                answer.Text().ShouldContain("needs", customMessage: name);
            else
                answer.Text().ShouldBe("x", name);
            outputs.Told(name, (await client.CallAsync("resources/read", $$"""{"uri":"mem://{{name}}"}""")).ToString());
            outputs.Told(name, (await client.CallAsync("prompts/get", $$"""{"name":"{{name}}_p"}""")).ToString());
        }

        identity.Exchanges.ShouldNotBeEmpty("the token did go where it may be exchanged");
        identity.Sts.Requests.ShouldNotBeEmpty();
        world["header"].RequestsFor("tools/call").ShouldAllBe(r => r.Header("X-Key") == IdentityWorld.HeaderValue && r.Header("X-Env-Id") == "env-1");
        world["exchange"].RequestsFor("tools/call").ShouldAllBe(r => identity.Provider.Accepts(r.Header("Authorization"), IdentityWorld.Audience));
        world["xaa"].RequestsFor("tools/call").ShouldAllBe(r => identity.Target.Accepts(r.Header("Authorization"), "https://xaa.test/mcp"));
        identity.Target.Requests.ShouldAllBe(r => r.Form.Values.Concat(r.Headers.Values).All(v => !v.Contains(token, StringComparison.Ordinal)));
        string[] forbidden = [.. IdentityWorld.PartsOf(token), "canary-cookie", "canary-proxy", "canary-amz", "canary-forwarded"];
        foreach (string request in identity.SeenByBackends())
            forbidden.ShouldAllBe(f => !request.Contains(f, StringComparison.OrdinalIgnoreCase), request);
        identity.Provider.Requests.ShouldAllBe(r => !r.Path.Contains(token, StringComparison.Ordinal) && r.Headers.Values.All(v => !v.Contains(token, StringComparison.Ordinal)));
        Dictionary<string, string> secrets = IdentityWorld.PartsOf(token).Select((p, i) => (p, i)).ToDictionary(p => $"token part {p.i}", p => p.p);
        (await outputs.FindAsync(world, secrets)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_endpoint_that_gives_the_callers_token_back_is_refused()
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync(more: (w, i) => w.Strategies["exchange"] = i.Exchange with { Audience = null });
        string token = identity.Token("ada");
        using IDisposable echo = identity.Provider.Override(AuthKind.Token, r => r.Grant != TestAuthorizationServer.TokenExchange ? null : new AuthAnswer(
            200, $$"""{"access_token":"{{r.Field("subject_token")}}","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","expires_in":60}"""));
        Front client = await identity.World.ConnectAsync(Eras.Modern, headers: IdentityWorld.As(token));
        RpcAnswer answer = await client.CallToolAsync("exchange_echo", """{"input":"x"}""");
        identity.SeenByBackends().ShouldAllBe(r => !r.Contains(token, StringComparison.Ordinal));
        answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        answer.RawText.ShouldNotContain(token);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_redirect_of_a_backend_takes_no_credential_elsewhere(string revision)
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync();
        TestWorld world = identity.World;
        await using ScriptedBackend thief = await ScriptedBackend.StartAsync();
        Front client = await world.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token("ada")));
        foreach (string name in (string[])["header", "exchange", "xaa", "aws"])
        {
            (await client.EchoAsync($"{name}_echo", "1")).ShouldBe("1");
            world[name].Behaviour = Behaviour.RedirectTo(thief.Url.AbsoluteUri).For("tools/call");
            (await client.CallToolAsync($"{name}_echo", """{"input":"2"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue(name);
        }

        thief.Requests.ShouldBeEmpty();
    }
}
