using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Config.Writing;
using Vmcp.Core.Backends;
using Vmcp.Core.Values;

namespace Vmcp.Config.Shapes;

/// <summary>Adds keys to a shape. What is null, or an empty list or map, is not written.</summary>
internal static class ShapeFields
{
    public static Shape<T> Text<T>(this Shape<T> shape, string name, Func<T, string?> get, Func<T, string, T> with)
        where T : class => shape.Of(name, Kinds.Text, get, with);

    public static Shape<T> Secret<T>(this Shape<T> shape, string name, Func<T, Secret?> get, Func<T, Secret, T> with)
        where T : class => shape.Of(name, Kinds.Secret, get, with);

    public static Shape<T> Flag<T>(this Shape<T> shape, string name, Func<T, bool?> get, Func<T, bool, T> with)
        where T : class => shape.Value(name, Kinds.Boolean, get, with);

    public static Shape<T> Integer<T>(this Shape<T> shape, string name, Func<T, long?> get, Func<T, long, T> with)
        where T : class => shape.Value(name, Kinds.Integer, get, with);

    public static Shape<T> Long<T>(this Shape<T> shape, string name, Func<T, long?> get, Func<T, long, T> with)
        where T : class => shape.Value(name, Kinds.Long, get, with);

    public static Shape<T> Decimal<T>(this Shape<T> shape, string name, Func<T, decimal?> get, Func<T, decimal, T> with)
        where T : class => shape.Value(name, Kinds.Decimal, get, with);

    public static Shape<T> Duration<T>(this Shape<T> shape, string name, Func<T, TimeSpan?> get, Func<T, TimeSpan, T> with)
        where T : class => shape.Value(name, Kinds.Duration, get, with);

    public static Shape<T> Texts<T>(this Shape<T> shape, string name, Func<T, EquatableArray<string>> get, Func<T, EquatableArray<string>, T> with)
        where T : class => shape.List(name, Kinds.Text, get, with);

    public static Shape<T> TextMap<T>(this Shape<T> shape, string name, Func<T, SortedMap<string>> get, Func<T, SortedMap<string>, T> with)
        where T : class => shape.Map(name, Kinds.Text, get, with);

    /// <summary>A key whose value is a reference type.</summary>
    public static Shape<T> Of<T, TValue>(this Shape<T> shape, string name, Kind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> with)
        where T : class
        where TValue : class => shape.Add(new ReferenceField<T, TValue>(name, kind, get, with));

    /// <summary>A key whose value is a value type.</summary>
    public static Shape<T> Value<T, TValue>(this Shape<T> shape, string name, Kind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> with)
        where T : class
        where TValue : struct => shape.Add(new ValueField<T, TValue>(name, kind, get, with));

    /// <summary>A word that may also be written as an empty string, which means absent.</summary>
    public static Shape<T> OptionalWord<T, TValue>(
        this Shape<T> shape, string name, Kind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> with)
        where T : class
        where TValue : struct => shape.Add(new OptionalWordField<T, TValue>(name, kind, get, with));

    public static Shape<T> List<T, TItem>(
        this Shape<T> shape, string name, Kind<TItem> item, Func<T, EquatableArray<TItem>> get, Func<T, EquatableArray<TItem>, T> with)
        where T : class => shape.Value(name, new ListKind<TItem>(item), source => get(source) is { IsEmpty: false } list ? list : null, with);

    /// <summary>A map whose keys the user chooses.</summary>
    public static Shape<T> Map<T, TItem>(
        this Shape<T> shape, string name, Kind<TItem> item, Func<T, SortedMap<TItem>> get, Func<T, SortedMap<TItem>, T> with)
        where T : class => shape.Of(name, new MapKind<TItem>(item), source => get(source) is { IsEmpty: false } map ? map : null, with);

    private sealed class ReferenceField<T, TValue>(string name, Kind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> with) : Field<T>(name)
        where TValue : class
    {
        public override ValueForm Form => kind.Form;

        public override IReadOnlyCollection<string> KeysInside => kind.Keys;

        public override T Read(T target, Node node, string path, ReadContext context) =>
            kind.TryRead(node, path, context, out TValue? value) ? with(target, value) : target;

        public override OutNode? Write(T source) => get(source) is { } value ? kind.Write(value) : null;
    }

    private sealed class ValueField<T, TValue>(string name, Kind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> with) : Field<T>(name)
        where TValue : struct
    {
        public override ValueForm Form => kind.Form;

        public override T Read(T target, Node node, string path, ReadContext context) =>
            kind.TryRead(node, path, context, out TValue value) ? with(target, value) : target;

        public override OutNode? Write(T source) => get(source) is { } value ? kind.Write(value) : null;
    }

    private sealed class OptionalWordField<T, TValue>(string name, Kind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> with) : Field<T>(name)
        where TValue : struct
    {
        public override ValueForm Form => kind.Form;

        public override T Read(T target, Node node, string path, ReadContext context) =>
            node is ScalarNode { Text: "" } || !kind.TryRead(node, path, context, out TValue value) ? target : with(target, value);

        public override OutNode? Write(T source) => get(source) is { } value ? kind.Write(value) : null;
    }
}
