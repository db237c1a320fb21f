using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class VisibilityTests
{
    [Fact]
    [Trait("Scenario", "FILT-01")]
    public void Filter_lists_only_what_it_names()
    {
        Catalog catalog = Merge(
            Prefix(("alpha", new ToolRules { Filter = ["echo"] }), ("beta", new ToolRules { Filter = ["none_such"] })),
            Backend("alpha", "echo", "other"),
            Backend("beta", "echo"));

        catalog.Tools.Keys().ShouldBe(["alpha_echo"]);
        catalog.ToolRoutes["alpha_echo"].Visible.ShouldBeTrue();
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("say")]
    [Trait("Scenario", "FILT-01")]
    public void Filter_knows_a_renamed_tool_by_either_name(string entry)
    {
        ToolRules rules = Renames(("echo", "say")) with { Filter = [entry] };

        Merge(Prefix(("alpha", rules)), Backend("alpha", "echo", "other")).Tools.Keys().ShouldBe(["alpha_say"]);
    }

    [Fact]
    public void Hidden_tool_keeps_a_route_that_is_not_visible()
    {
        Catalog catalog = Merge(Prefix(("alpha", new ToolRules { Filter = ["echo"] })), Backend("alpha", "echo", "other"));

        catalog.ToolRoutes["alpha_other"].Visible.ShouldBeFalse();
        catalog.Reached("alpha_other").ShouldBe("alpha/other");
    }

    [Fact]
    [Trait("Scenario", "FILT-02")]
    public void Override_renames_and_redescribes()
    {
        ToolRules rules = Override("echo", new ToolOverride { Name = "say", Description = "d" });
        Catalog catalog = Merge(Prefix(("alpha", rules)), Backend("alpha", [Tool("echo", ",\"description\":\"old\"")]));

        catalog.Tools.Text("alpha_say").ShouldBe("""{"name":"alpha_say","description":"d"}""");
        catalog.ToolRoutes.ContainsKey("alpha_echo").ShouldBeFalse();
        catalog.Reached("alpha_say").ShouldBe("alpha/echo");
    }

    [Fact]
    [Trait("Scenario", "FILT-04")]
    public void Deny_by_default_hides_tools_of_backends_without_rules_and_nothing_else()
    {
        AggregationPolicy policy = Prefix(("alpha", new ToolRules())) with { DenyByDefault = true };
        Catalog catalog = Merge(
            policy,
            Backend("alpha", [Tool("x"), Tool("y")], [Tool("p", "")], [Resource("file:///a")]),
            Backend("beta", [Tool("x")], [Tool("p", "")], [Resource("file:///b")], [Template("b://{id}")]));

        catalog.Tools.Keys().ShouldBe(["alpha_x", "alpha_y"]);
        catalog.Prompts.Keys().ShouldBe(["alpha_p", "beta_p"]);
        catalog.Resources.Keys().ShouldBe(["file:///a", "file:///b"]);
        catalog.ResourceTemplates.Keys().ShouldBe(["b://{id}"]);
    }

    [Fact]
    [Trait("Scenario", "FILT-05")]
    public void Exclude_all_tools_leaves_an_empty_list()
    {
        AggregationPolicy policy = Prefix(("alpha", new ToolRules { Filter = ["x"] })) with { ExcludeAllTools = true };
        Catalog catalog = Merge(policy, Backend("alpha", [Tool("x")], [Tool("p", "")]));

        catalog.Tools.Pages.ShouldHaveSingleItem().ShouldBe("[]"u8.ToArray());
        catalog.ToolRoutes["alpha_x"].Visible.ShouldBeFalse();
        catalog.Prompts.Keys().ShouldBe(["alpha_p"]);
    }

    [Fact]
    public void Exclude_all_hides_one_backend()
    {
        AggregationPolicy policy = Prefix(("alpha", new ToolRules { ExcludeAll = true, Filter = ["x"] }));

        Merge(policy, Backend("alpha", "x"), Backend("beta", "x")).Tools.Keys().ShouldBe(["beta_x"]);
    }

    [Fact]
    public void Hiding_a_tool_moves_no_name()
    {
        AggregationPolicy open = Priority("a");
        AggregationPolicy hidden = open with { Tools = Prefix(("a", new ToolRules { ExcludeAll = true })).Tools };
        MergeInput[] inputs = [Backend("a", "x"), Backend("b", "x")];

        Merge(hidden, inputs).Reached("x").ShouldBe(Merge(open, inputs).Reached("x"));
    }
}
