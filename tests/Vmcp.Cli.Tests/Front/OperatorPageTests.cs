using System.Text.RegularExpressions;

namespace Vmcp.Cli.Tests.Front;

/// <summary>What docs/operator.md shows works as shown.</summary>
public sealed partial class OperatorPageTests
{
    [Fact]
    public async Task The_gateway_in_three_objects_is_planned_with_its_backend()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(ReadmeTests.Root, "docs", "operator.md"));
        using TempFolder folder = new();
        string manifests = folder.Write("manifests.yaml", Manifests().Match(page).Groups[1].Value);

        Ran plan = await Vmcp.RunAsync("plan", "-f", manifests);

        plan.ExitCode.ShouldBe(0, plan.Error);
        plan.Out.ShouldContain("kind: Deployment");
        plan.Out.ShouldNotContain("kind: Role");
        plan.Error.ShouldContain("1 backend served");
    }

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Manifests();
}
