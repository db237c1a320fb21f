namespace Vmcp.Resources.Schema;

/// <summary>The kind's names in the API (CustomResourceDefinition, <c>spec.names</c>).</summary>
/// <param name="plural">The lower-case plural: <c>mcpservers</c>.</param>
/// <param name="shortNames">What <c>kubectl get</c> takes besides it.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CustomResourceAttribute(string plural, params string[] shortNames) : Attribute
{
    /// <summary>The lower-case plural.</summary>
    public string Plural => plural;

    /// <summary>The short names.</summary>
    public IReadOnlyList<string> ShortNames => shortNames;
}

/// <summary>A column of <c>kubectl get</c>; they stand in the order they are declared in.</summary>
/// <param name="name">The heading.</param>
/// <param name="path">The JSON path of the value.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string path) : Attribute
{
    /// <summary>The heading.</summary>
    public string Name => name;

    /// <summary>The JSON path of the value.</summary>
    public string Path => path;

    /// <summary>The column's type: string, integer, boolean or date.</summary>
    public string Type { get; init; } = "string";
}

/// <summary>The property is in the <c>required</c> list of its object.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

/// <summary>The value the API server writes when the property is missing.</summary>
/// <param name="value">A string, a number or a bool.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DefaultAttribute(object value) : Attribute
{
    /// <summary>A string, a number or a bool.</summary>
    public object Value => value;
}

/// <summary>The only texts allowed; for a list or map, of its values.</summary>
/// <param name="values">The texts.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOfAttribute(params string[] values) : Attribute
{
    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Values => values;
}

/// <summary>Bounds of a value. What is not set is not bounded.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class BoundsAttribute : Attribute
{
    /// <summary>Smallest number.</summary>
    public long Min { get; init; } = long.MinValue;

    /// <summary>Largest number.</summary>
    public long Max { get; init; } = long.MaxValue;

    /// <summary>Shortest text, in characters.</summary>
    public int MinLength { get; init; } = -1;

    /// <summary>Longest text, in characters.</summary>
    public int MaxLength { get; init; } = -1;

    /// <summary>Fewest items of a list.</summary>
    public int MinItems { get; init; } = -1;

    /// <summary>Most items of a list.</summary>
    public int MaxItems { get; init; } = -1;

    /// <summary>Most entries of a map.</summary>
    public int MaxProperties { get; init; } = -1;

    /// <summary>A regular expression the text must match (RE2).</summary>
    public string? Pattern { get; init; }
}

/// <summary>Bounds of each item of a list or each value of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemBoundsAttribute : BoundsAttribute;

/// <summary>A list whose items are told apart by one field (<c>x-kubernetes-list-type: map</c>).</summary>
/// <param name="key">The field.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapAttribute(string key) : Attribute
{
    /// <summary>The field.</summary>
    public string Key => key;
}

/// <summary>A list of different values (<c>x-kubernetes-list-type: set</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListSetAttribute : Attribute;

/// <summary>A list that is replaced as a whole (<c>x-kubernetes-list-type: atomic</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListAtomicAttribute : Attribute;

/// <summary>A rule the API server checks (<c>x-kubernetes-validations</c>).</summary>
/// <param name="rule">The CEL expression; <c>self</c> is the value it stands on.</param>
/// <param name="message">What the user reads when it is false.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class CelAttribute(string rule, string message) : Attribute
{
    /// <summary>The CEL expression.</summary>
    public string Rule => rule;

    /// <summary>What the user reads.</summary>
    public string Message => message;

    /// <summary>The field the error points at, relative to where the rule stands: <c>.config.optimizer</c>.</summary>
    public string? FieldPath { get; init; }
}

/// <summary>Fields the schema does not know are kept (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>The value is any JSON, not only an object.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AnyValueAttribute : Attribute;

/// <summary>The schema of a property that is read as raw JSON.</summary>
/// <param name="type">The record that describes it.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SchemaOfAttribute(Type type) : Attribute
{
    /// <summary>The record that describes it.</summary>
    public Type Type => type;
}
