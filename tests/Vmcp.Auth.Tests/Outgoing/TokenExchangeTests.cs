using System.Text;

using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

/// <summary>What is said to a token endpoint, and what is made of its answers (RFC 8693).</summary>
public sealed class TokenExchangeTests : IAsyncLifetime
{
    private SignBench _bench = null!;

    private TestAuthorizationServer Idp => _bench.Idp;

    [Fact]
    public async Task The_form_is_that_of_the_RFC()
    {
        await _bench.SignAsync(_bench.Exchange with { Resource = "https://jira.test/mcp", Scope = ScopeText.Join(["write", "read"]) }, _bench.Ada);

        AuthRequest request = Idp.RequestsFor(TestAuthorizationServer.TokenExchange).ShouldHaveSingleItem();
        request.Form.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, f.Value)).ShouldBe(
        [
            ("audience", "https://jira.test"),
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("resource", "https://jira.test/mcp"),
            ("scope", "read write"),
            ("subject_token", _bench.Ada.Token!.Value.Reveal()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ]);
        request.Header("Accept").ShouldBe("application/json");
        request.Header("Content-Type").ShouldBe("application/x-www-form-urlencoded");
        (request.ClientId, request.ClientSecret, request.ClientAuth).ShouldBe(("gateway", SignBench.ClientSecret, ClientAuth.Basic));
    }

    [Fact]
    public async Task Id_and_secret_are_form_encoded_before_they_are_joined()
    {
        Idp.Options.Clients["a:b c"] = "p%ss:+ é";

        await _bench.SignAsync(_bench.Exchange with { Client = new ClientCredential("a:b c", new Secret("p%ss:+ é")) }, _bench.Ada);

        string basic = Encoding.UTF8.GetString(Convert.FromBase64String(Idp.Requests[0].Header("Authorization")!["Basic ".Length..]));
        basic.ShouldBe("a%3Ab+c:p%25ss%3A%2B+%C3%A9");
    }

    [Fact]
    public async Task A_public_client_names_itself_in_the_form()
    {
        (await _bench.SignAsync(_bench.Exchange with { Client = new ClientCredential("public", null) }, _bench.Ada)).Authorization.ShouldNotBeNull();

        Idp.Requests[0].Field("client_id").ShouldBe("public");
        Idp.Requests[0].Header("Authorization").ShouldBeNull();
    }

    [Fact]
    public async Task Order_of_scopes_does_not_split_the_cache()
    {
        await _bench.SignAsync(_bench.Exchange with { Scope = ScopeText.Join(["a", "b"]) }, _bench.Ada);
        await _bench.SignAsync(_bench.Exchange with { Scope = ScopeText.Join(["b", "a", "a"]) }, _bench.Ada);

        Idp.Count(AuthKind.Token).ShouldBe(1);
    }

    [Fact]
    [Trait("Threat", "8.2 Confused deputy")]
    public async Task A_token_for_another_audience_than_asked_for_is_refused()
    {
        string other = Idp.Token("ada", "https://wiki.test");
        using IDisposable wrong = Answer($$"""{"access_token":"{{other}}","token_type":"Bearer","issued_token_type":"{{AccessToken}}"}""");

        (await _bench.RefusedAsync(_bench.Exchange)).Reason.ShouldBe(
            "cannot be called: its token endpoint issued a token for another audience than the configured one");
        (await _bench.SignAsync(_bench.Exchange with { Audience = null }, _bench.Ada)).Authorization.ShouldBe($"Bearer {other}", "none was asked for");
    }

    [Theory]
    [InlineData("""{"access_token":"opaque","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","expires_in":60}""")]
    [InlineData("""{"access_token":"opaque","token_type":"bearer","issued_token_type":"urn:ietf:params:oauth:token-type:jwt","expires_in":"60"}""")]
    [InlineData("""{"access_token":"opaque","token_type":"BEARER","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","expires_in":null,"more":[1]}""")]
    [InlineData("""{"access_token":"opaque","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","expires_in":99999999999999}""")]
    [InlineData("""{"access_token":"opaque","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","expires_in":-5}""")]
    public async Task An_answer_that_counts(string body)
    {
        using IDisposable given = Answer(body);

        (await _bench.SignAsync(_bench.Exchange, _bench.Ada)).Authorization.ShouldBe("Bearer opaque");
    }

    [Theory]
    [InlineData("", "sent an answer that is no token")]
    [InlineData("canary", "sent an answer that is no token")]
    [InlineData("[]", "sent an answer that is no token")]
    [InlineData("\"canary\"", "sent an answer that is no token")]
    [InlineData("{}", "sent an answer that is no token")]
    [InlineData("""{"access_token":"canary\ud800","token_type":"Bearer"}""", "sent an answer that is no token")]
    [InlineData("""{"access_token":"canary"}""", "sent an answer that is no token")]
    [InlineData("""{"access_token":"","token_type":"Bearer"}""", "sent an answer that is no token")]
    [InlineData("""{"access_token":"canary\r\nX-Evil: 1","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}""", "sent an answer that is no token")]
    [InlineData("""{"access_token":"canary","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","expires_in":"soon"}""", "sent an answer that is no token")]
    [InlineData("""{"access_token":"canary","token_type":"DPoP","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}""", "issued a token that is not of type Bearer")]
    [InlineData("""{"access_token":"canary","token_type":"Bearer"}""", "does not say what kind of token it issued (issued_token_type)")]
    [InlineData("""{"access_token":"canary","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:refresh_token"}""", "issued another kind of token than an access token")]
    public async Task An_answer_that_does_not_count_is_a_reason_without_its_text(string body, string what)
    {
        using IDisposable given = Answer(body);

        CredentialException refused = await _bench.RefusedAsync(_bench.Exchange);

        refused.Reason.ShouldBe($"cannot be called: its token endpoint {what}");
        refused.ToString().ShouldNotContain("canary");
    }

    [Theory]
    [InlineData(400, "invalid_grant", "does not accept the caller's token; sign in again (invalid_grant)", "upstream_reauth_required")]
    [InlineData(400, "invalid_request", "does not accept the request or the caller's token (invalid_request)", "exchange_failed")]
    [InlineData(401, "invalid_client", "does not accept the gateway's client id and secret (invalid_client)", "exchange_failed")]
    [InlineData(400, "invalid_target", "does not know the configured audience or resource, or does not issue tokens for it (invalid_target)", "exchange_failed")]
    [InlineData(400, "invalid_scope", "does not grant the configured scopes (invalid_scope)", "exchange_failed")]
    [InlineData(400, "interaction_required", "wants the caller to sign in again (interaction_required)", "upstream_reauth_required")]
    [InlineData(400, "canary_code", "refused (HTTP 400)", "exchange_failed")]
    [InlineData(403, "", "refused (HTTP 403)", "exchange_failed")]
    public async Task A_refusal_has_a_fixed_clause_and_only_a_registered_code(int status, string code, string clause, string word)
    {
        using IDisposable given = Idp.Override(AuthKind.Token, AuthAnswer.Error(code, "canary text", status));

        CredentialException refused = await _bench.RefusedAsync(_bench.Exchange);

        refused.Reason.ShouldBe($"cannot be called: its token endpoint {clause}");
        refused.Code.ShouldBe(word);
        refused.Category.ShouldBe(FailureCategory.AuthenticationFailed);
        await _bench.RefusedAsync(_bench.Exchange);
        Idp.Count(AuthKind.Token).ShouldBe(1, "a refusal is remembered");
    }

    [Theory]
    [InlineData(500, "failed (HTTP 500)")]
    [InlineData(429, "asks us to slow down (HTTP 429)")]
    [InlineData(0, "cannot be reached")]
    public async Task An_endpoint_that_is_away_is_asked_again_after_a_second(int status, string clause)
    {
        Idp.Fail(status);

        CredentialException refused = await _bench.RefusedAsync(_bench.Exchange);

        refused.Reason.ShouldBe($"cannot be called: its token endpoint {clause}");
        refused.Category.ShouldBe(FailureCategory.BackendUnavailable);
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        (await _bench.SignAsync(_bench.Exchange, _bench.Ada)).Authorization.ShouldNotBeNull();
    }

    [Fact]
    [Trait("Threat", "8.4 SSRF")]
    public async Task A_redirect_carries_no_token_anywhere()
    {
        await using TestAuthorizationServer thief = await TestAuthorizationServer.StartAsync();
        using IDisposable given = Idp.Override(AuthKind.Token, new AuthAnswer(307) { Headers = [("Location", thief.TokenUrl.AbsoluteUri)] });

        (await _bench.RefusedAsync(_bench.Exchange)).Reason.ShouldContain("redirects (HTTP 307)");

        thief.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_caller_without_a_token_is_told_what_to_configure()
    {
        (await _bench.RefusedAsync(_bench.Exchange, Caller.Anonymous)).Reason.ShouldContain("set incomingAuth.type to oidc");

        Idp.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("upstream")]
    [InlineData("obo")]
    [InlineData("exchange of an upstream's token")]
    [Trait("Scenario", "OAUTH-06")]
    public async Task What_nothing_here_can_apply_refuses_calls_and_lets_probes_go_without(string which)
    {
        Strategy strategy = which switch
        {
            "upstream" => new UpstreamInjectStrategy("okta"),
            "obo" => new OboStrategy(),
            _ => _bench.Exchange with { SubjectProviderName = "okta" },
        };

        (await _bench.RefusedAsync(strategy)).Reason.ShouldStartWith($"cannot be called: its strategy {strategy.Type} needs ");
        (await _bench.SignAsync(strategy, null)).ShouldBe((null, null));
        Idp.Requests.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    public async Task A_probe_signs_in_as_the_gateway_itself_and_keeps_the_token()
    {
        Strategy strategy = _bench.Exchange with { Scope = "read" };

        (_, string? first) = await _bench.SignAsync(strategy, null);
        (_, string? second) = await _bench.SignAsync(strategy, null);

        first.ShouldNotBeNull().ShouldBe(second);
        Idp.Accepts(first, "https://jira.test").ShouldBeTrue();
        AuthRequest request = Idp.RequestsOf(AuthKind.Token).ShouldHaveSingleItem();
        (request.Grant, request.Field("audience"), request.Field("scope")).ShouldBe(("client_credentials", "https://jira.test", "read"));
        (await _bench.SignAsync(strategy, _bench.Ada)).Authorization.ShouldNotBe(first, "a user never gets the gateway's token");
    }

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    public async Task A_probe_goes_without_where_there_is_no_secret_or_no_token()
    {
        (await _bench.SignAsync(_bench.Exchange with { Client = new ClientCredential("public", null) }, null)).ShouldBe((null, null));
        (await _bench.SignAsync(_bench.Exchange with { Client = null }, null)).ShouldBe((null, null));
        Idp.Requests.ShouldBeEmpty();

        using IDisposable refusing = Idp.Override(AuthKind.Token, AuthAnswer.Error("invalid_client", status: 401));
        (await _bench.SignAsync(_bench.Exchange, null)).ShouldBe((null, null));
    }

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    public async Task A_probe_does_not_wait_for_a_silent_token_endpoint()
    {
        using IDisposable held = Idp.Hold();
        Task<(IIssuedCredential?, string?)> probe = _bench.SignAsync(_bench.Exchange, null);
        await Eventually.BecomesAsync(() => Idp.Count(AuthKind.Token) == 1, "asked");

        _bench.Time.Advance(TimeSpan.FromSeconds(1));

        (await probe).ShouldBe((null, null));
    }

    public async ValueTask InitializeAsync() => _bench = await SignBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    private IDisposable Answer(string body) => Idp.Override(AuthKind.Token, new AuthAnswer(200, body));
}
