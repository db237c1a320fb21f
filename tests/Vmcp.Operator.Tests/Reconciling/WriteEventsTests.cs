using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Reconciling;
using Vmcp.Operator.Tests.Planning;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class WriteEventsTests
{
    public static TheoryData<string, bool, string, string, string> Failures => new()
    {
        { "Deployment", true, "Rejected", "DeploymentCreationFailed", "CreateDeployment" },
        { "Deployment", false, "Rejected", "DeploymentUpdateFailed", "UpdateDeployment" },
        { "Service", true, "Rejected", "ServiceCreationFailed", "CreateService" },
        { "Secret", true, "Rejected", "HMACSecretCreationFailed", "CreateHMACSecret" },
        { "Secret", false, "HMACSecretInvalid", "HMACSecretValidationFailed", "ValidateHMACSecret" },
        { "Role", true, "ResourceConflict", "ResourceConflict", "ApplyChildren" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_write_that_failed_is_told_by_the_documented_name(string kind, bool creating, string obstacle, string reason, string action) // crds.md 2.6
    {
        ResourceType type = new[] { BuiltIn.Deployment, BuiltIn.Service, BuiltIn.Secret, BuiltIn.Role }.Single(t => t.Kind == kind);
        ApplyResult result = new() { Obstacles = [new Obstacle(new ChildRef(type, "x"), obstacle, "why", creating)] };

        WriteEvents.Of(Hub.Discovered.Plan(), result).ShouldHaveSingleItem().ShouldBe(new PlannedEvent(true, reason, action, "why"));
    }

    [Fact]
    public void What_was_planned_is_told_only_once_it_was_written()
    {
        ApplyResult result = new() { Writes = [new Written(new ChildRef(BuiltIn.Deployment, "hub"), WriteKind.Created)] };

        WriteEvents.Of(Hub.Discovered.Plan(), result).Select(e => (e.Warning, e.Reason)).ShouldBe([(false, "DeploymentCreated")]);
    }
}
