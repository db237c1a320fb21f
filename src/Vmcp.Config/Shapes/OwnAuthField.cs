using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;

namespace Vmcp.Config.Shapes;

/// <summary>
/// The older spelling of a backend's strategy: <c>auth</c> on the backend itself, with the strategy's fields beside <c>type</c>
/// or in the block of its name. It is only read; files are written with <c>outgoingAuth.backends</c>.
/// </summary>
internal sealed class OwnAuthField() : Field<BackendConfig>("auth")
{
    public override ValueForm Form => StrategyShapes.Strategy.Form;

    public override BackendConfig Read(BackendConfig target, Node node, string path, ReadContext context)
    {
        Node block = node is MapNode map && FlatBlock(map) is { } name ? Nested(map, name, path, context) : node;
        return StrategyShapes.Strategy.TryRead(block, path, context, out StrategyConfig strategy) ? target with { Auth = strategy } : target;
    }

    public override OutNode? Write(BackendConfig source) => null;

    // The name of the block whose fields lie beside the type, or null when there is a block, or the type has no settings.
    private static string? FlatBlock(MapNode map)
    {
        string? type = map.Entries.Where(e => e.Key.Text == "type").Select(e => (e.Value as ScalarNode)?.Text).FirstOrDefault();
        if (type is null || map.Entries.Any(e => e.Value is MapNode || IsBlockName(e.Key.Text)))
            return null;
        string name = string.Concat(
            type.Split('_').Select((part, i) => i == 0 || part.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));
        return name != "type" && StrategyShapes.Strategy.Keys.Contains(name) ? name : null;
    }

    private static bool IsBlockName(string key)
    {
        string name = key.Replace("_", "", StringComparison.Ordinal);
        return name != "type" && StrategyShapes.Strategy.Keys.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    private static MapNode Nested(MapNode map, string name, string path, ReadContext context)
    {
        // What lies in the block here lies beside the type in the file; reports speak of the file.
        context.Source.Flattened(Paths.Join(path, name));
        ImmutableArray<MapEntry> beside = [.. map.Entries.Where(e => e.Key.Text != "type")];
        if (beside.IsEmpty)
            return map;
        ScalarNode key = new(map.Line, name, ScalarKind.Text);
        return map with { Entries = [.. map.Entries.Where(e => e.Key.Text == "type"), new MapEntry(key, new MapNode(map.Line, beside))] };
    }
}
