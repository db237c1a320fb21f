using System.Text.Json;

namespace Vmcp.Core.Expressions;

/// <summary>The kinds of value; <see cref="Unknown"/> before an expression is evaluated.</summary>
internal enum ValueKind
{
    Error, Unknown, Null, Boolean, Integer, Double, String, List, Map,
}

/// <summary>A value of an expression: a literal, or a part of the claims. An error is a value too, as CEL's <c>||</c> can swallow it.</summary>
internal readonly record struct ExpressionValue(ValueKind Kind)
{
    public static readonly ExpressionValue Error = new(ValueKind.Error);
    public static readonly ExpressionValue Null = new(ValueKind.Null);

    public bool Boolean { get; private init; }

    public long Integer { get; private init; }

    public double Double { get; private init; }

    public string String { get => field ?? ""; private init; }

    private ExpressionValue[]? Items { get; init; }

    private JsonElement Json { get; init; }

    public static ExpressionValue Of(bool value) => new(ValueKind.Boolean) { Boolean = value };

    public static ExpressionValue Of(long value) => new(ValueKind.Integer) { Integer = value };

    public static ExpressionValue Of(string value) => new(ValueKind.String) { String = value };

    public static ExpressionValue Of(ExpressionValue[] items) => new(ValueKind.List) { Items = items };

    public static ExpressionValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Number when json.TryGetInt64(out long integer) => Of(integer),
        JsonValueKind.Number when json.TryGetDouble(out double real) => new(ValueKind.Double) { Double = real },
        JsonValueKind.String => Of(json.GetString()!),
        JsonValueKind.Array => new(ValueKind.List) { Json = json },
        JsonValueKind.Object => new(ValueKind.Map) { Json = json },
        _ => Error,
    };

    public bool IsNumber => Kind is ValueKind.Integer or ValueKind.Double;

    /// <summary>How many items a list or map has, or Unicode characters a string.</summary>
    public ExpressionValue Size() => Kind switch
    {
        ValueKind.String => Of(String.EnumerateRunes().LongCount()),
        ValueKind.List => Of(Items?.LongLength ?? Json.GetArrayLength()),
        ValueKind.Map => Of(Json.GetPropertyCount()),
        _ => Error,
    };

    /// <summary>A field of a map; an error when there is none.</summary>
    public ExpressionValue Field(string name) =>
        Kind == ValueKind.Map && Json.TryGetProperty(name, out JsonElement value) ? Of(value) : Error;

    /// <summary>Whether a map has a field.</summary>
    public ExpressionValue Has(string name) => Kind == ValueKind.Map ? Of(Json.TryGetProperty(name, out _)) : Error;

    public ExpressionValue At(ExpressionValue index)
    {
        if (Kind == ValueKind.Map && index.Kind == ValueKind.String)
            return Field(index.String);
        if (Kind != ValueKind.List || index.Kind != ValueKind.Integer || index.Integer < 0 || index.Integer >= Size().Integer)
            return Error;
        return Items is null ? Of(Json[(int)index.Integer]) : Items[index.Integer];
    }

    /// <summary>Whether a list has an item that equals this value, or a map a key.</summary>
    public ExpressionValue In(ExpressionValue whole)
    {
        if (Kind == ValueKind.Error)
            return Error;
        if (whole.Kind == ValueKind.Map)
            return Of(Kind == ValueKind.String && whole.Json.TryGetProperty(String, out _));
        if (whole.Kind != ValueKind.List)
            return Error;
        foreach (ExpressionValue item in whole.Each())
        {
            if (AreEqual(this, item))
                return Of(true);
        }

        return Of(false);
    }

    /// <summary>Equality as CEL has it: by value, numbers by their size, other kinds are never equal.</summary>
    public static bool AreEqual(ExpressionValue a, ExpressionValue b)
    {
        if (a.IsNumber && b.IsNumber)
            return a.Kind == ValueKind.Integer && b.Kind == ValueKind.Integer ? a.Integer == b.Integer : a.AsDouble() == b.AsDouble();
        if (a.Kind != b.Kind)
            return false;
        return a.Kind switch
        {
            ValueKind.Null => true,
            ValueKind.Boolean => a.Boolean == b.Boolean,
            ValueKind.String => string.Equals(a.String, b.String, StringComparison.Ordinal),
            ValueKind.List => a.Size().Integer == b.Size().Integer && a.Each().Zip(b.Each()).All(p => AreEqual(p.First, p.Second)),
            ValueKind.Map => JsonElement.DeepEquals(a.Json, b.Json),
            _ => false,
        };
    }

    /// <summary>Below zero, zero or above; null when the two have no order.</summary>
    public static int? Compare(ExpressionValue a, ExpressionValue b)
    {
        if (a.Kind == ValueKind.Integer && b.Kind == ValueKind.Integer)
            return a.Integer.CompareTo(b.Integer);
        if (a.IsNumber && b.IsNumber)
            return a.AsDouble().CompareTo(b.AsDouble());
        return a.Kind == ValueKind.String && b.Kind == ValueKind.String ? string.CompareOrdinal(a.String, b.String) : null;
    }

    private double AsDouble() => Kind == ValueKind.Integer ? Integer : Double;

    private IEnumerable<ExpressionValue> Each() => Items ?? Json.EnumerateArray().Select(Of);
}
