using System.Text;
using System.Text.Json;

using Vmcp.Core.Expressions;

namespace Vmcp.Core.Tests.Expressions;

/// <summary>Whatever is written, reading it ends with an expression or a problem, and evaluating it with true, false or unknown.</summary>
public sealed class ClaimExpressionFuzz
{
    private static readonly string[] Words =
    [
        "claims", ".", "groups", "sub", "[", "]", "(", ")", "'dev'", "\"x\"", "r'a'", "0", "1", "-", "0x", "9223372036854775807", "true", "false", "null",
        "&&", "||", "!", "==", "!=", "in", "<", ">=", "has", "size", ".matches(", ".startsWith('d')", ".contains(", ",", " ", "'", "\\", "\ud83d", "\0",
        "'a{9}'", "'(a|b)*[^c]'", "'$'", "'\\\\d{3,}'", "'[a-'", "'(?i)x'", "'\\\\p{L}'", "{", "}", "?", ":", "é",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_words_never_throw(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 5_000; i++)
        {
            StringBuilder text = new();
            int length = random.Next(1, 30);
            for (int word = 0; word < length; word++)
                text.Append(random.Next(8) == 0 ? ((char)random.Next(0x10000)).ToString() : Words[random.Next(Words.Length)]);
            Holds(text.ToString());
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void A_changed_expression_never_throws(int seed)
    {
        const string good = "('dev' in claims.groups || claims['sub'].matches('^a{1,3}[b-z]+\\\\.x$')) && !has(claims.x.y) && size(claims.groups) >= 2";
        Random random = new(seed);
        for (int i = 0; i < 5_000; i++)
        {
            StringBuilder text = new(good);
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text.Remove(at, Math.Min(text.Length - at, random.Next(1, 4)));
                else
                    text.Insert(at, Words[random.Next(Words.Length)]);
            }

            Holds(text.ToString());
        }
    }

    [Fact]
    public void What_is_built_from_the_grammar_is_an_expression()
    {
        Random random = new(7);
        for (int i = 0; i < 3_000; i++)
        {
            string text = Condition(random, 4);
            ClaimExpression.TryParse(text, out _, out ExpressionProblem? problem).ShouldBeTrue($"{text}: {problem}");
            Holds(text);
        }
    }

    private static void Holds(string text)
    {
        using JsonDocument claims = JsonDocument.Parse("""{"sub": "abx.x", "groups": ["dev", 1, null, {"a": []}], "x": {"y": 1.5}}""");
        if (ClaimExpression.TryParse(text, out ClaimExpression? expression, out ExpressionProblem? problem))
            expression.Matches(claims.RootElement);
        else
            problem.Position.ShouldBeInRange(1, text.Length + 1);
    }

    private static string Condition(Random random, int depth) => random.Next(depth == 0 ? 4 : 8) switch
    {
        0 => $"{Value(random, depth)} == {Value(random, depth)}",
        1 => $"{Value(random, depth)} in claims.groups",
        2 => "has(claims.x.y)",
        3 => "claims.sub.matches(r'^a|b{2}$')",
        4 => $"({Condition(random, depth - 1)})",
        5 => $"({Condition(random, depth - 1)}) && ({Condition(random, depth - 1)})",
        6 => $"({Condition(random, depth - 1)}) || !({Condition(random, depth - 1)})",
        _ => $"size(claims.groups) > {random.Next(5)}",
    };

    private static string Value(Random random, int depth) => random.Next(depth == 0 ? 4 : 6) switch
    {
        0 => "claims.sub",
        1 => "'dev'",
        2 => "-3",
        3 => "null",
        4 => $"[{Value(random, depth - 1)}, {Value(random, depth - 1)}]",
        _ => $"claims.groups[{random.Next(5)}]",
    };
}
