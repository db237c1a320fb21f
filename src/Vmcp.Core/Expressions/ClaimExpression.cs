using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Vmcp.Core.Expressions;

/// <summary>
/// A condition over the claims of a token, written in a part of CEL (Common Expression Language): the one variable <c>claims</c>; <c>&amp;&amp; || !
/// == != &lt; &lt;= &gt; &gt;= in</c>; fields and indexes; <c>has()</c>, <c>size()</c>, <c>startsWith endsWith contains matches</c>; literals of
/// strings, integers, booleans, null and lists. It has no loops, so its work is bounded by its length and that of the claims.
/// </summary>
/// <remarks>Own code: the CEL packages there are work by reflection over Protobuf types, which ahead-of-time compilation cannot do.</remarks>
public sealed class ClaimExpression
{
    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>How deep parts may lie within each other.</summary>
    public const int MaxDepth = 32;

    private readonly ExpressionNode _root;

    private ClaimExpression(string text, ExpressionNode root)
    {
        Text = text;
        _root = root;
    }

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="expression">The expression, when it is one.</param>
    /// <param name="problem">Why not, when it is none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClaimExpression? expression, [NotNullWhen(false)] out ExpressionProblem? problem)
    {
        expression = null;
        problem = null;
        try
        {
            if (text.Length > MaxLength)
                throw new ExpressionException(MaxLength, $"the expression has {text.Length} characters", $"at most {MaxLength} are read");
            expression = new ClaimExpression(text, new ExpressionParser(ExpressionLexer.Read(text)).Parse());
            return true;
        }
        catch (ExpressionException e)
        {
            problem = e.Problem;
            return false;
        }
    }

    /// <summary>Whether the condition holds.</summary>
    /// <param name="claims">The claims as a JSON object.</param>
    /// <returns>Null when it cannot be said, for example because a claim it reads is missing.</returns>
    public bool? Matches(JsonElement claims)
    {
        try
        {
            return _root.Evaluate(claims) is { Kind: ValueKind.Boolean } value ? value.Boolean : null;
        }
        catch (InvalidOperationException)
        {
            return null; // JSON may carry half a surrogate pair, which .NET refuses to read as text
        }
    }
}
