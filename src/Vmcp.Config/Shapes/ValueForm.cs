namespace Vmcp.Config.Shapes;

/// <summary>How a value is written in the file, for those who describe the file: the reference pages.</summary>
internal abstract record ValueForm
{
    /// <summary>One value.</summary>
    /// <param name="Name">Its type as a reader would say it: <c>string</c>, <c>duration</c>.</param>
    /// <param name="Sample">A value of it, as JSON.</param>
    internal sealed record Plain(string Name, string Sample) : ValueForm;

    /// <summary>One of some words.</summary>
    /// <param name="Words">Each word with the member of the enum it stands for; of two for one member the first is usual.</param>
    internal sealed record Word(IReadOnlyList<KeyValuePair<string, Enum>> Words) : ValueForm;

    /// <summary>A list.</summary>
    /// <param name="Item">Its values.</param>
    internal sealed record ListOf(ValueForm Item) : ValueForm;

    /// <summary>A map whose keys the user chooses.</summary>
    /// <param name="Item">Its values.</param>
    internal sealed record MapOf(ValueForm Item) : ValueForm;

    /// <summary>A map with known keys.</summary>
    /// <param name="Record">The record it is read into; each key is one of its properties.</param>
    /// <param name="Keys">The keys in the order of writing; asked for late, as a record may hold itself.</param>
    internal sealed record Keyed(Type Record, Func<IEnumerable<KeyValuePair<string, ValueForm>>> Keys) : ValueForm;
}
