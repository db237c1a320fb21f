using System.Globalization;
using System.Text;

namespace Vmcp.Cli.Planning;

/// <summary>Differences of two texts by lines, in the unified form of <c>diff -u</c>.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    // The table has one cell for each pair of lines between the common head and tail; beyond this the whole middle is shown as replaced.
    private const long MaxCells = 16_000_000;

    private enum Edit
    {
        Same,
        Removed,
        Added,
    }

    /// <summary>The difference; empty when there is none. A missing text is one without lines, under the name <c>/dev/null</c>.</summary>
    public static string Of(string name, string? before, string? after)
    {
        string[] old = Lines(before), now = Lines(after);
        List<(Edit Edit, string Line)> edits = Edits(old, now);
        if (edits.TrueForAll(e => e.Edit == Edit.Same) && before is null == after is null)
            return "";
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"--- {(before is null ? "/dev/null" : "a/" + name)}\n");
        text.Append(CultureInfo.InvariantCulture, $"+++ {(after is null ? "/dev/null" : "b/" + name)}\n");
        foreach ((int start, int end) in Hunks(edits))
            Append(text, edits, start, end);
        return text.ToString();
    }

    private static void Append(StringBuilder text, List<(Edit Edit, string Line)> edits, int start, int end)
    {
        int oldBefore = edits.Take(start).Count(e => e.Edit != Edit.Added), newBefore = edits.Take(start).Count(e => e.Edit != Edit.Removed);
        int oldLines = 0, newLines = 0;
        for (int i = start; i < end; i++)
        {
            oldLines += edits[i].Edit != Edit.Added ? 1 : 0;
            newLines += edits[i].Edit != Edit.Removed ? 1 : 0;
        }

        text.Append("@@ -").Append(Range(oldBefore, oldLines)).Append(" +").Append(Range(newBefore, newLines)).Append(" @@\n");
        for (int i = start; i < end; i++)
            text.Append(edits[i].Edit switch { Edit.Same => ' ', Edit.Removed => '-', _ => '+' }).Append(edits[i].Line).Append('\n');
    }

    private static string Range(int before, int lines) =>
        string.Create(CultureInfo.InvariantCulture, $"{(lines == 0 ? before : before + 1)}{(lines == 1 ? "" : $",{lines}")}");

    private static IEnumerable<(int Start, int End)> Hunks(List<(Edit Edit, string Line)> edits)
    {
        int at = 0;
        while (at < edits.Count)
        {
            if (edits[at].Edit == Edit.Same)
            {
                at++;
                continue;
            }

            int start = Math.Max(0, at - Context), last = at;
            for (int i = at; i < edits.Count && i <= last + (2 * Context) + 1; i++)
            {
                if (edits[i].Edit != Edit.Same)
                    last = i;
            }

            int end = Math.Min(edits.Count, last + Context + 1);
            yield return (start, end);
            at = end;
        }
    }

    private static List<(Edit, string)> Edits(string[] old, string[] now)
    {
        int head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head])
            head++;
        int tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)])
            tail++;
        List<(Edit, string)> edits = [.. old.Take(head).Select(l => (Edit.Same, l))];
        Middle(old[head..^tail], now[head..^tail], edits);
        edits.AddRange(old.Skip(old.Length - tail).Select(l => (Edit.Same, l)));
        return edits;
    }

    private static void Middle(string[] old, string[] now, List<(Edit, string)> edits)
    {
        if ((long)old.Length * now.Length > MaxCells)
        {
            edits.AddRange(old.Select(l => (Edit.Removed, l)));
            edits.AddRange(now.Select(l => (Edit.Added, l)));
            return;
        }

        // Longest common subsequence, from the end, so that walking forward gives the edits in order.
        int[,] common = new int[old.Length + 1, now.Length + 1];
        for (int a = old.Length - 1; a >= 0; a--)
        {
            for (int b = now.Length - 1; b >= 0; b--)
                common[a, b] = old[a] == now[b] ? common[a + 1, b + 1] + 1 : Math.Max(common[a + 1, b], common[a, b + 1]);
        }

        int i = 0, j = 0;
        while (i < old.Length || j < now.Length)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                edits.Add((Edit.Same, old[i++]));
                j++;
            }
            else if (i < old.Length && (j == now.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                edits.Add((Edit.Removed, old[i++]));
            }
            else
            {
                edits.Add((Edit.Added, now[j++]));
            }
        }
    }

    private static string[] Lines(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return [];
        string[] lines = text.Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
