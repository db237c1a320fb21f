using System.Text.Json;

using Vmcp.Auth.Aws;
using Vmcp.Core.Backends;

namespace Vmcp.Auth.Tests.Aws;

public sealed class RoleChooserTests
{
    [Theory]
    [InlineData("""{"groups": ["dev", "ops"]}""", "groups", "ops", true)]
    [InlineData("""{"groups": "ops"}""", "groups", "ops", true)]
    [InlineData("""{"groups": "devops"}""", "groups", "ops", false)]
    [InlineData("""{"groups": ["OPS"]}""", "groups", "ops", false)]
    [InlineData("""{"groups": [1, null, ["ops"]]}""", "groups", "ops", false)]
    [InlineData("""{"groups": {"ops": true}}""", "groups", "ops", false)]
    [InlineData("""{}""", "groups", "ops", false)]
    [InlineData("""{"realm_access": {"roles": ["ops"]}}""", "realm_access.roles", "ops", true)]
    [InlineData("""{"realm_access": "ops"}""", "realm_access.roles", "ops", false)]
    [InlineData("""{"https://example.org/roles": ["ops"]}""", "https://example.org/roles", "ops", true)]
    [InlineData("""{"a.b": ["dev"], "a": {"b": ["ops"]}}""", "a.b", "ops", false)]
    [InlineData("""{"groups": ["x' || true || 'x"]}""", "groups", "x' || true || 'x", true)]
    [InlineData("""{"groups": ["\ud83d"]}""", "groups", "ops", false)]
    [InlineData("""{"\ud83d": 1, "groups": ["ops"]}""", "x.groups", "ops", false)]
    [InlineData("""["ops"]""", "groups", "ops", false)]
    public void A_claim_is_looked_for_in_the_role_claim_as_text_or_list(string claims, string roleClaim, string claim, bool matches) =>
        RoleOf(claims, [new RoleMapping(claim, null, "role", null)], roleClaim).ShouldBe(matches ? "role" : null);

    [Fact]
    public void The_lowest_priority_wins_none_is_last_and_ties_keep_their_order()
    {
        const string claims = """{"groups": ["a", "b", "c", "d"]}""";
        RoleMapping first = new("a", null, "first", null), second = new("b", null, "second", null), five = new("c", null, "five", 5), zero = new("d", null, "zero", 0);

        RoleOf(claims, [first, second, five, zero]).ShouldBe("zero");
        RoleOf(claims, [first, second, five]).ShouldBe("five");
        RoleOf(claims, [second, first]).ShouldBe("second");
        RoleOf(claims, [new("a", null, "same", 5), five]).ShouldBe("same");
        RoleOf("""{"groups": ["b", "c"]}""", [first, second, five, zero]).ShouldBe("five");
    }

    [Fact]
    public void A_matcher_that_cannot_be_said_is_skipped()
    {
        RoleMapping broken = new(null, "claims.missing == 'x'", "broken", 1), good = new(null, "'ops' in claims.groups", "good", 2);

        RoleOf("""{"groups": ["ops"]}""", [broken, good]).ShouldBe("good");
        RoleOf("""{"groups": ["dev"]}""", [broken, good]).ShouldBeNull();
        RoleOf("""{"groups": ["dev"]}""", [broken, good], fallback: "fallback").ShouldBe("fallback");
    }

    [Theory]
    [InlineData("""{"groups": ["\ud83d", ""]}""")]
    [InlineData("""{"groups": ""}""")]
    [InlineData("""{}""")]
    public void A_mapping_that_asks_for_nothing_matches_nobody(string claims)
    {
        RoleOf(claims, [new RoleMapping(null, null, "role", null)]).ShouldBeNull();
        RoleOf(claims, [new RoleMapping("", null, "role", null)]).ShouldBeNull();
    }

    [Fact]
    public void A_matcher_that_cannot_be_read_lets_nobody_take_any_role()
    {
        CredentialException problem = Should.Throw<CredentialException>(() => RoleOf("{}", [new(null, "claims.", "role", null)], fallback: "fallback"));

        problem.Reason.ShouldBe("cannot be called: a matcher of its awsSts.roleMappings cannot be read");
    }

    [Theory]
    [InlineData("\"ann@example.org\"", "ann@example.org")]
    [InlineData("\"ab\"", "ab")]
    [InlineData("17", "17")]
    [InlineData("\"auth0|17\"", "auth0-17-bd645e2b")]
    [InlineData("\"auth0:17\"", "auth0-17-e0dd1339")]
    [InlineData("\"a\"", "a-ca978112")]
    [InlineData("\"\u00e9\u00e9\"", "---f13c007a")]
    [InlineData("\"\"", null)]
    [InlineData("\"  \"", null)]
    [InlineData("null", null)]
    [InlineData("[\"a\"]", null)]
    [InlineData("\"\\ud83d\"", null)]
    public void A_session_is_named_by_the_claim_as_far_as_AWS_takes_it(string claim, string? name)
    {
        using JsonDocument json = JsonDocument.Parse(claim);

        SessionName.Of(json.RootElement).ShouldBe(name);
    }

    [Fact]
    public void Two_long_names_that_differ_at_their_ends_stay_two()
    {
        string begin = new('x', 64);
        string[] names = [.. new[] { begin, begin + "1", begin + "2" }.Select(n => SessionName.Of(JsonSerializer.SerializeToElement(n))!)];

        names[0].ShouldBe(begin);
        names.Distinct().Count().ShouldBe(3);
        names.ShouldAllBe(n => n.Length == 64);
        SessionName.Of(null).ShouldBeNull();
    }

    private static string? RoleOf(string claims, RoleMapping[] mappings, string roleClaim = "groups", string? fallback = null)
    {
        using JsonDocument json = JsonDocument.Parse(claims);
        return new RoleChooser(new AwsStsStrategy { Region = "eu-west-1", RoleMappings = [.. mappings], RoleClaim = roleClaim, FallbackRoleArn = fallback })
            .RoleOf(json.RootElement);
    }
}
