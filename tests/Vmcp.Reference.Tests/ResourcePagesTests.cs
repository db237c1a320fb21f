using System.Text.Json.Nodes;
using Vmcp.CrdGenerator;
using Vmcp.Resources;

namespace Vmcp.Reference.Tests;

public sealed class ResourcePagesTests
{
    private static readonly Dictionary<string, string> Written = new(Pages.All());

    public static TheoryData<string> Kinds => [.. ToolHive.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_field_of_a_kind_has_a_line(string kind)
    {
        JsonNode schema = Schema(kind);
        string page = Written[$"{kind.ToLowerInvariant()}.md"];

        foreach (string part in (string[])["spec", "status"])
        {
            foreach (string path in Paths(part, schema["properties"]![part]!))
            {
                string section = path[..path.LastIndexOf('.')];
                Section(page, section).ShouldContain($"\n| `{path[(section.Length + 1)..]}` | ", customMessage: $"{kind}: {path}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_rule_of_a_kind_is_told_with_its_message(string kind)
    {
        string page = Written[$"{kind.ToLowerInvariant()}.md"];

        foreach (JsonNode? rule in Rules(Schema(kind)).Where(r => !r.GetValue<string>().Contains('`', StringComparison.Ordinal)))
            page.ShouldContain($"(`{rule!.GetValue<string>()}`)");
    }

    [Fact]
    public void A_field_says_type_default_limits_and_whether_it_is_required()
    {
        string page = Written["mcpserver.md"];

        page.ShouldContain("| `image` | string | **required** | The server's image. |");
        page.ShouldContain("| `proxyPort` | integer | `8080` | The proxy's port. From 1 to 65535. |");
        page.ShouldContain("| `transport` | string | `stdio` | The transport the server itself speaks. One of `stdio`, `streamable-http`, `sse`. |");
        page.ShouldContain("| `tools` | list of [object](#spec.rateLimiting.tools) |");
        page.ShouldContain("| short names | `mcpserver`, `mcpservers` |");
        page.ShouldContain("| Ready | string | `.status.conditions[?(@.type=='Ready')].status` |");
        page.ShouldContain("* authzConfig and authzConfigRef are mutually exclusive (`!(has(self.authzConfig) && has(self.authzConfigRef))`)");
    }

    [Fact]
    public void Only_the_server_points_to_the_configuration_file() =>
        Written.Where(page => page.Value.Contains("`spec.config` is the document of", StringComparison.Ordinal)).Select(page => page.Key)
            .ShouldBe(["virtualmcpserver.md"]);

    private static JsonNode Schema(string kind)
    {
        JsonObject definition = Definitions.All().Single(d => d["spec"]!["names"]!["kind"]!.GetValue<string>() == kind);
        return definition["spec"]!["versions"]!.AsArray().Single(v => v!["storage"]!.GetValue<bool>())!["schema"]!["openAPIV3Schema"]!;
    }

    private static IEnumerable<string> Paths(string at, JsonNode schema)
    {
        JsonNode holder = schema["items"] ?? schema["additionalProperties"] ?? schema;
        return (holder["properties"]?.AsObject() ?? []).SelectMany(p => Paths($"{at}.{p.Key}", p.Value!).Prepend($"{at}.{p.Key}"));
    }

    private static IEnumerable<JsonNode> Rules(JsonNode? node) => node switch
    {
        JsonObject map => [
            .. (map["x-kubernetes-validations"]?.AsArray() ?? []).Select(r => r!["rule"]!),
            .. map.Where(m => m.Key != "x-kubernetes-validations").SelectMany(m => Rules(m.Value)),
        ],
        JsonArray list => list.SelectMany(Rules),
        _ => [],
    };

    private static string Section(string page, string anchor)
    {
        int begin = page.IndexOf($"<a id=\"{anchor}\"></a>", StringComparison.Ordinal);
        begin.ShouldBeGreaterThan(0, anchor);
        int end = page.IndexOf("<a id=\"", begin + 1, StringComparison.Ordinal);
        return end < 0 ? page[begin..] : page[begin..end];
    }
}
