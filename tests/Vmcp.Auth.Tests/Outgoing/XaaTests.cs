using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

/// <summary>Identity provider, then target (draft-ietf-oauth-identity-assertion-authz-grant).</summary>
public sealed class XaaTests : IAsyncLifetime
{
    private const string Resource = "https://target.test/mcp";
    private const string IdJag = "urn:ietf:params:oauth:token-type:id-jag";
    private SignBench _bench = null!;
    private TestAuthorizationServer _target = null!;

    private XaaStrategy Strategy => new()
    {
        IdpTokenUrl = _bench.Idp.TokenUrl,
        IdpClient = new ClientCredential("gateway", new Secret(SignBench.ClientSecret)),
        TargetTokenUrl = _target.TokenUrl,
        TargetClient = new ClientCredential("at-target", new Secret("target-secret")),
        TargetAudience = _target.Issuer.OriginalString,
        TargetResource = Resource,
        Scope = "read write",
    };

    [Fact]
    public async Task The_callers_token_becomes_an_assertion_and_that_an_access_token_of_the_target()
    {
        (_, string? sent) = await _bench.SignAsync(Strategy, _bench.Ada);
        (await _bench.SignAsync(Strategy, _bench.Ada)).Authorization.ShouldBe(sent);

        _target.Accepts(sent, Resource).ShouldBeTrue();
        AuthRequest first = _bench.Idp.RequestsOf(AuthKind.Token).ShouldHaveSingleItem();
        (first.Field("requested_token_type"), first.Field("subject_token_type")).ShouldBe((IdJag, "urn:ietf:params:oauth:token-type:id_token"));
        (first.Field("audience"), first.Field("resource"), first.Field("scope")).ShouldBe((_target.Issuer.OriginalString, Resource, "read write"));
        AuthRequest second = _target.RequestsOf(AuthKind.Token).ShouldHaveSingleItem();
        (second.Grant, second.Field("scope"), second.ClientAuth).ShouldBe((TestAuthorizationServer.JwtBearer, "read write", ClientAuth.Basic));
        second.Form.Values.ShouldNotContain(_bench.Ada.Token!.Value.Reveal(), "the target never sees the caller's token");
    }

    [Theory]
    [Trait("Threat", "8.2 Confused deputy")]
    [InlineData("aud", "is not for the configured targetAudience alone")]
    [InlineData("two auds", "is not for the configured targetAudience alone")]
    [InlineData("resource", "is not for the configured targetResource")]
    [InlineData("no resource", "is not for the configured targetResource")]
    [InlineData("opaque", "that is no JWT")]
    [InlineData("token_type", "with a token_type that is not N_A")]
    [InlineData("issued_token_type", "something else than an identity assertion")]
    public async Task An_assertion_for_anybody_else_never_leaves_the_gateway(string wrong, string why)
    {
        string audience = _target.Issuer.OriginalString;
        string assertion = wrong == "opaque" ? "opaque" : _bench.Idp.Token("ada", audience, claims: claims =>
        {
            claims["resource"] = Resource;
            if (wrong == "aud")
                claims["aud"] = "https://other.test";
            if (wrong == "two auds")
                claims["aud"] = new System.Text.Json.Nodes.JsonArray(audience, "https://other.test");
            if (wrong == "resource")
                claims["resource"] = "https://other.test/mcp";
            if (wrong == "no resource")
                claims.Remove("resource");
        });
        string issued = wrong == "issued_token_type" ? "urn:ietf:params:oauth:token-type:access_token" : IdJag;
        string type = wrong == "token_type" ? "Bearer" : "N_A";
        using IDisposable given = _bench.Idp.Override(
            AuthKind.Token, new AuthAnswer(200, $$"""{"access_token":"{{assertion}}","token_type":"{{type}}","issued_token_type":"{{issued}}"}"""));

        (await _bench.RefusedAsync(Strategy)).Reason.ShouldContain(why);

        _target.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_audience_in_a_list_of_one_and_a_resource_in_a_list_count()
    {
        string audience = _target.Issuer.OriginalString;
        string assertion = _bench.Idp.Token("ada", audience, claims: claims =>
        {
            claims["aud"] = new System.Text.Json.Nodes.JsonArray(audience);
            claims["resource"] = new System.Text.Json.Nodes.JsonArray("https://more.test", Resource);
        });
        using IDisposable given = _bench.Idp.Override(
            AuthKind.Token, new AuthAnswer(200, $$"""{"access_token":"{{assertion}}","token_type":"n_a","issued_token_type":"{{IdJag}}"}"""));
        using IDisposable target = _target.Override(AuthKind.Token, new AuthAnswer(200, """{"access_token":"granted","token_type":"Bearer"}"""));

        (await _bench.SignAsync(Strategy, _bench.Ada)).Authorization.ShouldBe("Bearer granted");
    }

    [Fact]
    public async Task Trouble_says_at_which_of_the_two_it_happened()
    {
        using (_bench.Idp.Override(AuthKind.Token, AuthAnswer.Error("invalid_client", status: 401)))
        {
            (await _bench.RefusedAsync(Strategy)).Reason.ShouldBe(
                "cannot be called: its identity provider's token endpoint does not accept the gateway's client id and secret (invalid_client)");
        }

        _bench.Time.Advance(TimeSpan.FromSeconds(5));
        using (_target.Override(AuthKind.Token, AuthAnswer.Error("invalid_scope")))
        {
            (await _bench.RefusedAsync(Strategy)).Reason.ShouldBe(
                "cannot be called: its target's token endpoint does not grant the configured scopes (invalid_scope)");
        }
    }

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    public async Task A_probe_signs_in_at_the_target_as_the_gateway_itself()
    {
        (_, string? sent) = await _bench.SignAsync(Strategy, null);

        _target.Accepts(sent, Resource).ShouldBeTrue();
        _target.Count(TestAuthorizationServer.ClientCredentials).ShouldBe(1);
        _bench.Idp.Requests.ShouldBeEmpty();
        (await _bench.SignAsync(Strategy with { TargetClient = null }, null)).ShouldBe((null, null));
    }

    public async ValueTask InitializeAsync()
    {
        _bench = await SignBench.StartAsync();
        _target = await TestAuthorizationServer.StartAsync(o =>
        {
            o.Algorithms = ["ES256"];
            o.Clients["at-target"] = "target-secret";
        });
        _target.Trust(_bench.Idp);
    }

    public async ValueTask DisposeAsync()
    {
        await _target.DisposeAsync();
        await _bench.DisposeAsync();
    }
}
