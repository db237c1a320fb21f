using System.Text.Json.Nodes;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>Which tokens come in.</summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [Trait("Scenario", "IAUTH-01")]
    public async Task A_good_token_comes_in_as_its_subject(string algorithm)
    {
        await using Door door = await Door.OpenAsync(server: o => o.Algorithms = ["RS256", "PS256", "ES256"]);
        string token = door.Provider.Token("alice", alg: algorithm, claims: c => c["groups"] = new JsonArray("staff"));

        Caller caller = await door.AdmitAsync(token);

        caller.Principal.ShouldBe(new Principal(door.Provider.Issuer.OriginalString, "alice"));
        SubjectToken proof = caller.Token.ShouldNotBeNull();
        proof.Value.Reveal().ShouldBe(token);
        proof.Claims.GetProperty("groups")[0].GetString().ShouldBe("staff");
        proof.ExpiresAt.ShouldBe(door.Time.GetUtcNow().AddHours(1));
    }

    [Theory]
    [InlineData(TokenTweak.WrongIssuer, "The token was issued by somebody else.")]
    [InlineData(TokenTweak.Expired, "The token has expired.")]
    [InlineData(TokenTweak.NotYetValid, "The token is not valid yet.")]
    [InlineData(TokenTweak.NoExpiry, "The token does not say when it ends.")]
    [InlineData(TokenTweak.NoSubject, "The token names no subject.")]
    [InlineData(TokenTweak.UnknownKeyId, "The token is signed by a key that does not count.")]
    [InlineData(TokenTweak.ForeignKey, "The token's signature does not count.")]
    [InlineData(TokenTweak.BadSignature, "The token's signature does not count.")]
    [InlineData(TokenTweak.AlgNone, "The token is signed in a way that does not count.")]
    [InlineData(TokenTweak.HmacWithPublicKey, "The token is signed in a way that does not count.")]
    [InlineData(TokenTweak.Critical, "The token demands something that is not supported.")]
    [InlineData(TokenTweak.Confirmation, "The token is bound to a key of its client, which is not supported.")]
    [InlineData(TokenTweak.IdToken, "The token is an ID token; send the access token.")]
    public async Task A_token_that_is_wrong_is_refused(TokenTweak tweak, string description)
    {
        await using Door door = await Door.OpenAsync();

        (await door.RefuseAsync(door.Provider.Token("alice", tweak: tweak))).ShouldBe(description);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("vmcp/")]
    [InlineData("VMCP")]
    [InlineData(null)]
    public async Task A_token_of_another_audience_is_refused(string? audience)
    {
        await using Door door = await Door.OpenAsync();

        (await door.RefuseAsync(door.Provider.Token("alice", audience))).ShouldBe("The token is for another audience.");
    }

    [Fact]
    public async Task A_token_for_several_audiences_comes_in_when_we_are_one_of_them()
    {
        await using Door door = await Door.OpenAsync();

        await door.AdmitAsync(door.Provider.Token("alice", claims: c => c["aud"] = new JsonArray("other", Door.Audience)));
        await door.RefuseAsync(door.Provider.Token("alice", claims: c => c["aud"] = new JsonArray("other", 7)));
    }

    [Fact]
    public async Task The_issuer_counts_byte_for_byte()
    {
        await using Door door = await Door.OpenAsync();

        (await door.RefuseAsync(door.Provider.Token("alice", claims: c => c["iss"] = door.Provider.Issuer.OriginalString + "/")))
            .ShouldBe("The token was issued by somebody else.");
    }

    [Fact]
    public async Task Clocks_may_be_a_minute_apart()
    {
        await using Door door = await Door.OpenAsync();
        string token = door.Provider.Token("alice", lifetime: TimeSpan.FromMinutes(10));
        string early = door.Provider.Token("alice", claims: c => c["nbf"] = door.Time.GetUtcNow().AddSeconds(60).ToUnixTimeSeconds());
        string tooEarly = door.Provider.Token("alice", claims: c => c["nbf"] = door.Time.GetUtcNow().AddSeconds(61).ToUnixTimeSeconds());
        await door.AdmitAsync(early);
        (await door.RefuseAsync(tooEarly)).ShouldBe("The token is not valid yet.");

        door.Time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(59));
        await door.AdmitAsync(token);
        door.Time.Advance(TimeSpan.FromSeconds(1));
        (await door.RefuseAsync(token)).ShouldBe("The token has expired.");
    }

    [Theory]
    [InlineData("typ", "ID")]
    [InlineData("typ", "Refresh")]
    [InlineData("token_use", "id")]
    public async Task A_token_that_says_it_is_for_something_else_is_refused(string claim, string value)
    {
        await using Door door = await Door.OpenAsync();

        (await door.RefuseAsync(door.Provider.Token("alice", claims: c => c[claim] = value))).ShouldBe("The token is no access token.");
    }

    [Fact]
    public async Task A_token_without_key_id_comes_in_where_one_key_alone_can_be_meant()
    {
        await using Door door = await Door.OpenAsync();
        await door.AdmitAsync(door.Provider.Token("alice", tweak: TokenTweak.NoKeyId));

        await using Door two = await Door.OpenAsync(before: provider => provider.RotateKeys(keepOld: true));
        (await two.RefuseAsync(two.Provider.Token("alice", tweak: TokenTweak.NoKeyId))).ShouldBe("The token does not say which key signed it.");
    }

    [Theory]
    [InlineData("eyJhbGciOiJSUzI1NiJ9..x")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.x")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.W10.x")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIiwic3ViIjoiYiJ9.x")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("opaque")]
    public async Task Whatever_is_no_token_of_ours_is_refused(string token)
    {
        await using Door door = await Door.OpenAsync();

        await door.RefuseAsync(token);
    }

    [Fact]
    public async Task Only_the_required_subject_comes_in()
    {
        const string Planner = "system:serviceaccount:tools:planner";
        await using Door door = await Door.OpenAsync(o => o with { RequiredSubject = Planner });

        await door.AdmitAsync(door.Provider.Token(Planner));
        (await door.RefuseAsync(door.Provider.Token(Planner + "x"))).ShouldBe("The token's subject may not come in.");
    }

    [Fact]
    public async Task A_token_without_a_required_scope_is_told_which_are_needed()
    {
        await using Door door = await Door.OpenAsync(o => o with { Scopes = ["openid"], RequiredScopes = ["mcp:read", "mcp:call"] });

        await door.AdmitAsync(door.Provider.Token("alice", scopes: "mcp:call other mcp:read"));
        await door.AdmitAsync(door.Provider.Token("alice", claims: c => c["scp"] = new JsonArray("mcp:call", "mcp:read")));
        await door.AdmitAsync(door.Provider.Token("alice", claims: c => c["scp"] = "mcp:call mcp:read"));
        foreach (string? scopes in (string?[])[null, "mcp:read", "openid", "mcp:reader mcp:call"])
            (await door.KnockAsync(door.Provider.Token("alice", scopes: scopes))).ShouldBe(new Admission.Forbidden("mcp:read mcp:call"));
    }

    [Fact]
    public async Task No_change_of_a_token_makes_another_one()
    {
        const string Alphabet = "ABCabc019-_.=~+/";
        await using Door door = await Door.OpenAsync();
        string token = door.Provider.Token("alice");
        string signed = token[..token.LastIndexOf('.')];
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int i = 0; i < 3000; i++)
        {
            int at = random.Next(token.Length), length = random.Next(3);
            string changed = token[..at] + new string(random.GetItems<char>(Alphabet, random.Next(3))) + token[Math.Min(at + length, token.Length)..];
            Admission admission = await door.KnockAsync(changed);
            // A signature may be spelled in more than one way; what it is of may not.
            if (admission is Admission.Admitted)
                changed[..changed.LastIndexOf('.')].ShouldBe(signed, $"seed {seed}, try {i}");
            else
                admission.ShouldBeOfType<Admission.Challenged>($"seed {seed}, try {i}: {changed}");
        }
    }

    [Fact]
    public async Task Nothing_of_a_token_stands_in_a_refusal()
    {
        await using Door door = await Door.OpenAsync();
        foreach (TokenTweak tweak in Enum.GetValues<TokenTweak>())
        {
            string token = door.Provider.Token("alice-canary", tweak: tweak);
            if (await door.KnockAsync(token) is not Admission.Challenged refused)
                continue;
            refused.Description.ShouldNotBeNull().ShouldNotContain("canary");
            refused.Description.ShouldNotContain(door.Provider.Issuer.Host);
            token.Split('.').ShouldAllBe(part => part.Length == 0 || !refused.Description.Contains(part));
        }
    }
}
