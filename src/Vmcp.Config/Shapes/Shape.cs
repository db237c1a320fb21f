using System.Collections.Immutable;
using System.Text;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;

namespace Vmcp.Config.Shapes;

/// <summary>One known key of a map.</summary>
internal abstract class Field<T>(string name)
{
    public string Name => name;

    /// <summary>How its value is written.</summary>
    public abstract ValueForm Form { get; }

    public virtual IReadOnlyCollection<string> KeysInside => [];

    public abstract T Read(T target, Node node, string path, ReadContext context);

    /// <summary>The value as YAML, or null when it is not set.</summary>
    public abstract OutNode? Write(T source);
}

/// <summary>A map with known keys, read into a record. Keys may be written in camelCase or snake_case.</summary>
/// <remarks>Built once, in static fields, by the calls in <see cref="ShapeFields"/>; the order of the calls is the order of writing.</remarks>
/// <param name="empty">The record when nothing is written.</param>
internal sealed class Shape<T>(T empty) : Kind<T>
    where T : class
{
    private readonly List<Field<T>> _fields = [];

    public override ValueForm Form => new ValueForm.Keyed(typeof(T), () => _fields.Select(f => KeyValuePair.Create(f.Name, f.Form)));

    public override IReadOnlyCollection<string> Keys => [.. _fields.Select(f => f.Name)];

    public Shape<T> Add(Field<T> field)
    {
        _fields.Add(field);
        return this;
    }

    /// <summary>Always gives a record, so that what is around a broken map is still checked and list places stay right.</summary>
    public override bool TryRead(Node node, string path, ReadContext context, out T value)
    {
        value = empty;
        if (node is MapNode map)
            value = ReadEntries(map, path, context);
        else
            context.WrongKind(path, node, "a map");
        return true;
    }

    public override OutNode Write(T value)
    {
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, OutNode>>();
        foreach (Field<T> field in _fields)
        {
            if (field.Write(value) is { } node)
                entries.Add(new KeyValuePair<string, OutNode>(field.Name, node));
        }

        return new OutMap(entries.ToImmutable());
    }

    private T ReadEntries(MapNode map, string path, ReadContext context)
    {
        T value = empty;
        Dictionary<string, MapEntry> seen = new(StringComparer.Ordinal);
        foreach (MapEntry entry in context.UniqueEntries(map, path))
        {
            string name = CamelCase(entry.Key.Text);
            string fieldPath = Paths.Join(path, name);
            Field<T>? field = _fields.Find(f => f.Name == name);
            if (field is null)
            {
                Unknown(entry, name, path, context);
            }
            else if (!seen.TryAdd(name, entry))
            {
                ScalarNode first = seen[name].Key;
                context.Error(
                    fieldPath, entry.Key.Line, $"\"{entry.Key.Shown}\" is the same key as \"{first.Shown}\" in line {first.Line}", "keep one");
            }
            else
            {
                context.Source.Mark(fieldPath, entry.Key.Line);
                if (entry.Value is not ScalarNode { Type: ScalarKind.Null })
                    value = field.Read(value, entry.Value, fieldPath, context);
            }
        }

        return value;
    }

    private void Unknown(MapEntry entry, string name, string path, ReadContext context)
    {
        string? inside = null;
        string? outer = null;
        if (!Keys.Any(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            foreach (Field<T> field in _fields)
            {
                if (field.KeysInside.Contains(name))
                    (outer, inside) = (field.Name, name);
            }
        }

        string? remedy = entry.Key.Text == "<<"
            ? "merge keys are not part of YAML 1.2; repeat the keys"
            : inside is not null
                ? $"it belongs inside {outer}: {outer}.{inside}"
                : NearMatch.Remedy(name, Keys, "known keys");
        context.Error(Paths.Join(path, entry.Key.Shown), entry.Key.Line, "unknown key", remedy);
    }

    private static string CamelCase(string key)
    {
        if (!key.Contains('_', StringComparison.Ordinal))
            return key;
        StringBuilder name = new(key.Length);
        for (int i = 0; i < key.Length; i++)
        {
            if (key[i] == '_' && i > 0 && i + 1 < key.Length && char.IsAsciiLetterLower(key[i + 1]))
                name.Append(char.ToUpperInvariant(key[++i]));
            else
                name.Append(key[i]);
        }

        return name.ToString();
    }
}
