using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class HeaderParameterTests
{
    [Fact]
    public void Marked_primitives_are_found_with_their_path()
    {
        Catalog catalog = Schema("""
            "region":{"type":"string","x-mcp-header":"Region"},
            "n":{"type":["integer","null"],"x-mcp-header":"N"},
            "deep":{"type":"object","properties":{"flag":{"type":"boolean","x-mcp-header":"X-Flag"}}},
            "plain":{"type":"string"}
            """);

        catalog.ToolRoutes["a_t"].HeaderParameters.Select(p => $"{p.Header}={string.Join('/', p.Path)}")
            .ShouldBe(["Region=region", "N=n", "X-Flag=deep/flag"]);
        catalog.Tools.Text("a_t").ShouldContain("x-mcp-header");
    }

    [Theory]
    [InlineData(""" "a":{"type":"string","x-mcp-header":""} """)]
    [InlineData(""" "a":{"type":"string","x-mcp-header":7} """)]
    [InlineData(""" "a":{"type":"string","x-mcp-header":"two words"} """)]
    [InlineData(""" "a":{"type":"string","x-mcp-header":"A:B"} """)]
    [InlineData(""" "a":{"type":"string","x-mcp-header":"É"} """)]
    [InlineData(""" "a":{"type":"string","x-mcp-header":"X"},"b":{"type":"string","x-mcp-header":"x"} """)]
    [InlineData(""" "a":{"type":"object","x-mcp-header":"X"} """)]
    [InlineData(""" "a":{"type":"array","x-mcp-header":"X"} """)]
    [InlineData(""" "a":{"type":"number","x-mcp-header":"X"} """)]
    [InlineData(""" "a":{"x-mcp-header":"X"} """)]
    [InlineData(""" "a":{"type":"array","items":{"type":"string","x-mcp-header":"X"}} """)]
    [InlineData(""" "a":{"oneOf":[{"type":"string","x-mcp-header":"X"}]} """)]
    [InlineData(""" "a":{"type":"object","additionalProperties":{"type":"string","x-mcp-header":"X"}} """)]
    [InlineData(""" "a":{"anyOf":[{"properties":{"b":{"type":"string","x-mcp-header":"X"}}}]} """)]
    [InlineData(""" "a":{"type":"string","x-mcp-h\u0065ader":""} """)]
    public void Tool_that_breaks_the_rules_is_dropped_and_reported(string properties)
    {
        Catalog catalog = Schema(properties);

        catalog.Tools.Keys().ShouldBe(["a_ok"]);
        catalog.ToolRoutes.ContainsKey("a_t").ShouldBeFalse();
        CatalogConflict note = catalog.Conflicts.ShouldHaveSingleItem();
        note.Name.ShouldBe("t");
        note.Losers.ShouldBe(["a"]);
        note.Reason.ShouldContain("x-mcp-header");
    }

    [Theory]
    [InlineData(""" "x-mcp-header":{"type":"number"} """)]
    [InlineData(""" "a":{"type":"object","default":{"x-mcp-header":""}} """)]
    [InlineData(""" "a":{"type":"string","description":"see x-mcp-header"} """)]
    public void Word_that_is_no_keyword_does_no_harm(string properties)
    {
        Catalog catalog = Schema(properties);

        catalog.Tools.Keys().ShouldBe(["a_ok", "a_t"]);
        catalog.ToolRoutes["a_t"].HeaderParameters.ShouldBeEmpty();
    }

    private static Catalog Schema(string properties) => Merge(
        Prefix(),
        Backend("a", [Tool("ok"), Tool("t", ",\"inputSchema\":{\"type\":\"object\",\"properties\":{" + properties + "}}")]));
}
