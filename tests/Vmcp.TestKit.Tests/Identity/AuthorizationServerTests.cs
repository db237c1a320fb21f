using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit.Tests.Identity;

public sealed class AuthorizationServerTests : IDisposable
{
    private const string TokenType = "urn:ietf:params:oauth:token-type:";

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("/realm", "/realm/.well-known/openid-configuration")]
    [InlineData("/realm", "/.well-known/oauth-authorization-server/realm")]
    [InlineData("", "/.well-known/openid-configuration")]
    public async Task Metadata_is_where_the_issuer_says(string path, string document)
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync(o => o.Path = path);

        using JsonDocument metadata = JsonDocument.Parse(await _http.GetStringAsync(new Uri(server.Issuer, document)));

        metadata.RootElement.GetProperty("issuer").GetString().ShouldBe(server.Issuer.OriginalString);
        string keys = await _http.GetStringAsync(metadata.RootElement.GetProperty("jwks_uri").GetString());
        JsonNode.Parse(keys)!["keys"]!.AsArray().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Keys_can_be_replaced_while_it_runs()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();
        string old = server.Token("ada");

        server.RotateKeys(keepOld: true);
        (await KeyIdsAsync(server)).Length.ShouldBe(6);
        server.ClaimsOf(old).ShouldNotBeNull();
        server.RotateKeys();

        (await KeyIdsAsync(server)).ShouldBe(["RS256-3", "PS256-3", "ES256-3"], ignoreOrder: true);
        server.ClaimsOf(old).ShouldBeNull();
        server.ClaimsOf(server.Token("ada")).ShouldNotBeNull();
    }

    [Fact]
    public async Task Introspection_tells_a_live_token_from_a_revoked_one_and_only_to_a_client()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();
        string opaque = server.OpaqueToken("ada", scopes: "read", claims: c => c["groups"] = new JsonArray("staff"));

        JsonNode live = await PostAsync(server.IntrospectionUrl, 200, ("token", opaque));
        server.Revoke(opaque);
        JsonNode revoked = await PostAsync(server.IntrospectionUrl, 200, ("token", opaque));
        await PostAsync(server.IntrospectionUrl, 401, "gateway", "wrong", ("token", opaque));

        ((bool)live["active"]!).ShouldBeTrue();
        ((string?)live["sub"]).ShouldBe("ada");
        ((string?)live["groups"]![0]).ShouldBe("staff");
        revoked.ToJsonString().ShouldBe("""{"active":false}""");
    }

    [Fact]
    public async Task An_exchanged_token_names_subject_audience_and_actor()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();

        JsonNode answer = await ExchangeAsync(server, 200, server.Token("ada"), ("audience", "jira"), ("scope", "read write"));

        JsonObject claims = server.ClaimsOf((string)answer["access_token"]!)!;
        ((string?)claims["sub"]).ShouldBe("ada");
        ((string?)claims["aud"]).ShouldBe("jira");
        ((string?)claims["scope"]).ShouldBe("read write");
        ((string?)claims["act"]!["sub"]).ShouldBe("gateway");
        ((string?)answer["issued_token_type"]).ShouldBe(TokenType + "access_token");
        ((int)answer["expires_in"]!).ShouldBe(3600);
        AuthRequest seen = server.RequestsFor(TestAuthorizationServer.TokenExchange).ShouldHaveSingleItem();
        (seen.ClientAuth, seen.ClientId, seen.Field("audience")).ShouldBe((ClientAuth.Basic, "gateway", "jira"));
    }

    [Theory]
    [InlineData(TokenTweak.WrongIssuer)]
    [InlineData(TokenTweak.Expired)]
    [InlineData(TokenTweak.UnknownKeyId)]
    [InlineData(TokenTweak.ForeignKey)]
    [InlineData(TokenTweak.AlgNone)]
    [InlineData(TokenTweak.HmacWithPublicKey)]
    [InlineData(TokenTweak.BadSignature)]
    [InlineData(TokenTweak.NoSubject)]
    public async Task A_bad_subject_token_is_not_exchanged(TokenTweak tweak)
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();

        JsonNode answer = await ExchangeAsync(server, 400, server.Token("ada", tweak: tweak), ("audience", "jira"));

        ((string?)answer["error"]).ShouldBe("invalid_request");
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task Each_algorithm_signs_tokens_that_verify(string algorithm)
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();

        server.ClaimsOf(server.Token("ada", alg: algorithm)).ShouldNotBeNull();
        server.ClaimsOf(server.Token("ada", alg: algorithm, tweak: TokenTweak.NoKeyId)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Clients_sign_in_by_basic_by_form_or_as_public_ones()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync(o => o.Clients["a:b c"] = "s%+:x");
        string token = server.Token("ada");
        (string, string)[] form = [("grant_type", TestAuthorizationServer.TokenExchange), ("subject_token", token), ("subject_token_type", TokenType + "access_token")];

        await PostAsync(server.TokenUrl, 200, "a:b c", "s%+:x", form);
        await PostAsync(server.TokenUrl, 200, null, null, [.. form, ("client_id", "gateway"), ("client_secret", server.Options.Clients["gateway"]!)]);
        await PostAsync(server.TokenUrl, 200, null, null, [.. form, ("client_id", "public")]);
        await PostAsync(server.TokenUrl, 401, null, null, [.. form, ("client_id", "gateway")]);
        await PostAsync(server.TokenUrl, 401, null, null, form);

        server.Requests.Select(r => r.ClientAuth).ShouldBe([ClientAuth.Basic, ClientAuth.Post, ClientAuth.None, ClientAuth.None, ClientAuth.None]);
    }

    [Fact]
    public async Task An_assertion_of_the_identity_provider_buys_a_token_at_the_target_it_names()
    {
        await using TestAuthorizationServer provider = await TestAuthorizationServer.StartAsync();
        await using TestAuthorizationServer target = await TestAuthorizationServer.StartAsync();
        await using TestAuthorizationServer other = await TestAuthorizationServer.StartAsync();
        target.Trust(provider);
        other.Trust(provider);

        JsonNode jag = await PostAsync(
            provider.TokenUrl,
            200,
            ("grant_type", TestAuthorizationServer.TokenExchange),
            ("subject_token", provider.Token("ada", tweak: TokenTweak.IdToken)),
            ("subject_token_type", TokenType + "id_token"),
            ("requested_token_type", TokenType + "id-jag"),
            ("audience", target.Issuer.OriginalString),
            ("resource", "https://api.example.com"));
        (string, string)[] redeem = [("grant_type", TestAuthorizationServer.JwtBearer), ("assertion", (string)jag["access_token"]!)];
        JsonNode answer = await PostAsync(target.TokenUrl, 200, redeem);
        JsonNode refused = await PostAsync(other.TokenUrl, 400, redeem);

        ((string?)jag["token_type"]).ShouldBe("N_A");
        ((string?)jag["issued_token_type"]).ShouldBe(TokenType + "id-jag");
        JsonObject claims = target.ClaimsOf((string)answer["access_token"]!)!;
        ((string?)claims["sub"], (string?)claims["aud"]).ShouldBe(("ada", "https://api.example.com"));
        ((string?)refused["error"]).ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task Failures_come_as_ordered_and_as_often()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();
        string token = server.Token("ada");

        server.Fail(503, times: 2);
        await ExchangeAsync(server, 503, token);
        await ExchangeAsync(server, 503, token);
        await ExchangeAsync(server, 200, token);
        using (server.Override(AuthKind.Token, AuthAnswer.Error("invalid_grant")))
            await ExchangeAsync(server, 400, token);
        await ExchangeAsync(server, 200, token);
        server.Fail(AuthAnswer.Cut);

        await Should.ThrowAsync<HttpRequestException>(() => ExchangeAsync(server, 200, token));
        server.Count(TestAuthorizationServer.TokenExchange).ShouldBe(6);
    }

    [Fact]
    public async Task Held_requests_wait_and_are_counted()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();
        string token = server.Token("ada");
        Task<JsonNode>[] all;

        using (server.Hold())
        {
            all = [.. Enumerable.Range(0, 3).Select(_ => ExchangeAsync(server, 200, token))];
            await Eventually.BecomesAsync(() => server.InFlight == 3, "three requests are held");
            all.ShouldAllBe(t => !t.IsCompleted);
        }

        await Task.WhenAll(all);
        server.MaxInFlight.ShouldBe(3);
        await Eventually.BecomesAsync(() => server.InFlight == 0, "none is left");
    }

    [Fact]
    public async Task A_stopped_server_refuses_and_comes_back_with_its_keys()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();
        string token = server.Token("ada");
        Uri issuer = server.Issuer;

        await server.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(() => _http.GetStringAsync(server.JwksUrl));
        await server.RestartAsync();

        server.Issuer.ShouldBe(issuer);
        await ExchangeAsync(server, 200, token);
    }

    [Fact]
    public async Task A_backend_can_demand_a_token_of_the_server_for_its_audience()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = server.Demand("jira");

        (await AskAsync(backend, null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(backend, server.Token("ada", "vmcp"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(backend, server.Token("ada", "jira", tweak: TokenTweak.Expired))).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(backend, server.Token("ada", "jira"))).ShouldNotBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Over_TLS_only_those_who_trust_its_certificate_get_an_answer()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync(o => o.Https = true);
        using var trusted = X509Certificate2.CreateFromPem(server.CertificatePem);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(trusted);
        using var trusting = new HttpClient(handler);

        server.Issuer.Scheme.ShouldBe("https");
        (await trusting.GetStringAsync(server.JwksUrl)).ShouldContain("RS256-1");
        await Should.ThrowAsync<HttpRequestException>(() => _http.GetStringAsync(server.JwksUrl));
    }

    [Fact]
    public async Task A_header_tells_whose_token_it_carries()
    {
        await using TestAuthorizationServer server = await TestAuthorizationServer.StartAsync();

        server.SubjectIn($"Bearer {server.Token("ada")}").ShouldBe("ada");
        server.SubjectIn($"Bearer {server.OpaqueToken("bob")}").ShouldBe("bob");
        server.SubjectIn($"Bearer {server.Token("ada", tweak: TokenTweak.BadSignature)}").ShouldBeNull();
        server.SubjectIn(null).ShouldBeNull();
    }

    private async Task<HttpStatusCode> AskAsync(ScriptedBackend backend, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, backend.Url) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<string[]> KeyIdsAsync(TestAuthorizationServer server) =>
        [.. JsonNode.Parse(await _http.GetStringAsync(server.JwksUrl))!["keys"]!.AsArray().Select(k => (string)k!["kid"]!)];

    private Task<JsonNode> ExchangeAsync(TestAuthorizationServer server, int status, string token, params (string, string)[] more) => PostAsync(
        server.TokenUrl,
        status,
        [("grant_type", TestAuthorizationServer.TokenExchange), ("subject_token", token), ("subject_token_type", TokenType + "access_token"), .. more]);

    private Task<JsonNode> PostAsync(Uri url, int status, params (string, string)[] form) => PostAsync(url, status, "gateway", "gateway-secret-7f3a", form);

    private async Task<JsonNode> PostAsync(Uri url, int status, string? client, string? secret, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        if (client is not null)
        {
            string both = $"{WebUtility.UrlEncode(client)}:{WebUtility.UrlEncode(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(both)));
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, body);
        return body.Length == 0 ? new JsonObject() : JsonNode.Parse(body)!;
    }
}
