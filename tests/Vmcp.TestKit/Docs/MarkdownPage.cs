using System.Collections.Immutable;

namespace Vmcp.TestKit;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">What follows the fence; empty for output.</param>
/// <param name="Section">The heading it stands under, without its marks.</param>
/// <param name="Text">Its lines, joined by <c>\n</c>.</param>
/// <param name="Line">The line of the page its fence is in, from 1.</param>
/// <param name="FollowsBlock">Whether nothing but empty lines is between it and the block before.</param>
public sealed record FencedBlock(string Language, string Section, string Text, int Line, bool FollowsBlock)
{
    /// <summary>
    /// The commands of a shell block: one a line, lines that end in a backslash joined to the next, comments and empty lines left out.
    /// </summary>
    public ImmutableArray<string> Commands =>
    [
        .. Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(WithoutComment).Where(line => line.Length > 0),
    ];

    private static string WithoutComment(string line)
    {
        // A comment begins the line or follows a space; quotes around one do not occur on our pages.
        int comment = line.StartsWith('#') ? 0 : line.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? line : line[..comment]).Trim();
    }
}

/// <summary>A page of the documentation, read for its fenced blocks.</summary>
public sealed class MarkdownPage
{
    private const string Fence = "```";

    private MarkdownPage(string path, ImmutableArray<FencedBlock> blocks) => (Path, Blocks) = (path, blocks);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its blocks, in order.</summary>
    public ImmutableArray<FencedBlock> Blocks { get; }

    /// <summary>Reads a page.</summary>
    /// <exception cref="InvalidDataException">A fence is not closed.</exception>
    public static MarkdownPage Read(string path) => Parse(File.ReadAllLines(path), path);

    /// <summary>Reads the lines of a page.</summary>
    /// <exception cref="InvalidDataException">A fence is not closed.</exception>
    public static MarkdownPage Parse(IReadOnlyList<string> lines, string path)
    {
        ImmutableArray<FencedBlock>.Builder blocks = ImmutableArray.CreateBuilder<FencedBlock>();
        string section = "";
        bool follows = false;
        for (int n = 0; n < lines.Count; n++)
        {
            string line = lines[n].TrimStart();
            if (!line.StartsWith(Fence, StringComparison.Ordinal))
            {
                if (line.StartsWith('#'))
                    section = line.TrimStart('#').Trim();
                follows &= line.Length == 0;
                continue;
            }

            int indent = lines[n].Length - line.Length, first = n + 1, end = first;
            while (end < lines.Count && lines[end].Trim() != Fence)
                end++;
            if (end == lines.Count)
                throw new InvalidDataException($"{path}:{n + 1}: the block is not closed");
            string text = string.Join('\n', lines.Skip(first).Take(end - first).Select(l => l.Length >= indent ? l[indent..] : l.TrimStart()));
            blocks.Add(new FencedBlock(line[Fence.Length..].Trim(), section, text, first, follows));
            follows = true;
            n = end;
        }

        return new MarkdownPage(path, blocks.ToImmutable());
    }
}
