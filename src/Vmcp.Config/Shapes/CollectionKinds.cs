using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Config.Writing;
using Vmcp.Core.Values;

namespace Vmcp.Config.Shapes;

/// <summary>A list of values of one kind.</summary>
internal sealed class ListKind<T>(Kind<T> item) : Kind<EquatableArray<T>>
{
    public override ValueForm Form => new ValueForm.ListOf(item.Form);

    public override bool TryRead(Node node, string path, ReadContext context, out EquatableArray<T> value)
    {
        value = default;
        if (node is not ListNode list)
        {
            context.WrongKind(path, node, "a list", node is ScalarNode ? "write [value]" : null);
            return false;
        }

        var items = ImmutableArray.CreateBuilder<T>(list.Items.Length);
        for (int i = 0; i < list.Items.Length; i++)
        {
            string itemPath = Paths.Item(path, i);
            context.Source.Mark(itemPath, list.Items[i].Line);
            if (item.TryRead(list.Items[i], itemPath, context, out T? read))
                items.Add(read);
        }

        value = new EquatableArray<T>(items.ToImmutable());
        return true;
    }

    public override OutNode Write(EquatableArray<T> value) => new OutList([.. value.Items.Select(item.Write)]);
}

/// <summary>A map whose keys the user chooses: names, headers. Keys stay as written.</summary>
internal sealed class MapKind<T>(Kind<T> item) : Kind<SortedMap<T>>
{
    public override ValueForm Form => new ValueForm.MapOf(item.Form);

    public override bool TryRead(Node node, string path, ReadContext context, [MaybeNullWhen(false)] out SortedMap<T> value)
    {
        value = null;
        if (node is not MapNode map)
        {
            context.WrongKind(path, node, "a map");
            return false;
        }

        List<KeyValuePair<string, T>> entries = [];
        foreach (MapEntry entry in context.UniqueEntries(map, path))
        {
            string entryPath = Paths.Join(path, entry.Key.Text);
            context.Source.Mark(entryPath, entry.Key.Line);
            if (entry.Key is { Type: ScalarKind.Null, Text: "" })
                context.Error(entryPath, entry.Key.Line, "a key is missing before the colon");
            else if (item.TryRead(entry.Value, entryPath, context, out T? read))
                entries.Add(new KeyValuePair<string, T>(entry.Key.Text, read));
        }

        value = SortedMap.Create(entries);
        return true;
    }

    public override OutNode Write(SortedMap<T> value) =>
        new OutMap([.. value.Select(e => new KeyValuePair<string, OutNode>(e.Key, item.Write(e.Value)))]);
}
