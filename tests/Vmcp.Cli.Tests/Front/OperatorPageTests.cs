using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>What docs/operator.md shows works as shown.</summary>
public sealed class OperatorPageTests
{
    [Fact]
    public async Task The_gateway_in_three_objects_is_planned_with_its_backend()
    {
        FencedBlock manifests = MarkdownPage.Read(Path.Combine(ReadmeTests.Root, "docs", "operator.md")).Blocks.First(b => b.Language == "yaml");
        using TempFolder folder = new();

        Ran plan = await Vmcp.RunAsync("plan", "-f", folder.Write("manifests.yaml", manifests.Text));

        plan.ExitCode.ShouldBe(0, plan.Error);
        plan.Out.ShouldContain("kind: Deployment");
        plan.Out.ShouldNotContain("kind: Role");
        plan.Error.ShouldContain("1 backend served");
    }
}
