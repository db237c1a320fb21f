using System.Text.RegularExpressions;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>docs/architecture.md draws the flows with the names a reader finds in the code.</summary>
public sealed class ArchitecturePageTests
{
    private const string Page = "docs/architecture.md";

    [Fact]
    public void Every_type_it_names_exists()
    {
        string text = File.ReadAllText(Path.Combine(ReadmeTests.Root, Page));
        HashSet<string> types =
        [
            .. Directory.EnumerateFiles(Path.Combine(ReadmeTests.Root, "src"), "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .SelectMany(f => Regex.Matches(File.ReadAllText(f), @"\b(?:class|record|struct|interface)\s+(?:struct\s+|class\s+)?(\w+)").Select(m => m.Groups[1].Value)),
        ];
        // Words in capitals with a hump are types, but for these.
        string[] others = ["VirtualMCPServer", "MCPGroup", "ConfigMap", "RoleBinding", "BackendsDiscovered", "BackendsHealthy", "OperatorHost"];
        string[] named = [.. Regex.Matches(text, @"\b[A-Z][a-z]+(?:[A-Z]+[a-z]+)+\b").Select(m => m.Value).Distinct().Except(others)];

        named.Length.ShouldBeGreaterThan(20);
        named.Except(types).ShouldBeEmpty();
    }

    [Fact]
    public void The_rooms_are_drawn_as_they_reference_each_other()
    {
        FencedBlock drawing = MarkdownPage.Read(Path.Combine(ReadmeTests.Root, Page)).Blocks.Single(b => b.Section == "Rooms");
        Dictionary<string, HashSet<string>> direct = [];
        foreach (Match arrow in Regex.Matches(drawing.Text, @"^\s*(\w+)(?:\[([\w.]+)\])? --> (\w+)$", RegexOptions.Multiline))
        {
            string from = arrow.Groups[2].Success ? arrow.Groups[2].Value : arrow.Groups[1].Value;
            if (!direct.TryGetValue(from, out HashSet<string>? to))
                direct[from] = to = [];
            to.Add(arrow.Groups[3].Value);
        }

        foreach (string room in Directory.EnumerateDirectories(Path.Combine(ReadmeTests.Root, "src")).Select(d => Path.GetFileName(d)!).Where(d => File.Exists(Project(d))))
        {
            string[] references = [.. Regex.Matches(File.ReadAllText(Project(room)), @"ProjectReference Include=""[^""]*/Vmcp\.([\w.]+)\.csproj""").Select(m => m.Groups[1].Value)];
            Reached(room["Vmcp.".Length..]).ShouldBeSubsetOf(Real(room["Vmcp.".Length..]), room);
            references.Except(Reached(room["Vmcp.".Length..])).ShouldBeEmpty($"{room} references what the drawing has no way to");
        }

        HashSet<string> Reached(string room) => [.. (direct.GetValueOrDefault(room) ?? []).SelectMany(next => Reached(next).Append(next))];
    }

    private static HashSet<string> Real(string room) =>
    [
        .. Regex.Matches(File.ReadAllText(Project("Vmcp." + room)), @"ProjectReference Include=""[^""]*/Vmcp\.([\w.]+)\.csproj""").Select(m => m.Groups[1].Value)
            .SelectMany(next => Real(next).Append(next)),
    ];

    private static string Project(string room) => Path.Combine(ReadmeTests.Root, "src", room, room + ".csproj");
}
