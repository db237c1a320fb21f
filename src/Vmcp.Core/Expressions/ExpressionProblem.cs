namespace Vmcp.Core.Expressions;

/// <summary>Why an expression is not accepted.</summary>
/// <param name="Position">The character it is about, counted from 1.</param>
/// <param name="What">What is wrong there.</param>
/// <param name="Remedy">What to write in its place; null when that is plain.</param>
public sealed record ExpressionProblem(int Position, string What, string? Remedy = null)
{
    /// <inheritdoc />
    public override string ToString() => $"character {Position}: {What}{(Remedy is null ? "" : $"; {Remedy}")}";
}

/// <summary>Carries a problem out of the parser's recursion; never leaves <see cref="ClaimExpression"/>.</summary>
internal sealed class ExpressionException(ExpressionProblem problem) : Exception(problem.What)
{
    public ExpressionException(int position, string what, string? remedy = null)
        : this(new ExpressionProblem(position + 1, what, remedy))
    {
    }

    public ExpressionProblem Problem => problem;
}
