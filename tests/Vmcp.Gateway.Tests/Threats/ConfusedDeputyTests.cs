using System.Text.Json.Nodes;

using Vmcp.Auth.Incoming;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>The gateway used by somebody to act with rights that are not theirs, or made to act at a place nobody meant.</summary>
[Trait("Threat", "8.2 Confused deputy")]
public sealed class ConfusedDeputyTests
{
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    [Theory]
    [InlineData("another audience", "other-backend", "Bearer", AccessToken)]
    [InlineData("no audience", null, "Bearer", AccessToken)]
    [InlineData("the audience of the gateway", TestAuthorizationServer.DefaultAudience, "Bearer", AccessToken)]
    [InlineData("an audience that begins like ours", IdentityWorld.Audience + ".evil.example", "Bearer", AccessToken)]
    [InlineData("another case", "BACKEND-EXCHANGE", "Bearer", AccessToken)]
    [InlineData("no bearer", IdentityWorld.Audience, "N_A", AccessToken)]
    [InlineData("a proof-of-possession token", IdentityWorld.Audience, "DPoP", AccessToken)]
    [InlineData("an ID token", IdentityWorld.Audience, "Bearer", "urn:ietf:params:oauth:token-type:id_token")]
    [InlineData("a refresh token", IdentityWorld.Audience, "Bearer", "urn:ietf:params:oauth:token-type:refresh_token")]
    public async Task A_token_issued_for_something_else_is_not_used(string what, string? audience, string type, string issued)
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync();
        string minted = identity.Provider.Token("ada", audience);
        using IDisposable hostile = identity.Provider.Override(AuthKind.Token, r => r.Grant != TestAuthorizationServer.TokenExchange ? null : Answer(minted, type, issued));
        await RefusedAsync(identity, minted, what);
    }

    [Theory]
    [InlineData("another audience", "https://other.test", "https://xaa.test/mcp", "N_A", "id-jag")]
    [InlineData("no audience", null, "https://xaa.test/mcp", "N_A", "id-jag")]
    [InlineData("two audiences", "*", "https://xaa.test/mcp", "N_A", "id-jag")]
    [InlineData("another resource", "", "https://other.test/mcp", "N_A", "id-jag")]
    [InlineData("an access token", "", "https://xaa.test/mcp", "Bearer", "access_token")]
    public async Task An_identity_assertion_for_something_else_does_not_leave_the_gateway(string what, string? audience, string resource, string type, string issued)
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync();
        string ours = identity.Target.Issuer.OriginalString;
        string minted = identity.Provider.Token("ada", audience is "" or "*" ? ours : audience, claims: c =>
        {
            c["resource"] = resource;
            if (audience == "*")
                c["aud"] = new JsonArray(ours, "https://other.test");
        });
        using IDisposable hostile = identity.Provider.Override(AuthKind.Token, r =>
            r.Field("requested_token_type")?.EndsWith("id-jag", StringComparison.Ordinal) == true ? Answer(minted, type, "urn:ietf:params:oauth:token-type:" + issued) : null);
        await RefusedAsync(identity, minted, what, "xaa");
        identity.Target.Requests.ShouldAllBe(r => !r.Form.Values.Contains(minted));
    }

    [Fact]
    public async Task A_token_for_another_resource_is_not_used()
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync(more: (w, i) =>
            w.Strategies["exchange"] = i.Exchange with { Audience = null, Resource = "https://backend.test/mcp" });
        string minted = identity.Provider.Token("ada", "https://other.test/mcp");
        using IDisposable hostile = identity.Provider.Override(
            AuthKind.Token, r => r.Grant != TestAuthorizationServer.TokenExchange ? null : Answer(minted, "Bearer", AccessToken));
        await RefusedAsync(identity, minted, "another resource");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_caller_without_a_token_borrows_nobodys(string revision)
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync(anonymous: true);
        // A header of the client is no proof where nobody is asked for one.
        Front client = await identity.World.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token("ada")));
        foreach (string name in (string[])["exchange", "xaa", "aws", "upstream", "obo"])
        {
            RpcAnswer answer = await client.CallToolAsync($"{name}_echo", """{"input":"x"}""");
            (answer.Error is not null || answer.Success().GetProperty("isError").GetBoolean()).ShouldBeTrue($"{name} {answer}");
            identity.World[name].RequestsFor("tools/call").ShouldBeEmpty(name);
        }

        (await client.EchoAsync("plain_echo", "x")).ShouldBe("x");
        identity.Exchanges.ShouldBeEmpty();
        identity.Target.RequestsFor(TestAuthorizationServer.JwtBearer).ShouldBeEmpty();
        identity.Sts.Requests.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Each_call_is_made_as_its_own_caller_and_probes_as_nobody(string revision, string back)
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync(back);
        TestWorld world = identity.World;
        string[] users = ["ada", "eve", "bob", "mia"];
        Front[] clients = await Task.WhenAll(users.Select(u => world.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token(u)))));
        // The first lists of a user have a budget of time, which a busy machine may need twice.
        foreach (string tool in (string[])["aws_echo", "exchange_echo"])
            await Task.WhenAll(clients.Select((c, i) => Eventually.BecomesAsync(async () => await c.EchoAsync(tool, users[i] + "-warm") == users[i] + "-warm", tool)));
        int before = world["exchange"].RequestsFor("tools/call").Count;
        await Task.WhenAll(Enumerable.Range(0, 80).Select(async i =>
            (await clients[i % 4].EchoAsync(i % 3 == 0 ? "aws_echo" : "exchange_echo", $"{users[i % 4]}-{i}")).ShouldBe($"{users[i % 4]}-{i}")));
        RecordedRequest[] calls = [.. world["exchange"].RequestsFor("tools/call")];
        (calls.Length - before).ShouldBe(53);
        foreach (RecordedRequest call in calls)
        {
            string word = call.Params.GetProperty("arguments").GetProperty("input").GetString()!;
            SubjectOf(identity, call).ShouldBe(word.Split('-')[0]);
        }

        // Each user has keys of their own: the session tokens of two users never meet.
        foreach (IGrouping<string, RecordedRequest> keys in world["aws"].RequestsFor("tools/call").GroupBy(r => r.Header("X-Amz-Security-Token")!))
            keys.Select(r => r.Params.GetProperty("arguments").GetProperty("input").GetString()!.Split('-')[0]).Distinct().ShouldHaveSingleItem();

        int seen = world["exchange"].Requests.Count;
        await Eventually.BecomesAsync(() => world["exchange"].Requests.Skip(seen).Any(r => r.Method is "tools/list" or "server/discover" or "ping"), "a probe");
        foreach (RecordedRequest probe in world["exchange"].Requests.Skip(seen))
            users.ShouldNotContain(SubjectOf(identity, probe));
        world["aws"].Requests.ShouldAllBe(r => r.Method == "tools/call" || r.Header("Authorization") == null || r.Header("X-Amz-Security-Token") != null);
    }

    [Fact]
    public async Task The_same_subject_at_another_provider_is_somebody_else()
    {
        await using TestAuthorizationServer other = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);
        await using IdentityWorld identity = await IdentityWorld.StartAsync(more: (w, i) => w.Incoming = new TwoDoors(i.NewDoor(), i.NewDoor(o => o with { Issuer = other.Issuer.OriginalString })));
        Front here = await identity.World.ConnectAsync(Eras.Latest, headers: IdentityWorld.As(identity.Token("ada")));
        string foreign = other.Token("ada");
        Front there = await identity.World.ConnectAsync(Eras.Latest, headers: IdentityWorld.As(foreign));
        (await here.EchoAsync("exchange_echo", "here")).ShouldBe("here");
        // The provider does not know the other one's tokens; the kept token of the namesake must not help.
        (await there.CallToolAsync("exchange_echo", """{"input":"there"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        identity.Exchanges.ShouldContain(e => e.Field("subject_token") == foreign);
        identity.World["exchange"].RequestsFor("tools/call").ShouldAllBe(r => r.BodyText.Contains("here", StringComparison.Ordinal) && !r.BodyText.Contains("there", StringComparison.Ordinal));
        LegacyClient thief = identity.World.Keep(LegacyClient.Unconnected(identity.World.Url, IdentityWorld.As(foreign)));
        (thief.SessionId, thief.ProtocolVersion) = (here.Legacy!.SessionId, here.Legacy.ProtocolVersion);
        (await thief.CallAsync("ping")).HttpStatus.ShouldBe(404);
    }

    [Theory]
    [InlineData("{type: upstream_inject}")]
    [InlineData("{type: upstream_inject, upstreamInject: {}}")]
    [InlineData("{type: upstream_inject, upstreamInject: {providerName: ''}}")]
    [InlineData("{type: token_exchange, tokenExchange: {audience: a}}")]
    [InlineData("{type: token_exchange}")]
    [InlineData("{type: xaa, xaa: {idpTokenUrl: 'https://idp.test/token', targetTokenUrl: 'https://as.test/token'}}")]
    public void A_strategy_that_does_not_say_whose_or_for_whom_is_refused_when_the_file_is_read(string strategy) =>
        TestWorld.Problems(w => w
            .Elsewhere("alpha", new Uri("http://127.0.0.1:9/mcp"))
            .Block($"outgoingAuth: {{source: inline, backends: {{alpha: {strategy}}}}}")).ShouldContain(p => p.Severity == Vmcp.Config.Reading.Severity.Error);

    private static async Task RefusedAsync(IdentityWorld identity, string minted, string what, string backend = "exchange")
    {
        foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
        {
            Front client = await identity.World.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token("ada")));
            RpcAnswer answer = await client.CallToolAsync($"{backend}_echo", """{"input":"x"}""");
            answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue(what);
            answer.RawText.ShouldNotContain(minted);
            answer.RawText.ShouldContain(backend, customMessage: "the backend is named");
        }

        identity.Exchanges.ShouldNotBeEmpty();
        identity.World[backend].RequestsFor("tools/call").ShouldBeEmpty(what);
        identity.SeenByBackends().ShouldAllBe(r => !r.Contains(minted, StringComparison.Ordinal));
    }

    private static AuthAnswer Answer(string token, string type, string issued) => new(200, new JsonObject
    {
        ["access_token"] = token,
        ["token_type"] = type,
        ["issued_token_type"] = issued,
        ["expires_in"] = 60,
    }.ToJsonString());

    private static string SubjectOf(IdentityWorld identity, RecordedRequest request) =>
        request.Header("Authorization") is { } header && identity.Provider.ClaimsOf(header["Bearer ".Length..]) is { } claims ? (string)claims["sub"]! : "";

    /// <summary>Two providers, one after the other.</summary>
    private sealed class TwoDoors(OidcAuth first, OidcAuth second) : IIncomingAuth, IAsyncDisposable
    {
        public ProtectedResource? Resource => first.Resource;

        public async ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken) =>
            await first.AdmitAsync(authorization, cancellationToken) is Admission.Admitted admitted ? admitted : await second.AdmitAsync(authorization, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await first.DisposeAsync();
            await second.DisposeAsync();
        }
    }
}
