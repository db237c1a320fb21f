using Vmcp.Cli.Planning;

namespace Vmcp.Cli.Tests.Planning;

public sealed class UnifiedDiffTests
{
    [Fact]
    public void Equal_texts_have_no_difference() => UnifiedDiff.Of("x", "a\nb\n", "a\nb\n").ShouldBe("");

    [Fact]
    public void A_changed_line_comes_with_three_lines_around_it() =>
        UnifiedDiff.Of("x", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n").ShouldBe(
            "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");

    [Fact]
    public void Changes_far_apart_are_two_hunks() =>
        UnifiedDiff.Of("x", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n").ShouldBe(
            "--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");

    [Fact]
    public void Changes_close_together_are_one_hunk() =>
        UnifiedDiff.Of("x", "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n").ShouldBe(
            "--- a/x\n+++ b/x\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");

    [Fact]
    public void A_new_text_is_all_added_and_a_missing_one_all_removed()
    {
        UnifiedDiff.Of("x", null, "a\nb\n").ShouldBe("--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        UnifiedDiff.Of("x", "a\n", null).ShouldBe("--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
    }

    [Fact]
    public void Applying_it_gives_the_other_text()
    {
        Random random = new(7);
        for (int i = 0; i < 300; i++)
        {
            string before = Text(random), after = Text(random);
            Apply(before, UnifiedDiff.Of("x", before, after)).ShouldBe(after);
        }
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => $"{(char)('a' + random.Next(4))}\n"));

    private static string Apply(string before, string diff)
    {
        string[] lines = before.Split('\n')[..^1];
        List<string> result = [];
        int at = 0;
        foreach (string line in diff.Split('\n').Skip(2))
        {
            if (line.StartsWith("@@", StringComparison.Ordinal))
            {
                string[] range = line.Split(' ')[1][1..].Split(',');
                int start = int.Parse(range[0], null), count = range.Length > 1 ? int.Parse(range[1], null) : 1;
                for (int first = count == 0 ? start : start - 1; at < first; at++)
                    result.Add(lines[at]);
            }
            else if (line.StartsWith('+'))
            {
                result.Add(line[1..]);
            }
            else if (line.Length > 0)
            {
                lines[at].ShouldBe(line[1..]);
                if (line[0] == ' ')
                    result.Add(lines[at]);
                at++;
            }
        }

        return string.Concat(result.Concat(lines.Skip(at)).Select(l => l + "\n"));
    }
}
