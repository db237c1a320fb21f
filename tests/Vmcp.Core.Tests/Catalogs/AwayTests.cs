using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class AwayTests
{
    [Fact]
    public void Items_of_a_backend_out_of_service_are_not_listed_but_known()
    {
        Catalog catalog = Merge(
            Prefix(),
            Backend("a", [Tool("x")], [Tool("p", "")], [Resource("file:///a")], [Template("a://{id}")]).Away(),
            Backend("b", "x"));

        catalog.Tools.Keys().ShouldBe(["b_x"]);
        catalog.Prompts.Keys().ShouldBeEmpty();
        catalog.Resources.Keys().ShouldBeEmpty();
        catalog.ResourceTemplates.Keys().ShouldBeEmpty();
        catalog.ToolRoutes["a_x"].Away.ShouldBeTrue();
        catalog.ToolRoutes["b_x"].Away.ShouldBeFalse();
        catalog.PromptRoutes["a_p"].Away.ShouldBeTrue();
        catalog.FindResource("file:///a")!.Away.ShouldBeTrue();
        catalog.FindResource("a://1")!.Away.ShouldBeTrue();
    }

    [Fact]
    public void Backend_out_of_service_never_wins_a_name_from_one_in_service()
    {
        Catalog prefixed = Merge(Prefix(), Backend("a", "b_x").Away(), Backend("a_b", "x"));
        Catalog ranked = Merge(Priority("a", "b"), Backend("a", "x").Away(), Backend("b", "x"));
        Catalog resources = Merge(
            Prefix(),
            Backend("a", [], resources: [Resource("file:///x")], templates: [Template("x://{+any}")]).Away(),
            Backend("b", [], resources: [Resource("file:///x")], templates: [Template("x://{id}"), Template("x://{+any}")]));

        prefixed.Reached("a_b_x").ShouldBe("a_b/x");
        ranked.Tools.Keys().ShouldBe(["x"]);
        ranked.Reached("x").ShouldBe("b/x");
        resources.FindResource("file:///x")!.Backend.ShouldBe("b");
        resources.FindResource("x://1/2")!.Backend.ShouldBe("b");
    }

    [Fact]
    public void Template_of_a_backend_in_service_is_matched_first()
    {
        Catalog catalog = Merge(
            Prefix(),
            Backend("a", [], templates: [Template("x://{+a}")]).Away(),
            Backend("b", [], templates: [Template("x://{id}")]));

        catalog.FindResource("x://1")!.Backend.ShouldBe("b");
        catalog.FindResource("x://1/2")!.ShouldSatisfyAllConditions(r => r.Backend.ShouldBe("a"), r => r.Away.ShouldBeTrue());
    }

    [Fact]
    public void Health_of_one_backend_renames_no_tool_of_another()
    {
        Merge(Priority("z"), Backend("slack", "send"), Backend("teams", "send").Away()).Tools.Keys().ShouldBe(["slack_send"]);
        Merge(Manual(), Backend("a", "x"), Backend("b", "x").Away()).Tools.Keys().ShouldBeEmpty();
    }

    [Fact]
    public void Several_stand_ins_for_a_ranked_backend_get_the_prefix_and_the_bare_name_stays_known()
    {
        Catalog catalog = Merge(Priority("r"), Backend("r", "x").Away(), Backend("a", "x"), Backend("b", "x"));

        catalog.Tools.Keys().ShouldBe(["a_x", "b_x"]);
        catalog.ToolRoutes["x"].Away.ShouldBeTrue();
    }

    [Fact]
    public void Only_stand_in_for_a_ranked_backend_gets_the_bare_name()
    {
        Catalog catalog = Merge(Priority("r"), Backend("r", "x").Away(), Backend("a", "x"));

        catalog.Reached("x").ShouldBe("a/x");
        catalog.Conflicts.ShouldHaveSingleItem().Losers.ShouldBe(["r"]);
    }
}
