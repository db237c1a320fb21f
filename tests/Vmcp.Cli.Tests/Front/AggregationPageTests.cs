using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Vmcp.Config.Backends;
using Vmcp.Config.Reading;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Cli.Tests.Front;

/// <summary>docs/aggregation.md: each block with a table below it gives exactly the names of that table, by the merge that gateways use.</summary>
public sealed partial class AggregationPageTests
{
    private const string Nothing = "–";

    private static readonly string Page = File.ReadAllText(Path.Combine(ReadmeTests.Root, "docs", "aggregation.md"));

    /// <summary>The backends of the page: what each lists.</summary>
    private static readonly (string Name, string[] Tools)[] Backends = [("calc", ["echo", "get-sum"]), ("notes", ["echo", "get-tiny-image"])];

    /// <summary>The blocks that a table of names follows: the configuration, and the table's rows.</summary>
    public static TheoryData<string, string> Shown => [.. Block().Matches(Page).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    [Theory]
    [MemberData(nameof(Shown))]
    public void A_block_gives_the_names_below_it(string part, string table)
    {
        ImmutableArray<ItemVerdict> verdicts = Verdicts(part);

        string[][] rows = [.. table.Trim().Split('\n').Select(row => row.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())];
        rows.Select(row => row[0].Trim('`')).ShouldBe(verdicts.Select(v => v.OriginalName).Distinct().Order(StringComparer.Ordinal));
        foreach (string[] row in rows)
        {
            for (int n = 0; n < Backends.Length; n++)
            {
                ItemVerdict? verdict = verdicts.SingleOrDefault(v => v.Backend == Backends[n].Name && v.OriginalName == row[0].Trim('`'));
                row[n + 1].ShouldBe(Cell(verdict), $"{row[0]} of {Backends[n].Name}");
            }
        }
    }

    [Fact]
    public void Every_block_of_a_configuration_has_such_a_table()
    {
        Shown.Count.ShouldBe(Regex.Count(Page, "^```yaml\naggregation:", RegexOptions.Multiline));
        Shown.Count.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task The_example_gives_the_names_of_the_last_sentence()
    {
        Ran plan = await Vmcp.RunAsync("plan", "-n", "tools", "-f", Path.Combine(ReadmeTests.Root, "examples", "aggregation"));
        string aggregation = Regex.Match(plan.Out, "\n    (aggregation:\n.*?)\n    operational:", RegexOptions.Singleline).Groups[1].Value.Replace("\n    ", "\n", StringComparison.Ordinal);

        string[] names = [.. Verdicts(aggregation).Where(v => v.IsVisible).Select(v => v.ExposedName!).Order(StringComparer.Ordinal)];

        names.Length.ShouldBe(4, plan.Out);
        string sentence = Page[Page.LastIndexOf("Clients then see", StringComparison.Ordinal)..];
        Regex.Matches(sentence, "`([^`]+)`").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal).ShouldBe(names);
    }

    private static string Cell(ItemVerdict? verdict) => verdict switch
    {
        null => Nothing,
        { IsVisible: true } => $"`{verdict.ExposedName}`",
        { Outcome: Outcome.LostConflict } => "left out",
        _ => "hidden",
    };

    private static ImmutableArray<ItemVerdict> Verdicts(string part)
    {
        string whole = "name: page\nincomingAuth: {type: anonymous}\nbackends:\n"
            + string.Concat(Backends.Select(b => $"  - {{name: {b.Name}, url: \"http://127.0.0.1:9001/mcp\"}}\n")) + part;
        ConfigResult read = ConfigFile.Load(whole, "page.yaml", _ => null);
        read.Problems.ShouldBeEmpty(part);
        return CatalogMerge.Explain(
            [.. Backends.Select(b => new MergeInput(b.Name, new BackendCapabilities { Revision = "2025-11-25", Tools = [.. b.Tools.Select(Tool)] }, Listed: true))],
            BackendMapping.ToPolicy(read.Config!));
    }

    private static CapabilityItem Tool(string name) => new(name, Encoding.UTF8.GetBytes($$$"""{"name":"{{{name}}}","inputSchema":{"type":"object"}}"""));

    [GeneratedRegex("^```yaml\n(aggregation:\n.*?)^```\n\n\\| tool \\|.*?\n\\|---.*?\n((?:\\|[^\n]*\n)+)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
