using System.Net;
using System.Text;
using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Incoming;

/// <summary>What a client sees on the wire: RFC 6750, RFC 9728 and MCP 2026-07-28, authorization.</summary>
public sealed class ChallengeTests
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}""";

    [Fact]
    [Trait("Scenario", "IAUTH-01")]
    public async Task Without_a_good_token_nothing_of_mcp_is_served()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();

        (await world.World.ConnectAsync(Eras.Latest, headers: TokenWorld.With(world.Token("alice")))).Legacy!.SessionId.ShouldNotBeNull();
        foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
        {
            Front client = await world.World.ConnectAsync(revision, headers: TokenWorld.With(world.Token("alice")));
            (await client.ToolsAsync()).ShouldBe(["alpha_echo"]);
            (await client.EchoAsync("alpha_echo", "x")).ShouldBe("x");
        }

        foreach (string? token in (string?[])[null, world.Provider.Token("alice", "other"), "rubbish"])
        {
            foreach (HttpMethod verb in (HttpMethod[])[HttpMethod.Post, HttpMethod.Get, HttpMethod.Delete])
            {
                using HttpResponseMessage answer = await SendAsync(world, verb, token is null ? [] : ["Bearer " + token]);
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{verb} with {token ?? "nothing"}");
            }
        }

        foreach (string path in (string[])["/health", "/readyz", "/status", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
        {
            using HttpResponseMessage open = await world.World.GetAsync(path);
            open.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task The_challenge_says_where_to_get_a_token_and_an_error_only_when_there_was_one()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();

        using HttpResponseMessage none = await SendAsync(world, HttpMethod.Post, []);
        Challenge(none).ShouldBe($"Bearer resource_metadata=\"{TokenWorld.Metadata}\", scope=\"openid mcp\"");

        using HttpResponseMessage wrong = await SendAsync(world, HttpMethod.Post, ["Bearer " + world.Provider.Token("alice", tweak: TokenTweak.Expired)]);
        Challenge(wrong).ShouldBe(
            $"Bearer resource_metadata=\"{TokenWorld.Metadata}\", scope=\"openid mcp\", error=\"invalid_token\", error_description=\"The token has expired.\"");
        (await wrong.Content.ReadAsStringAsync()).ShouldBe("""{"error":"invalid_token","error_description":"The token has expired."}""");
        wrong.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Fact]
    public async Task A_request_with_two_tokens_is_a_bad_request()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();
        string field = "Bearer " + world.Token("alice");

        using HttpResponseMessage answer = await SendAsync(world, HttpMethod.Post, [field + ", " + field]);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Challenge(answer).ShouldContain("error=\"invalid_request\"");
    }

    [Fact]
    public async Task A_token_in_the_url_is_no_token()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();

        using HttpResponseMessage answer = await SendAsync(world, HttpMethod.Post, [], "?access_token=" + world.Token("alice"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_missing_scope_is_403_and_says_which()
    {
        await using TokenWorld world = await TokenWorld.StartAsync(o => o with { RequiredScopes = ["mcp", "call"] });

        using HttpResponseMessage answer = await SendAsync(world, HttpMethod.Post, ["Bearer " + world.Token("alice", "mcp")]);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        Challenge(answer).ShouldBe(
            $"Bearer resource_metadata=\"{TokenWorld.Metadata}\", scope=\"mcp call\", error=\"insufficient_scope\", error_description=\"The token lacks a scope that is needed.\"");
        (await world.World.ConnectAsync(Eras.Latest, headers: TokenWorld.With(world.Token("alice", "call mcp")))).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_provider_that_is_away_is_503_with_a_time_and_no_challenge()
    {
        await using TokenWorld world = await TokenWorld.StartAsync(before: provider => provider.Override(AuthKind.Discovery, new AuthAnswer(500)));

        using HttpResponseMessage answer = await SendAsync(world, HttpMethod.Post, ["Bearer " + world.Token("alice")]);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        answer.Headers.WwwAuthenticate.ShouldBeEmpty();
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("127.0.0.1");
        JsonElement shown = (await world.World.StatusAsync()).GetProperty("incoming_auth");
        shown.GetProperty("keys").GetString().ShouldBe("none");
        shown.GetProperty("trouble").GetString().ShouldBe("incomingAuth.oidc.issuer: the provider answered discovery with 500.");
    }

    [Fact]
    public async Task The_status_shows_the_kind_of_proof_and_that_keys_are_there()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();
        await world.World.ConnectAsync(Eras.Latest, headers: TokenWorld.With(world.Token("alice")));

        JsonElement shown = (await world.World.StatusAsync()).GetProperty("incoming_auth");

        shown.GetProperty("type").GetString().ShouldBe("oidc");
        shown.GetProperty("keys").GetString().ShouldBe("current");
        shown.TryGetProperty("trouble", out _).ShouldBeFalse();
        await using TestWorld open = await TestWorld.StartAsync();
        (await open.StatusAsync()).GetProperty("incoming_auth").GetRawText().ShouldBe("""{"type":"anonymous"}""");
    }

    [Theory]
    [InlineData("/.well-known/oauth-protected-resource")]
    [InlineData("/.well-known/oauth-protected-resource/mcp")]
    public async Task The_metadata_come_from_the_configuration_whatever_the_request_says(string path)
    {
        await using TokenWorld world = await TokenWorld.StartAsync(o => o with { RequiredScopes = ["mcp", "call"] });
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.World.Gateway.BaseUrl, path));
        request.Headers.Host = "evil.example";
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("Origin", "https://anywhere.example");

        using HttpResponseMessage answer = await world.World.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        document.RootElement.GetProperty("resource").GetString().ShouldBe(TokenWorld.Resource);
        document.RootElement.GetProperty("authorization_servers").EnumerateArray().Select(s => s.GetString()).ShouldBe([world.Provider.Issuer.OriginalString]);
        document.RootElement.GetProperty("bearer_methods_supported").EnumerateArray().Select(s => s.GetString()).ShouldBe(["header"]);
        document.RootElement.GetProperty("scopes_supported").EnumerateArray().Select(s => s.GetString()).ShouldBe(["openid", "mcp", "call"]);
    }

    [Theory]
    [InlineData("https://werkzeug.bücher.example/mcp")]
    [InlineData("https://gateway.test/m%20c/ü%2Fx")]
    [InlineData("https://gateway.test/a/mcp/?tenant=1")]
    [InlineData("https://gateway.test/")]
    [InlineData("https://[2001:db8::1]:8443/mcp")]
    public async Task Whatever_the_resource_is_called_a_client_finds_its_metadata_where_the_challenge_says(string resource)
    {
        await using TokenWorld world = await TokenWorld.StartAsync(o => o with { Resource = new Uri(resource) });

        using HttpResponseMessage none = await SendAsync(world, HttpMethod.Post, []);

        none.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        Uri told = new(Challenge(none).Split('"')[1]);
        using HttpResponseMessage found = await world.World.GetAsync(told.PathAndQuery);
        found.StatusCode.ShouldBe(HttpStatusCode.OK, told.OriginalString);
        using JsonDocument document = JsonDocument.Parse(await found.Content.ReadAsStringAsync());
        document.RootElement.GetProperty("resource").GetString().ShouldBe(resource);
    }

    [Theory]
    [InlineData("/.well-known/oauth-protected-resourceX")]
    [InlineData("/.well-known/oauth-protected-resource/other")]
    [InlineData("/.well-known/oauth-authorization-server")]
    public async Task No_other_well_known_path_is_served(string path)
    {
        await using TokenWorld world = await TokenWorld.StartAsync();

        using HttpResponseMessage answer = await world.World.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static string Challenge(HttpResponseMessage answer) => answer.Headers.GetValues("WWW-Authenticate").ShouldHaveSingleItem();

    private static Task<HttpResponseMessage> SendAsync(TokenWorld world, HttpMethod verb, string[] authorization, string query = "")
    {
        HttpRequestMessage request = new(verb, new Uri(world.World.Url + query));
        request.Headers.Add("Accept", "application/json, text/event-stream");
        if (verb == HttpMethod.Post)
            request.Content = new StringContent(Initialize, Encoding.UTF8, "application/json");
        foreach (string field in authorization)
            request.Headers.TryAddWithoutValidation("Authorization", field).ShouldBeTrue();
        return world.World.SendAsync(request);
    }
}
