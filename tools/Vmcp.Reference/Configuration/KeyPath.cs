using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Config.Shapes;

namespace Vmcp.Reference.Configuration;

/// <summary>Where a map with known keys stands in the file.</summary>
/// <param name="Steps">The keys that lead there from the top, each with the map it is in.</param>
internal sealed record KeyPath(ImmutableArray<KeyStep> Steps)
{
    /// <summary>Stands for a key the user chooses.</summary>
    private const string Chosen = "<name>";

    /// <summary>The path of the whole file.</summary>
    public static KeyPath Top { get; } = new([]);

    /// <summary>The path of what a key holds, or of each value in it.</summary>
    public KeyPath Then(ValueForm.Keyed map, string key, ValueForm form) => new(Steps.Add(new KeyStep(map, key, form)));

    /// <summary>The path of a key here, as problems spell it with indices left out.</summary>
    public string Of(string key) => Steps.IsEmpty ? key : $"{this}.{key}";

    /// <summary>The smallest file that has this map with these entries.</summary>
    public JsonObject File(JsonObject entries)
    {
        JsonObject inner = entries;
        foreach (KeyStep step in Steps.Reverse())
        {
            JsonObject outer = step.Around();
            outer[step.Key] = step.Form switch
            {
                ValueForm.ListOf => new JsonArray(inner),
                ValueForm.MapOf => new JsonObject { [Chosen] = inner },
                _ => inner,
            };
            inner = outer;
        }

        return inner;
    }

    /// <summary>As a reader writes it: <c>backends[]</c>, <c>outgoingAuth.backends.&lt;name&gt;</c>.</summary>
    public override string ToString() => string.Join('.', Steps.Select(step => step.Form switch
    {
        ValueForm.ListOf => $"{step.Key}[]",
        ValueForm.MapOf => $"{step.Key}.{Chosen}",
        _ => step.Key,
    }));
}

/// <summary>One key on the way.</summary>
/// <param name="Map">The map it is in.</param>
/// <param name="Key">The key.</param>
/// <param name="Form">What it holds.</param>
internal sealed record KeyStep(ValueForm.Keyed Map, string Key, ValueForm Form)
{
    /// <summary>What has to stand beside the key: a <c>tokenExchange</c> block is read only with <c>type: token_exchange</c>.</summary>
    public JsonObject Around()
    {
        JsonObject beside = [];
        string word = string.Concat(Key.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{c}"));
        foreach ((string name, ValueForm form) in Map.Keys())
        {
            if (form is ValueForm.Word { Words: var words } && words.Any(w => w.Key == word))
                beside[name] = word;
        }

        return beside;
    }
}
