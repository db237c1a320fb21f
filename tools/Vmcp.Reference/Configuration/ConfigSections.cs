using System.Reflection;
using Vmcp.Config.Shapes;

namespace Vmcp.Reference.Configuration;

/// <summary>One key.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Form">What it holds.</param>
/// <param name="Property">The property it is read into, which says what it means.</param>
internal sealed record ConfigKey(string Name, ValueForm Form, PropertyInfo Property)
{
    /// <summary>The map with known keys that it holds, or that each of its values is; null when there is none.</summary>
    public ValueForm.Keyed? Inside => Single(Form) as ValueForm.Keyed;

    /// <summary>What a list or map holds; else the form itself.</summary>
    public static ValueForm Single(ValueForm form) => form switch
    {
        ValueForm.ListOf list => Single(list.Item),
        ValueForm.MapOf map => Single(map.Item),
        _ => form,
    };
}

/// <summary>The keys of one record, and where in the file they can stand.</summary>
/// <param name="Map">The record.</param>
/// <param name="Keys">Its keys, in the order they are written.</param>
/// <param name="Paths">Where it stands; the first gives the section its name.</param>
internal sealed record ConfigSection(ValueForm.Keyed Map, IReadOnlyList<ConfigKey> Keys, List<KeyPath> Paths)
{
    /// <summary>The path it is named after.</summary>
    public KeyPath First => Paths[0];

    /// <summary>The name links use.</summary>
    public string Anchor => First.Steps.IsEmpty ? "file" : string.Join('.', First.Steps.Select(step => step.Key));
}

/// <summary>The sections of the configuration: each record once, outer before inner, as the strict reader knows them.</summary>
internal sealed class ConfigSections
{
    private readonly List<ConfigSection> _all = [];

    // Read into no public property: an older spelling of a place that has its section.
    private readonly List<(ValueForm.Keyed Map, KeyPath Path)> _older = [];

    private ConfigSections()
    {
    }

    public IReadOnlyList<ConfigSection> All => _all;

    public static ConfigSections OfGateway()
    {
        ConfigSections sections = new();
        sections.Visit((ValueForm.Keyed)GatewayShape.Gateway.Form, KeyPath.Top);
        foreach ((ValueForm.Keyed map, KeyPath path) in sections._older)
            sections.Visit(map, path);
        return sections;
    }

    /// <summary>The section of a record.</summary>
    public ConfigSection Of(Type record) => _all.Single(section => section.Map.Record == record);

    private void Visit(ValueForm.Keyed map, KeyPath path)
    {
        if (_all.Find(section => section.Map.Record == map.Record) is { } known)
        {
            known.Paths.Add(path);
            return;
        }

        ConfigKey[] keys = [.. map.Keys().Select(key => new ConfigKey(key.Key, key.Value, Property(map.Record, key.Key)))];
        _all.Add(new ConfigSection(map, keys, [path]));
        foreach (ConfigKey key in keys)
        {
            if (key.Inside is not { } inside)
                continue;
            KeyPath there = path.Then(map, key.Name, key.Form);
            if (key.Property.GetMethod!.IsPublic)
                Visit(inside, there);
            else
                _older.Add((inside, there));
        }
    }

    private static PropertyInfo Property(Type record, string key) =>
        record.GetProperty(char.ToUpperInvariant(key[0]) + key[1..], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException($"{record.Name} has no property for the key {key}; the reference could not say what it means");
}
