using System.Text.RegularExpressions;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>Links between pages lead somewhere, and blocks are of kinds that are checked.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Everything => [.. Pages.Everything];

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_link_leads_somewhere(string page)
    {
        string text = Code().Replace(File.ReadAllText(Path.Combine(ReadmeTests.Root, page)), "");
        foreach (string link in Link().Matches(text).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)))
        {
            string[] parts = link.Split('#');
            string target = parts[0].Length == 0 ? page : Path.GetRelativePath(ReadmeTests.Root, Path.GetFullPath(Path.Combine(ReadmeTests.Root, Path.GetDirectoryName(page)!, parts[0])));
            string full = Path.Combine(ReadmeTests.Root, target);
            (File.Exists(full) || Directory.Exists(full)).ShouldBeTrue($"{page}: {link}");
            if (parts.Length == 2)
                Anchors(File.ReadAllText(full)).ShouldContain(parts[1], $"{page}: {link}");
        }
    }

    [Fact]
    public void Every_page_is_reached_from_the_README()
    {
        HashSet<string> seen = ["README.md"];
        Queue<string> next = new(seen);
        while (next.TryDequeue(out string? page))
        {
            foreach (string link in Link().Matches(File.ReadAllText(Path.Combine(ReadmeTests.Root, page))).Select(m => m.Groups[1].Value.Split('#')[0]).Where(l => l.EndsWith(".md", StringComparison.Ordinal)))
            {
                string target = Path.GetRelativePath(ReadmeTests.Root, Path.GetFullPath(Path.Combine(ReadmeTests.Root, Path.GetDirectoryName(page)!, link)));
                if (File.Exists(Path.Combine(ReadmeTests.Root, target)) && seen.Add(target))
                    next.Enqueue(target);
            }
        }

        Pages.Everything.Except(seen).ShouldBeEmpty();
    }

    [Fact]
    public void Every_block_is_of_a_kind_that_is_checked()
    {
        // sh: CommandBlockTests and the walk; yaml: YamlBlockTests; mermaid and text are shown; without a kind it is output.
        foreach (string page in Pages.All)
        {
            foreach (FencedBlock block in MarkdownPage.Read(Path.Combine(ReadmeTests.Root, page)).Blocks)
                block.Language.ShouldBeOneOf(["sh", "yaml", "mermaid", "text", ""], $"{page}:{block.Line}");
        }
    }

    // As GitHub makes them: lower case, spaces to dashes, what is neither word nor dash left out; and those written by hand.
    private static IEnumerable<string> Anchors(string text) =>
        Heading().Matches(Fences().Replace(text, "")).Select(m => NotWord().Replace(m.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))
            .Concat(Written().Matches(text).Select(m => m.Groups[1].Value));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^ *```.*?^ *```|(?<=[^`])`[^`\n]+`(?=[^`(])", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotWord();

    [GeneratedRegex("id=\"([^\"]+)\"")]
    private static partial Regex Written();
}
