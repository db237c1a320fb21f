using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;

namespace Vmcp.Core.Tests.Catalogs;

/// <summary>Short words for merge tests.</summary>
internal static class Merging
{
    public static CapabilityItem Tool(string name, string? rest = null) => Raw(name, $$"""{"name":{{Quote(name)}}{{rest ?? ""","inputSchema":{"type":"object"}"""}}}""");

    public static CapabilityItem Resource(string uri, string label = "x") => Raw(uri, $$"""{"uri":{{Quote(uri)}},"name":{{Quote(label)}}}""");

    public static CapabilityItem Template(string template) => Raw(template, $$"""{"uriTemplate":{{Quote(template)}},"name":"t"}""");

    public static CapabilityItem Raw(string key, string json) => new(key, Encoding.UTF8.GetBytes(json));

    public static MergeInput Backend(string name, params string[] tools) => Backend(name, [.. tools.Select(t => Tool(t))]);

    public static MergeInput Backend(
        string name,
        ImmutableArray<CapabilityItem> tools,
        ImmutableArray<CapabilityItem>? prompts = null,
        ImmutableArray<CapabilityItem>? resources = null,
        ImmutableArray<CapabilityItem>? templates = null) =>
        new(
            name,
            new BackendCapabilities
            {
                Revision = "2025-11-25",
                Tools = tools,
                Prompts = prompts ?? [],
                Resources = resources ?? [],
                ResourceTemplates = templates ?? [],
            },
            Listed: true);

    public static MergeInput Away(this MergeInput input) => input with { Listed = false };

    public static AggregationPolicy Prefix(params (string Backend, ToolRules Rules)[] rules) =>
        new() { Strategy = ConflictStrategy.Prefix, Tools = Map(rules) };

    public static AggregationPolicy Priority(params string[] order) => new() { Strategy = ConflictStrategy.Priority, PriorityOrder = [.. order] };

    public static AggregationPolicy Manual(params (string Backend, ToolRules Rules)[] rules) =>
        new() { Strategy = ConflictStrategy.Manual, Tools = Map(rules) };

    public static ToolRules Override(string tool, ToolOverride change) => Overrides((tool, change));

    public static ToolRules Overrides(params (string Tool, ToolOverride Change)[] changes) =>
        new() { Overrides = changes.ToFrozenDictionary(c => c.Tool, c => c.Change) };

    public static ToolRules Renames(params (string Tool, string Name)[] names) =>
        Overrides([.. names.Select(n => (n.Tool, new ToolOverride { Name = n.Name }))]);

    public static Catalog Merge(AggregationPolicy policy, params MergeInput[] inputs) => CatalogMerge.Merge(1, inputs, policy);

    public static string[] Keys(this CatalogList list) => [.. list.Entries.Select(e => e.Key)];

    public static string Text(this CatalogList list, string key) => Encoding.UTF8.GetString(list.Entries.Single(e => e.Key == key).Json.Span);

    public static string[] NamesInJson(this CatalogList list, string member) =>
        [.. list.Entries.Select(e => JsonDocument.Parse(e.Json).RootElement.GetProperty(member).GetString()!)];

    public static string Reached(this Catalog catalog, string tool) => $"{catalog.ToolRoutes[tool].Backend}/{catalog.ToolRoutes[tool].OriginalName}";

    private static FrozenDictionary<string, ToolRules> Map((string Backend, ToolRules Rules)[] rules) =>
        rules.ToFrozenDictionary(r => r.Backend, r => r.Rules);

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
