using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Apply;

/// <summary>Who owns fields: a manager by name, by what it does, and at which endpoint.</summary>
internal readonly record struct Owner(string Manager, bool Applies, string Subresource) : IComparable<Owner>
{
    public int CompareTo(Owner other)
    {
        int order = other.Applies.CompareTo(Applies);
        order = order != 0 ? order : string.CompareOrdinal(Manager, other.Manager);
        return order != 0 ? order : string.CompareOrdinal(Subresource, other.Subresource);
    }
}

/// <summary>The fields one owner has, and since when they are these.</summary>
internal sealed class Owned(HashSet<string> paths, DateTimeOffset since)
{
    private JsonElement? _fields;

    public HashSet<string> Paths => paths;

    public DateTimeOffset Since => since;

    public JsonElement Fields => _fields ??= FieldPath.ToFieldsV1(paths);
}

/// <summary>The owners of one object's fields (<c>metadata.managedFields</c>). Never changes.</summary>
internal sealed class Owners
{
    private static readonly string Metadata = FieldPath.Field("", "metadata");
    private readonly ImmutableSortedDictionary<Owner, Owned> _all;

    private Owners(ImmutableSortedDictionary<Owner, Owned> all) => _all = all;

    public static Owners None { get; } = new(ImmutableSortedDictionary<Owner, Owned>.Empty);

    /// <summary>The fields of an owner; empty when it has none.</summary>
    public IReadOnlySet<string> Of(Owner owner) => _all.TryGetValue(owner, out Owned? owned) ? owned.Paths : new HashSet<string>();

    /// <summary>After a write that is no apply: who writes a field owns it alone.</summary>
    public Owners Written(Owner writer, FieldChanges changes, DateTimeOffset now)
    {
        if (changes.None)
            return this;
        var paths = new HashSet<string>(Of(writer), StringComparer.Ordinal);
        paths.UnionWith(changes.Written);
        paths.ExceptWith(changes.Removed);
        return Without(changes, except: writer, now).With(writer, paths, now);
    }

    /// <summary>After an apply of exactly <paramref name="wanted"/>, which changed the object by <paramref name="changes"/>.</summary>
    public Owners Applied(Owner applier, HashSet<string> wanted, FieldChanges changes, DateTimeOffset now) =>
        Without(changes, except: applier, now).With(applier, wanted, now);

    /// <summary>Who else owns one of the fields, with those fields.</summary>
    public IEnumerable<(Owner Owner, string[] Paths)> Others(Owner writer, HashSet<string> written) =>
        from other in _all
        where other.Key != writer
        let paths = other.Value.Paths.Where(written.Contains).Order(StringComparer.Ordinal).ToArray()
        where paths.Length > 0
        select (other.Key, paths);

    /// <summary>
    /// What goes when the applier no longer names it: fields and items, and the fields they were in, unless it is named still or somebody else
    /// has something in there. An item of a list is kept only by who owns the item itself: with a field in it alone it goes.
    /// </summary>
    public HashSet<string> NoLongerWanted(Owner applier, HashSet<string> wanted)
    {
        HashSet<string> gone = Closure(Of(applier));
        if (gone.Count == 0)
            return gone;
        gone.ExceptWith(Closure(wanted));
        // An object without metadata is none.
        gone.Remove(Metadata);
        foreach ((Owner other, Owned owned) in _all)
        {
            if (gone.Count > 0 && other != applier)
                gone.ExceptWith(Closure(owned.Paths));
        }

        return gone;
    }

    public bool SameAs(Owners other) =>
        ReferenceEquals(this, other)
        || (_all.Count == other._all.Count && _all.All(o => other._all.TryGetValue(o.Key, out Owned? owned) && owned.Paths.SetEquals(o.Value.Paths)));

    /// <summary><c>metadata.managedFields</c>.</summary>
    public JsonArray ToJson(string apiVersion)
    {
        var entries = new JsonArray();
        foreach ((Owner owner, Owned owned) in _all)
        {
            var entry = new JsonObject
            {
                ["manager"] = owner.Manager,
                ["operation"] = owner.Applies ? "Apply" : "Update",
                ["apiVersion"] = apiVersion,
                ["time"] = owned.Since.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = JsonObject.Create(owned.Fields),
            };
            if (owner.Subresource.Length > 0)
                entry["subresource"] = owner.Subresource;
            entries.Add((JsonNode)entry);
        }

        return entries;
    }

    private static HashSet<string> Closure(IEnumerable<string> paths)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            foreach (string part in FieldPath.WithParents(path))
            {
                if (part.Length == path.Length || FieldPath.EndsInField(part))
                    all.Add(part);
            }
        }

        return all;
    }

    private Owners With(Owner owner, HashSet<string> paths, DateTimeOffset now)
    {
        if (paths.Count == 0)
            return new Owners(_all.Remove(owner));
        return _all.TryGetValue(owner, out Owned? before) && before.Paths.SetEquals(paths)
            ? this
            : new Owners(_all.SetItem(owner, new Owned(paths, now)));
    }

    private Owners Without(FieldChanges changes, Owner except, DateTimeOffset now)
    {
        Owners left = this;
        foreach ((Owner other, Owned owned) in _all)
        {
            if (other == except || !(owned.Paths.Overlaps(changes.Written) || owned.Paths.Overlaps(changes.Removed)))
                continue;
            var paths = new HashSet<string>(owned.Paths, StringComparer.Ordinal);
            paths.ExceptWith(changes.Written);
            paths.ExceptWith(changes.Removed);
            left = left.With(other, paths, now);
        }

        return left;
    }
}
