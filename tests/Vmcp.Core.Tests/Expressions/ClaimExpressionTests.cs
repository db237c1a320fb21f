using System.Text.Json;

using Vmcp.Core.Expressions;

namespace Vmcp.Core.Tests.Expressions;

public sealed class ClaimExpressionTests
{
    private const string Claims = """
        {"sub": "auth0|17", "email": "ann@example.org", "email_verified": true, "groups": ["dev", "Ops"], "level": 7, "ratio": 7.0, "nothing": null,
         "cognito:groups": ["a"], "realm_access": {"roles": ["admin"]}, "line": "admin\n", "big": 9223372036854775808, "half": "\ud83d",
         "halves": {"\ud83d": "\ud83d"}}
        """;

    [Theory]
    [InlineData("'dev' in claims.groups")]
    [InlineData("\"dev\" in claims[\"groups\"]")]
    [InlineData("!('ops' in claims.groups)")]
    [InlineData("'a' in claims['cognito:groups']")]
    [InlineData("'admin' in claims.realm_access.roles && claims.email_verified")]
    [InlineData("claims.email.endsWith('@example.org')")]
    [InlineData("claims.sub.startsWith('auth0|') && claims.sub.contains('0|1')")]
    [InlineData(@"claims.email.matches('^[a-z]+@example\\.org$')")]
    [InlineData(@"claims.email.matches(r'^\w+@example\.org$')")]
    [InlineData("claims.email.matches('nn@')")]
    [InlineData("claims.groups[1] == 'Ops'")]
    [InlineData("claims.groups == ['dev', 'Ops']")]
    [InlineData("claims.groups != ['Ops', 'dev']")]
    [InlineData("size(claims.groups) == 2 && size(claims.sub) > 3 && size('\U0001F600') == 1 && size([]) == 0")]
    [InlineData("claims.level == 7 && claims.level == claims.ratio && claims.level >= 0x7 && claims.level > -1 && claims.level < 8 && claims.level <= 7")]
    [InlineData("claims.level != '7'")]
    [InlineData("claims.big > 1")]
    [InlineData("has(claims.email) && !has(claims.phone) && has(claims.realm_access.roles)")]
    [InlineData("claims.nothing == null && has(claims.nothing)")]
    [InlineData("'email' in claims && !('phone' in claims)")]
    [InlineData("'phone' in claims || claims.level == 7")]
    [InlineData("claims.phone == 'x' || claims.level == 7")]
    [InlineData("claims.level == 7 || claims.phone == 'x'")]
    [InlineData("!(claims.phone == 'x' && false)")]
    [InlineData("claims.level in [1, 7]")]
    [InlineData("true")]
    [InlineData("!!claims.email_verified")]
    [InlineData("'it\\'s \\x41\\u0042' == \"it's AB\"")]
    [InlineData("'x'.startsWith('x')")]
    public void A_condition_that_holds_is_true(string text) => Value(text).ShouldBe(true);

    [Theory]
    [InlineData("'DEV' in claims.groups")]
    [InlineData("claims.email == 'Ann@example.org'")]
    [InlineData("claims.line.matches('^admin$')")]
    [InlineData("'\u0663'.matches(r'^\\d$')")]
    [InlineData("claims.level == 8 && claims.phone == 'x'")]
    [InlineData("claims.groups == 'dev'")]
    [InlineData("false")]
    public void A_condition_that_does_not_hold_is_false(string text) => Value(text).ShouldBe(false);

    [Theory]
    [InlineData("claims.phone == 'x'")]
    [InlineData("'x' in claims.sub")]
    [InlineData("claims.sub")]
    [InlineData("claims.groups[2] == 'x'")]
    [InlineData("claims.groups[-1] == 'x'")]
    [InlineData("claims.groups['x'] == 'x'")]
    [InlineData("claims.sub.name == 'x'")]
    [InlineData("claims.level.startsWith('7')")]
    [InlineData("claims.level < 'x'")]
    [InlineData("has(claims.phone.home)")]
    [InlineData("!claims.sub")]
    [InlineData("claims.level == 7 && claims.phone == 'x'")]
    [InlineData("claims.half == 'x'")]
    [InlineData("claims.halves == claims.halves")]
    [InlineData("'x' in claims.halves")]
    [InlineData("size(claims.level) == 1")]
    [InlineData("claims.phone in ['x']")]
    public void A_condition_that_cannot_be_said_is_unknown(string text) => Value(text).ShouldBeNull();

    [Theory]
    [InlineData("", 1, "a value is expected, not the end")]
    [InlineData("claims.groups == 'x", 18, "the string has no end; close it with '")]
    [InlineData("'admin' in group", 12, "the name group is not known; write claims.group or 'group'")]
    [InlineData("claims.groups.exists(g, g == 'x')", 15, "the method exists is not supported; write for example 'admins' in claims.groups")]
    [InlineData("claims.a = 'x'", 10, "\"=\" means nothing here; write ==")]
    [InlineData("claims.a & claims.b", 10, "write &&")]
    [InlineData("claims.a 'x'", 10, "a string is not expected here; join conditions with && or ||")]
    [InlineData("'x' in 'xyz'", 8, "\"in\" needs a list on its right")]
    [InlineData("'x'", 1, "the expression is no condition that is true or false")]
    [InlineData("size(claims.a)", 1, "the expression is no condition")]
    [InlineData("claims", 1, "the expression is no condition")]
    [InlineData("true && 1", 9, "what is right of && is no condition")]
    [InlineData("1 || true", 1, "what is left of || is no condition")]
    [InlineData("!'x'", 2, "what follows ! is no condition")]
    [InlineData("claims.a == 1 == 2", 15, "\"==\" follows another comparison; put one of them in parentheses")]
    [InlineData("has(claims['a'])", 5, "has() needs a field")]
    [InlineData("has(claims)", 5, "has() needs a field")]
    [InlineData("exists(claims.a)", 1, "the name exists is not known; there are has() and size()")]
    [InlineData("claims.a.matches(claims.b)", 18, "matches needs a pattern in quotes")]
    [InlineData("claims.a.matches('(')", 18, "the pattern is not a regular expression of RE2")]
    [InlineData("claims.a.matches('a(?=b)')", 18, "this kind of group at its character 2, which is not supported")]
    [InlineData("claims.a.matches('(a{100}){100}')", 18, "so many repeats")]
    [InlineData("claims.a.matches(r'(a)\\1')", 18, "\\1 at its character 4, which is not supported")]
    [InlineData("claims.a.startsWith(1)", 21, "startsWith needs a string")]
    [InlineData("1.5 == claims.a", 1, "is not a whole number")]
    [InlineData("99999999999999999999 == claims.a", 1, "is not a whole number of 64 bits")]
    [InlineData("'a\\q' == claims.a", 3, "\\q is no escape")]
    [InlineData("claims.a ? true : false", 10, "there is no ?: here")]
    [InlineData("(claims.a", 10, ") is expected, not the end")]
    [InlineData("[1, 2", 6, "] is expected, not the end")]
    [InlineData("true.x", 5, "does not fit behind this value")]
    [InlineData("-claims.a == 1", 1, "\"-\" is only read before a number")]
    [InlineData("claims.a.matches('^[[]')", 18, "[ within a class")]
    public void What_is_no_expression_is_told_with_its_place(string text, int position, string what)
    {
        ExpressionProblem problem = Problem(text);

        problem.ToString().ShouldContain(what);
        problem.Position.ShouldBe(position);
    }

    [Fact]
    public void Half_a_character_is_no_text() => Problem("claims.a == '\ud83d'").ToString().ShouldBe("character 14: half a character");

    [Fact]
    public void Length_and_depth_are_bounded()
    {
        Problem(new string(' ', ClaimExpression.MaxLength) + "x").What.ShouldContain("2049 characters");
        Problem(new string('(', 1000) + "true" + new string(')', 1000)).What.ShouldContain("32 deep");
        Problem(new string('!', 1000) + "true").What.ShouldContain("32 deep");
        Problem("claims" + string.Concat(Enumerable.Repeat(".a", 500)) + " == 1").What.ShouldContain("32 deep");
        Problem(string.Concat(Enumerable.Repeat("[", 500))).What.ShouldContain("32 deep");
        Value(string.Join(" && ", Enumerable.Repeat("true", 250))).ShouldBe(true);
    }

    [Theory]
    [InlineData("(a*)*b")]
    [InlineData("(a|a)*b")]
    [InlineData("(a+)+$")]
    [InlineData("(x+x+)+y")]
    public void A_hostile_claim_does_not_make_a_pattern_slow(string pattern)
    {
        ClaimExpression.TryParse($"claims.a.matches('{pattern}')", out ClaimExpression? expression, out _).ShouldBeTrue();
        using JsonDocument claims = JsonDocument.Parse($$"""{"a": "{{new string('a', 50_000)}}!"}""");

        // A backtracking matcher would not end within the life of the machine: that this test ends is the proof.
        expression!.Matches(claims.RootElement).ShouldNotBe(true);
    }

    private static bool? Value(string text)
    {
        ClaimExpression.TryParse(text, out ClaimExpression? expression, out ExpressionProblem? problem).ShouldBeTrue(problem?.ToString());
        using JsonDocument claims = JsonDocument.Parse(Claims);
        return expression!.Matches(claims.RootElement);
    }

    private static ExpressionProblem Problem(string text)
    {
        ClaimExpression.TryParse(text, out _, out ExpressionProblem? problem).ShouldBeFalse();
        return problem!;
    }
}
