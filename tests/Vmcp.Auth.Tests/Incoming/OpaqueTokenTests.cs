using System.Text.Json.Nodes;

using Vmcp.Auth.Incoming;
using Vmcp.Auth.Incoming.Introspection;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>Tokens that mean nothing without the provider (RFC 7662).</summary>
public sealed class OpaqueTokenTests
{
    private const string Secret = "gateway-secret-7f3a";

    [Fact]
    public async Task An_opaque_token_comes_in_with_all_its_claims()
    {
        await using Door door = await OpenAsync();

        Caller caller = await door.AdmitAsync(door.Provider.OpaqueToken("alice", scopes: "mcp", claims: c => c["groups"] = new JsonArray("staff")));

        caller.Principal.ShouldBe(new Principal(door.Provider.Issuer.OriginalString, "alice"));
        caller.Token!.Claims.GetProperty("groups")[0].GetString().ShouldBe("staff");
        caller.Token.Claims.GetProperty("scope").GetString().ShouldBe("mcp");
        AuthRequest asked = Asked(door).ShouldHaveSingleItem();
        asked.ClientAuth.ShouldBe(ClientAuth.Basic);
        asked.Form["token_type_hint"].ShouldBe("access_token");
    }

    [Fact]
    public async Task The_client_may_have_signs_in_its_id_and_secret()
    {
        await using Door door = await OpenAsync(
            o => o with { ClientId = "gate:way", ClientSecret = new Secret("p%:+ ä&") }, s => s.Clients["gate:way"] = "p%:+ ä&");

        await door.AdmitAsync(door.Provider.OpaqueToken("alice"));
    }

    [Theory]
    [InlineData("iss", "https://elsewhere.example", "The token was issued by somebody else.")]
    [InlineData("aud", "other", "The token is for another audience.")]
    [InlineData("aud", null, "The token is for another audience.")]
    [InlineData("exp", null, "The token does not say when it ends.")]
    [InlineData("sub", null, "The token names no subject.")]
    [InlineData("typ", "Refresh", "The token is no access token.")]
    public async Task The_same_rules_hold_as_for_signed_tokens(string claim, string? value, string description)
    {
        await using Door door = await OpenAsync();
        string token = door.Provider.OpaqueToken("alice", claims: c =>
        {
            if (value is null)
                c.Remove(claim);
            else
                c[claim] = value;
        });

        (await door.RefuseAsync(token)).ShouldBe(description);
    }

    [Fact]
    public async Task The_answer_need_not_name_the_issuer()
    {
        await using Door door = await OpenAsync();

        (await door.AdmitAsync(door.Provider.OpaqueToken("alice", claims: c => c.Remove("iss")))).Principal.Issuer.ShouldBe(door.Provider.Issuer.OriginalString);
    }

    [Fact]
    public async Task Required_scopes_hold_for_opaque_tokens_too()
    {
        await using Door door = await OpenAsync(o => o with { RequiredScopes = ["mcp"] });

        await door.AdmitAsync(door.Provider.OpaqueToken("alice", scopes: "mcp"));
        (await door.KnockAsync(door.Provider.OpaqueToken("alice", scopes: "other"))).ShouldBe(new Admission.Forbidden("mcp"));
    }

    [Fact]
    public async Task A_revoked_token_is_out_within_a_minute_and_asks_once_until_then()
    {
        await using Door door = await OpenAsync();
        string token = door.Provider.OpaqueToken("alice");
        Admission first = await door.KnockAsync(token);
        door.Provider.Revoke(token);

        door.Time.Advance(TimeSpan.FromSeconds(59));
        (await door.KnockAsync(token)).ShouldBeSameAs(first);
        Asked(door).Count.ShouldBe(1);
        door.Time.Advance(TimeSpan.FromSeconds(1));

        await door.RefuseAsync(token);
        Asked(door).Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_counts_no_longer_than_the_token()
    {
        await using Door door = await OpenAsync(o => o with { ClockSkew = TimeSpan.Zero });
        string token = door.Provider.OpaqueToken("alice", lifetime: TimeSpan.FromSeconds(20));
        await door.AdmitAsync(token);

        door.Time.Advance(TimeSpan.FromSeconds(20));

        await door.RefuseAsync(token);
    }

    [Theory]
    [InlineData(400, "")]
    [InlineData(413, "")]
    [InlineData(200, """{"active":true,"name":"\ud83d"}""")]
    [InlineData(200, "<html>")]
    [Trait("Threat", "8.9 Availability")]
    public async Task A_token_that_the_provider_stumbles_over_keeps_nobody_else_out(int status, string body)
    {
        await using Door door = await OpenAsync();
        using IDisposable stumbling = door.Provider.Override(
            AuthKind.Introspection, r => r.Field("token") == "crafted" ? new AuthAnswer(status, body) : null);

        for (int i = 0; i < 5; i++)
            (await door.KnockAsync("crafted")).ShouldBeOfType<Admission.Away>();

        await door.AdmitAsync(door.Provider.OpaqueToken("alice"));
        Asked(door).Count(r => r.Field("token") == "crafted").ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_is_remembered_for_five_seconds()
    {
        await using Door door = await OpenAsync();
        for (int i = 0; i < 10; i++)
            (await door.RefuseAsync("made-up")).ShouldBe("The token is unknown, has expired or was revoked.");
        Asked(door).Count.ShouldBe(1);

        door.Time.Advance(TimeSpan.FromSeconds(5));

        await door.RefuseAsync("made-up");
        Asked(door).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_crowd_with_one_token_asks_once()
    {
        await using Door door = await OpenAsync();
        string token = door.Provider.OpaqueToken("alice");
        IDisposable held = door.Provider.Hold(AuthKind.Introspection);
        Task<Admission>[] crowd = [.. Enumerable.Range(0, 100).Select(_ => door.KnockAsync(token))];
        await Eventually.BecomesAsync(() => door.Provider.InFlightOf(AuthKind.Introspection) == 1, "the question is on its way");

        held.Dispose();

        (await Task.WhenAll(crowd)).Distinct().ShouldHaveSingleItem().ShouldBeOfType<Admission.Admitted>();
        Asked(door).Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_more_tokens_are_asked_about_at_once_than_the_bound()
    {
        await using Door door = await OpenAsync();
        using (door.Provider.Hold(AuthKind.Introspection))
        {
            Task<Admission>[] crowd = [.. Enumerable.Range(0, Introspector.MaxFlights).Select(i => door.KnockAsync($"made-up-{i}"))];

            (await door.KnockAsync("one-more")).ShouldBe(new Admission.Away(TimeSpan.FromSeconds(1)));

            crowd.ShouldAllBe(c => !c.IsCompleted);
        }
    }

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(0)]
    public async Task A_provider_that_does_not_say_is_503_and_is_not_asked_by_each_request(int status)
    {
        await using Door door = await OpenAsync();
        IDisposable down = door.Provider.Override(AuthKind.Introspection, new AuthAnswer(status));
        string token = door.Provider.OpaqueToken("alice");

        (await door.KnockAsync(token)).ShouldBeOfType<Admission.Away>();
        (await door.KnockAsync(token)).ShouldBeOfType<Admission.Away>();
        (await door.KnockAsync("another")).ShouldBeOfType<Admission.Away>();
        Asked(door).Count.ShouldBe(1);
        door.Auth.Report.Trouble.ShouldNotBeNull().ShouldNotContain("127.0.0.1");

        down.Dispose();
        door.Time.Advance(TimeSpan.FromSeconds(2));
        await door.AdmitAsync(token);
        door.Auth.Report.Trouble.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"active":"true"}""")]
    [InlineData("""{"active":false,"active":true}""")]
    [InlineData("<html>")]
    [InlineData("""{"active":true,"sub":"\ud83d"}""")]
    public async Task What_is_no_answer_is_no_yes(string body)
    {
        await using Door door = await OpenAsync();
        door.Provider.Override(AuthKind.Introspection, new AuthAnswer(200, body));

        (await door.KnockAsync("opaque")).ShouldBeOfType<Admission.Away>();
    }

    [Fact]
    public async Task What_has_the_shape_of_a_signed_token_is_never_asked_about()
    {
        await using Door door = await OpenAsync();
        foreach (TokenTweak tweak in Enum.GetValues<TokenTweak>())
            await door.KnockAsync(door.Provider.Token("alice", tweak: tweak));

        Asked(door).ShouldBeEmpty();
    }

    [Fact]
    public async Task Opaque_tokens_come_in_while_there_are_no_keys()
    {
        await using Door door = await OpenAsync(before: provider => provider.Override(AuthKind.Discovery, new AuthAnswer(500)));

        await door.AdmitAsync(door.Provider.OpaqueToken("alice"));
        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
    }

    private static IReadOnlyList<AuthRequest> Asked(Door door) => door.Provider.RequestsOf(AuthKind.Introspection);

    private static async Task<Door> OpenAsync(
        Func<OidcOptions, OidcOptions>? options = null, Action<AuthorizationServerOptions>? server = null, Action<TestAuthorizationServer>? before = null)
    {
        Uri? introspection = null;
        return await Door.OpenAsync(
            o =>
            {
                OidcOptions asking = o with { IntrospectionUrl = introspection, ClientId = "gateway", ClientSecret = new Secret(Secret) };
                return options?.Invoke(asking) ?? asking;
            },
            server,
            provider =>
            {
                introspection = provider.IntrospectionUrl;
                before?.Invoke(provider);
            });
    }
}
