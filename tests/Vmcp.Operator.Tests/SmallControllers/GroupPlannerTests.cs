using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.SmallControllers;

public sealed class GroupPlannerTests
{
    [Fact]
    public void Members_are_sorted_and_counted()
    {
        SmallPlan plan = GroupPlanner.Plan(Given.Group(""), new GroupFacts { Servers = ["b", "a"], RemoteProxies = ["p"], Entries = ["z", "y", "x"] });

        plan.StatusFields.ToJsonString().ShouldBe(
            """
            {"entries":["x","y","z"],"entryCount":3,"observedGeneration":7,"phase":"Ready","remoteProxies":["p"],"remoteProxyCount":1,"serverCount":2,"servers":["a","b"]}
            """.Trim());
        plan.Conditions.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            c => c.Type.ShouldBe("MCPServersChecked"),
            c => c.Status.ShouldBe("True"),
            c => c.Reason.ShouldBe("ListMCPServersCheckSucceeded"));
    }

    [Fact]
    public void An_empty_group_is_ready_and_holds_no_deletion()
    {
        SmallPlan plan = GroupPlanner.Plan(Given.Group(""), new GroupFacts());

        plan.StatusFields["phase"]!.GetValue<string>().ShouldBe("Ready");
        plan.StatusFields["servers"]!.AsArray().ShouldBeEmpty();
        plan.Finalizers.ShouldBeEmpty();
        plan.DroppedFinalizers.ShouldBeEmpty();
    }

    [Fact]
    public void A_group_that_goes_loses_the_finalizer_another_operator_left() =>
        GroupPlanner.Plan(Given.Object(ResourcesJson.Default.MCPGroup, "description: x", deleting: true), new GroupFacts())
            .DroppedFinalizers.ShouldBe(["toolhive.stacklok.dev/mcpgroup-finalizer"]);

    [Fact]
    public void Order_of_members_makes_no_difference()
    {
        string[] names = ["d", "a", "c", "b"];
        Random random = new(3);
        string expected = GroupPlanner.Plan(Given.Group(""), new GroupFacts { Entries = [.. names] }).StatusFields.ToJsonString();
        for (int i = 0; i < 100; i++)
        {
            random.Shuffle(names);
            GroupPlanner.Plan(Given.Group(""), new GroupFacts { Entries = [.. names] }).StatusFields.ToJsonString().ShouldBe(expected);
        }
    }
}
