using System.Text;
using System.Text.RegularExpressions;

namespace Vmcp.TestKit;

/// <summary>What a backend offers now, in the order it was added.</summary>
internal sealed class ItemStore
{
    private readonly Lock _gate = new();
    private readonly List<BackendItem> _items = [];

    public void Put(BackendItem item)
    {
        lock (_gate)
        {
            int at = _items.FindIndex(i => i.Kind == item.Kind && i.Key == item.Key);
            if (at < 0)
                _items.Add(item);
            else
                _items[at] = item;
        }
    }

    public bool Remove(ItemKind kind, string key)
    {
        lock (_gate)
            return _items.RemoveAll(i => i.Kind == kind && i.Key == key) > 0;
    }

    public IReadOnlyList<BackendItem> List(ItemKind kind, Audience? audience = null)
    {
        lock (_gate)
            return [.. _items.Where(i => i.Kind == kind && (audience is null || i.IsFor(audience)))];
    }

    public BackendItem? Find(ItemKind kind, string key, Audience audience) => List(kind, audience).FirstOrDefault(i => i.Key == key);

    /// <summary>The first template that matches the URI; <c>{x}</c> stands for one path segment, <c>{+x}</c> for the rest.</summary>
    public BackendItem? Match(string uri, Audience audience) => List(ItemKind.Templates, audience).FirstOrDefault(t => Matches(t.Key, uri));

    private static bool Matches(string template, string uri)
    {
        var pattern = new StringBuilder("^");
        int at = 0;
        foreach (Match hole in Regex.Matches(template, @"\{(\+?)[^}]+\}"))
        {
            pattern.Append(Regex.Escape(template[at..hole.Index])).Append(hole.Groups[1].Length > 0 ? ".+" : "[^/]+");
            at = hole.Index + hole.Length;
        }

        return Regex.IsMatch(uri, pattern.Append(Regex.Escape(template[at..])).Append('$').ToString());
    }
}
