using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vmcp.Core.Expressions;

/// <summary>A part of an expression.</summary>
/// <param name="Position">Where it begins, counted from 0.</param>
/// <param name="Kind">The kind of its value, as far as it is known without claims.</param>
internal abstract record ExpressionNode(int Position, ValueKind Kind)
{
    /// <summary>The value; an error when there is none.</summary>
    public abstract ExpressionValue Evaluate(JsonElement claims);
}

internal sealed record Literal(int Position, ExpressionValue Value) : ExpressionNode(Position, Value.Kind)
{
    public override ExpressionValue Evaluate(JsonElement claims) => Value;
}

internal sealed record ListNode(int Position, ExpressionNode[] Items) : ExpressionNode(Position, ValueKind.List)
{
    public override ExpressionValue Evaluate(JsonElement claims)
    {
        ExpressionValue[] values = [.. Items.Select(i => i.Evaluate(claims))];
        return values.Any(v => v.Kind == ValueKind.Error) ? ExpressionValue.Error : ExpressionValue.Of(values);
    }
}

internal sealed record ClaimsNode(int Position) : ExpressionNode(Position, ValueKind.Map)
{
    public override ExpressionValue Evaluate(JsonElement claims) => ExpressionValue.Of(claims);
}

internal sealed record FieldNode(int Position, ExpressionNode Of, string Name) : ExpressionNode(Position, ValueKind.Unknown)
{
    public override ExpressionValue Evaluate(JsonElement claims) => Of.Evaluate(claims).Field(Name);
}

internal sealed record HasNode(int Position, FieldNode Field) : ExpressionNode(Position, ValueKind.Boolean)
{
    public override ExpressionValue Evaluate(JsonElement claims) => Field.Of.Evaluate(claims).Has(Field.Name);
}

internal sealed record IndexNode(int Position, ExpressionNode Of, ExpressionNode Index) : ExpressionNode(Position, ValueKind.Unknown)
{
    public override ExpressionValue Evaluate(JsonElement claims) => Of.Evaluate(claims).At(Index.Evaluate(claims));
}

internal sealed record SizeNode(int Position, ExpressionNode Of) : ExpressionNode(Position, ValueKind.Integer)
{
    public override ExpressionValue Evaluate(JsonElement claims) => Of.Evaluate(claims).Size();
}

internal sealed record NotNode(int Position, ExpressionNode Of) : ExpressionNode(Position, ValueKind.Boolean)
{
    public override ExpressionValue Evaluate(JsonElement claims) =>
        Of.Evaluate(claims) is { Kind: ValueKind.Boolean } value ? ExpressionValue.Of(!value.Boolean) : ExpressionValue.Error;
}

/// <summary><c>&amp;&amp;</c> or <c>||</c>: one side that decides is enough, whatever the others are, errors included (CEL, logical operators).</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Decides">The value that decides: false for <c>&amp;&amp;</c>, true for <c>||</c>.</param>
/// <param name="Parts">Two or more sides.</param>
internal sealed record LogicNode(int Position, bool Decides, ExpressionNode[] Parts) : ExpressionNode(Position, ValueKind.Boolean)
{
    public override ExpressionValue Evaluate(JsonElement claims)
    {
        bool failed = false;
        foreach (ExpressionNode part in Parts)
        {
            ExpressionValue value = part.Evaluate(claims);
            if (value.Kind != ValueKind.Boolean)
                failed = true;
            else if (value.Boolean == Decides)
                return value;
        }

        return failed ? ExpressionValue.Error : ExpressionValue.Of(!Decides);
    }
}

internal sealed record RelationNode(int Position, string Sign, ExpressionNode Left, ExpressionNode Right) : ExpressionNode(Position, ValueKind.Boolean)
{
    public override ExpressionValue Evaluate(JsonElement claims)
    {
        ExpressionValue left = Left.Evaluate(claims), right = Right.Evaluate(claims);
        if (left.Kind == ValueKind.Error || right.Kind == ValueKind.Error)
            return ExpressionValue.Error;
        return Sign switch
        {
            "==" => ExpressionValue.Of(ExpressionValue.AreEqual(left, right)),
            "!=" => ExpressionValue.Of(!ExpressionValue.AreEqual(left, right)),
            "in" => left.In(right),
            _ when ExpressionValue.Compare(left, right) is { } order => ExpressionValue.Of(Sign switch
            {
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            }),
            _ => ExpressionValue.Error,
        };
    }
}

/// <summary><c>startsWith</c>, <c>endsWith</c> or <c>contains</c>.</summary>
internal sealed record TextNode(int Position, string Method, ExpressionNode Of, ExpressionNode Argument) : ExpressionNode(Position, ValueKind.Boolean)
{
    public override ExpressionValue Evaluate(JsonElement claims)
    {
        ExpressionValue whole = Of.Evaluate(claims), part = Argument.Evaluate(claims);
        if (whole.Kind != ValueKind.String || part.Kind != ValueKind.String)
            return ExpressionValue.Error;
        return ExpressionValue.Of(Method switch
        {
            "startsWith" => whole.String.StartsWith(part.String, StringComparison.Ordinal),
            "endsWith" => whole.String.EndsWith(part.String, StringComparison.Ordinal),
            _ => whole.String.Contains(part.String, StringComparison.Ordinal),
        });
    }
}

internal sealed record MatchesNode(int Position, ExpressionNode Of, Regex Pattern) : ExpressionNode(Position, ValueKind.Boolean)
{
    public override ExpressionValue Evaluate(JsonElement claims)
    {
        if (Of.Evaluate(claims) is not { Kind: ValueKind.String } text)
            return ExpressionValue.Error;
        try
        {
            return ExpressionValue.Of(Pattern.IsMatch(text.String));
        }
        catch (RegexMatchTimeoutException)
        {
            return ExpressionValue.Error;
        }
    }
}
