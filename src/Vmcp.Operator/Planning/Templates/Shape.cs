using System.Collections.Frozen;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>What kind of JSON a field takes and how a strategic merge treats it.</summary>
internal abstract record Shape
{
    /// <summary>A string.</summary>
    public static Shape Text { get; } = new Scalar("a string");

    /// <summary>A whole number.</summary>
    public static Shape Whole { get; } = new Scalar("a whole number");

    /// <summary>True or false.</summary>
    public static Shape Flag { get; } = new Scalar("true or false");

    /// <summary>A quantity as <c>512Mi</c>; numbers are taken as well (apimachinery Quantity).</summary>
    public static Shape Quantity { get; } = new Scalar("a quantity");

    /// <summary>A port or percentage: number or string (apimachinery IntOrString).</summary>
    public static Shape WholeOrText { get; } = new Scalar("a number or a string");

    /// <summary>An object of which no member is known here.</summary>
    public static Shape AnyObject { get; } = new Obj(FrozenDictionary<string, Shape>.Empty);

    /// <summary>Labels and the like.</summary>
    public static Shape TextMap { get; } = new Map(Text);

    /// <summary>A list of strings that is replaced as a whole.</summary>
    public static Shape Texts { get; } = new List(Text);

    /// <summary>An object with these members; others pass unchecked, because the API server may know more fields than this table.</summary>
    public static Obj Of(params (string Name, Shape Shape)[] members) => new(members.ToFrozenDictionary(m => m.Name, m => m.Shape, StringComparer.Ordinal));

    /// <summary>A single value.</summary>
    /// <param name="Wanted">As messages name it.</param>
    public sealed record Scalar(string Wanted) : Shape;

    /// <summary>An object with free member names.</summary>
    /// <param name="Value">What each value is.</param>
    public sealed record Map(Shape Value) : Shape;

    /// <summary>An object.</summary>
    /// <param name="Members">The members known here.</param>
    public sealed record Obj(FrozenDictionary<string, Shape> Members) : Shape
    {
        /// <summary>Sets of members of which the API server takes one: a patch that names another one lets go of ours.</summary>
        public IReadOnlyList<FrozenSet<string>> OneOf { get; init; } = [];

        /// <summary>Members that stand beside the one choice an object makes (<c>name</c> of a volume); null when there is no such choice.</summary>
        public string? ChoiceBeside { get; init; }
    }

    /// <summary>A list.</summary>
    /// <param name="Item">What each item is.</param>
    /// <param name="MergeKey">The member that tells items apart (<c>patchMergeKey</c>); null when a patch replaces the list.</param>
    public sealed record List(Shape Item, string? MergeKey = null) : Shape
    {
        /// <summary>A list of strings to which a patch adds (<c>patchStrategy=merge</c> without key).</summary>
        public bool Adds { get; init; }
    }
}
