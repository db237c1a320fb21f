using System.Text.RegularExpressions;
using Vmcp.KubeKit.Server;

namespace Vmcp.Reference.Tests;

public sealed partial class PagesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "reference");

    [Fact]
    public void The_pages_are_what_the_code_says_now()
    {
        var pages = Pages.All();

        Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)
            .ShouldBe(pages.Keys, $"docs/reference has other pages than the generator writes; run {Pages.Command}");
        foreach ((string name, string text) in pages)
            (File.ReadAllText(Path.Combine(Folder, name)) == text).ShouldBeTrue($"docs/reference/{name} is stale; run {Pages.Command}");
    }

    [Fact]
    public void The_same_code_gives_the_same_bytes() => Pages.All().ShouldBe(Pages.All());

    [Fact]
    public void A_link_leads_to_a_place_that_exists()
    {
        var pages = Pages.All();

        foreach ((string name, string text) in pages)
        {
            foreach (string target in Link().Matches(Code().Replace(text, "")).Select(m => m.Groups[1].Value).Distinct())
            {
                string[] parts = target.Split('#');
                string file = parts[0].Length == 0 ? name : parts[0];
                if (parts.Length == 1)
                    File.Exists(Path.Combine(Folder, file)).ShouldBeTrue($"{name}: {target}");
                else
                    Anchors(pages[file]).ShouldContain(parts[1], $"{name}: {target}");
            }
        }
    }

    [Fact]
    public void An_anchor_is_on_its_page_once()
    {
        foreach ((string name, string text) in Pages.All())
            Anchors(text).ShouldBeUnique(name);
    }

    [Fact]
    public void A_row_has_as_many_cells_as_the_one_above_it()
    {
        foreach ((string name, string text) in Pages.All())
        {
            string[] lines = text.Split('\n');
            foreach ((string above, string row) in lines.Zip(lines.Skip(1)).Where(pair => pair.First.StartsWith('|') && pair.Second.StartsWith('|')))
                Bar().Count(row).ShouldBe(Bar().Count(above), $"{name}: {row}");
        }
    }

    [Theory]
    [InlineData("README.md", "docs/reference/README.md")]
    [InlineData("docs/configuration.md", "reference/")]
    [InlineData("docs/operator.md", "reference/")]
    public void A_reader_is_led_here(string page, string link) =>
        File.ReadAllText(Path.Combine(Repository.Root, page)).ShouldContain($"]({link}");

    private static string[] Anchors(string text) => [.. Anchor().Matches(text).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex("<a id=\"([^\"]+)\"></a>")]
    private static partial Regex Anchor();
}
