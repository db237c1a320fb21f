using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Tests.Planning;

namespace Vmcp.Operator.Tests.Switching;

public sealed class NameConflictTests
{
    [Theory]
    [InlineData("Deployment", "hub", """[{"kind":"MCPServer","name":"hub","uid":"other","controller":true}]""", "Deployment demo/hub, which this VirtualMCPServer needs, belongs to MCPServer hub")]
    [InlineData("Service", "vmcp-hub", "[]", "Service demo/vmcp-hub, which this VirtualMCPServer needs, has no controller")]
    [InlineData("Secret", "hub-hmac-secret", """[{"kind":"Job","name":"x","uid":"uid-hub","controller":false}]""", "Secret demo/hub-hmac-secret, which this VirtualMCPServer needs, has no controller")]
    public void Nothing_is_written_while_a_name_is_taken(string kind, string name, string owners, string message)
    {
        ServerPlan plan = Hub.Discovered.Plan(With(kind, name, owners));

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Objects.ShouldBeEmpty();
        plan.Removals.ShouldBeEmpty();
        plan.Status.Phase.ShouldBe("Failed");
        plan.Status.Message.ShouldContain(message);
        plan.Condition("ResourceConflict")!.ShouldSatisfyAllConditions(c => c.Status.ShouldBe("True"), c => c.Message.ShouldContain(message));
        plan.Condition("Ready")!.Status.ShouldBe("False");
        plan.Events.ShouldContain(e => e.Warning && e.Reason == "ResourceConflict");
    }

    [Fact]
    public void Children_of_an_earlier_server_of_the_name_are_waited_for()
    {
        ServerPlan plan = Hub.Discovered.Plan(With("Deployment", "hub", """[{"kind":"VirtualMCPServer","name":"hub","uid":"before","controller":true}]"""));

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Status.Phase.ShouldBe("Pending");
        plan.RecheckAfter.ShouldNotBeNull();
    }

    [Fact]
    public void Without_a_conflict_the_condition_is_not_there()
    {
        Hub.Discovered.Plan().Condition("ResourceConflict").ShouldBeNull();
        Hub.Discovered.Plan(With("Deployment", "hub", """[{"kind":"VirtualMCPServer","name":"hub","uid":"uid-hub","controller":true}]""")).Outcome.ShouldBe(PlanOutcome.Apply);
    }

    [Fact]
    public void A_foreign_Role_is_never_removed()
    {
        LiveCluster cluster = new();
        cluster.Settle(() => Hub.Inline.Plan(Hub.World with { Live = cluster.State }));
        cluster.Put(BuiltIn.Role, (JsonObject)JsonNode.Parse("""{"metadata":{"name":"hub-vmcp","namespace":"demo"},"rules":[]}""")!);

        ServerPlan plan = Hub.Inline.Plan(Hub.World with { Live = cluster.State });

        plan.Outcome.ShouldBe(PlanOutcome.Apply);
        plan.Removals.ShouldBeEmpty();
    }

    [Fact]
    public void A_server_that_is_being_deleted_writes_nothing()
    {
        LiveCluster cluster = new();
        cluster.Settle(() => Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        var going = Hub.Discovered with { Metadata = Hub.Discovered.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } };

        ServerPlan plan = going.Plan(Hub.World with { Live = cluster.State });

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Objects.ShouldBeEmpty();
        plan.Removals.ShouldBeEmpty();
    }

    private static World With(string kind, string name, string owners)
    {
        ResourceType type = new[] { BuiltIn.Deployment, BuiltIn.Service, BuiltIn.Secret }.Single(t => t.Kind == kind);
        JsonNode body = JsonNode.Parse("{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"demo\",\"ownerReferences\":" + owners + "}}")!;
        return Hub.World with { Live = new LiveState { Children = LiveState.None.Children.Add(new ChildRef(type, name), KubeObject.From(body)) } };
    }
}
