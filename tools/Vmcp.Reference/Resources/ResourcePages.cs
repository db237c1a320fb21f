using System.Text;
using System.Text.Json.Nodes;
using Vmcp.CrdGenerator;
using Vmcp.Reference.Text;
using Vmcp.Resources;

namespace Vmcp.Reference.Resources;

/// <summary>A page for each kind, and one that lists them; from the definitions the cluster gets.</summary>
internal static class ResourcePages
{
    private const string Source = "src/Vmcp.Resources";

    public static IEnumerable<KeyValuePair<string, string>> All()
    {
        IReadOnlyList<JsonObject> definitions = [.. Definitions.All(new MarkdownText()).Select(d => d["spec"]!.AsObject())];
        yield return new("resources.md", Index(definitions));
        foreach (JsonObject definition in definitions)
            yield return new(FileName(definition), Page(definition));
    }

    private static string Index(IReadOnlyList<JsonObject> definitions)
    {
        StringBuilder page = Markdown.Page("Resources", Source);
        page.Append($"""

            Every field of the {definitions.Count} kinds that [vmcp-operator](../operator.md) and a gateway in [discovered mode](../modes.md) read: type,
            default, limits, meaning, and the rules the API server checks before it takes an object. `kubectl explain vmcp.spec` shows fields and
            meanings in a cluster with the definitions installed.

            """);
        Markdown.Table(page, ["kind", "short names", "what it is"], definitions.Select(d => new[]
        {
            $"[{Kind(d)}]({FileName(d)})", Codes(d["names"]!["shortNames"]!), Markdown.Sentence(Schema(d)["description"]!.GetValue<string>()),
        }));
        return page.ToString();
    }

    private static string Page(JsonObject definition)
    {
        JsonObject stored = Stored(definition);
        JsonNode schema = Schema(definition);
        JsonNode names = definition["names"]!;
        string group = definition["group"]!.GetValue<string>();
        StringBuilder page = Markdown.Page(Kind(definition), Source);
        page.Append('\n').Append(Markdown.Sentence(schema["description"]!.GetValue<string>())).Append('\n');
        string older = string.Join(", ", definition["versions"]!.AsArray().Where(v => v!["deprecated"] is not null)
            .Select(v => Markdown.Code($"{group}/{v!["name"]}")));
        Markdown.Table(page, ["in the API", ""],
        [
            ["apiVersion", Markdown.Code($"{group}/{stored["name"]}") + (older.Length > 0 ? $"; deprecated, with the same fields: {older}" : "")],
            ["kind", Markdown.Code(Kind(definition))],
            ["plural", Markdown.Code(names["plural"]!.GetValue<string>())],
            ["short names", Codes(names["shortNames"]!)],
            ["categories", Codes(names["categories"]!)],
            ["scope", definition["scope"]!.GetValue<string>().ToLowerInvariant()],
        ]);
        page.Append("\nColumns of `kubectl get`:\n");
        Markdown.Table(page, ["column", "type", "where from"], stored["additionalPrinterColumns"]!.AsArray().Select(c => new[]
        {
            Markdown.Escape(c!["name"]!.GetValue<string>()), c["type"]!.GetValue<string>(), Markdown.Code(c["jsonPath"]!.GetValue<string>()),
        }));
        if (Kind(definition) == ToolHive.VirtualMCPServer.Kind)
            page.Append("\n`spec.config` is the document of the [configuration file](configuration.md), which says what is not supported yet.\n");
        foreach (string part in (string[])["spec", "status"])
            new ObjectSections(page).Write(part, schema["properties"]![part]!.AsObject());
        return page.ToString();
    }

    private static JsonObject Stored(JsonObject definition) => definition["versions"]!.AsArray().Single(v => v!["storage"]!.GetValue<bool>())!.AsObject();

    private static JsonNode Schema(JsonObject definition) => Stored(definition)["schema"]!["openAPIV3Schema"]!;

    private static string Kind(JsonObject definition) => definition["names"]!["kind"]!.GetValue<string>();

    private static string FileName(JsonObject definition) => definition["names"]!["singular"]!.GetValue<string>() + ".md";

    private static string Codes(JsonNode texts) => string.Join(", ", texts.AsArray().Select(t => Markdown.Code(t!.GetValue<string>())));
}
