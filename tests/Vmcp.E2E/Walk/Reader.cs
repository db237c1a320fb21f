using System.Text.RegularExpressions;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Server;
using Vmcp.TestKit;

namespace Vmcp.E2E.Walk;

/// <summary>Somebody who does what a page says, command by command, and compares what is shown below it.</summary>
internal sealed partial class Reader(Shell shell, Uri gateway)
{
    /// <summary>Does the blocks of one section, in order.</summary>
    public async Task FollowAsync(string page, string section)
    {
        FencedBlock[] blocks = [.. MarkdownPage.Read(Path.Combine(Repository.Root, "docs", page)).Blocks.Where(b => b.Section == section)];
        blocks.ShouldContain(b => b.Language == "sh", $"docs/{page}, {section}");
        for (int n = 0; n < blocks.Length; n++)
        {
            if (blocks[n].Language != "sh")
                continue;
            string? shown = n + 1 < blocks.Length && blocks[n + 1] is { Language: "", FollowsBlock: true } output ? output.Text : null;
            string[] commands = [.. blocks[n].Commands.Where(IsPossible)];
            for (int c = 0; c < commands.Length; c++)
                await DoAsync(commands[c], c == commands.Length - 1 ? shown : null);
        }
    }

    /// <summary>Does one command; a mistake in it fails.</summary>
    public async Task<string> DoAsync(string command, string? shown = null)
    {
        // What is shown may come a moment after what the reader waited for.
        (int code, string output) = await Eventually.ReadsAsync(
            () => shell.TryAsync(Here(command)), got => shown is null || Same(shown, got.Output), $"{command} shows\n{shown}", Space.Limit);
        code.ShouldBe(ExpectedCode(command), $"{command}\n{output}");
        return output;
    }

    /// <summary>A tunnel leads through a kubelet; here the gateway has an address of its own. Each test has a cluster, images and kind of its own.</summary>
    private static bool IsPossible(string command) =>
        !command.StartsWith("kubectl port-forward ", StringComparison.Ordinal) && !command.StartsWith("kubectl logs ", StringComparison.Ordinal)
        && !command.StartsWith("kind ", StringComparison.Ordinal) && !command.StartsWith("make ", StringComparison.Ordinal);

    private string Here(string command) => command
        .Replace("http://127.0.0.1:4483", gateway.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
        // What stands for an entry (see Demo).
        .Replace(" mcpserverentry ", " mcpserver ", StringComparison.Ordinal);

    /// <summary>Commands whose answer is no.</summary>
    private static int ExpectedCode(string command) => command.Contains(" --diff ", StringComparison.Ordinal) || command.Contains(" can-i get ", StringComparison.Ordinal) ? 1 : 0;

    /// <summary>The same table, but for how old things are.</summary>
    private static bool Same(string shown, string output) => Cells(shown).SequenceEqual(Cells(output));

    private static IEnumerable<string> Cells(string text) =>
        text.Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(cell => !Age().IsMatch(cell));

    [GeneratedRegex(@"^(\d+[smhd])+$")]
    private static partial Regex Age();
}
