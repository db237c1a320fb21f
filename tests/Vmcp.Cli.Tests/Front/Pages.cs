using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>The pages a reader reads.</summary>
internal static class Pages
{
    /// <summary>Their paths from the root, sorted. What is about the inside shows code of the inside and is not here; what is written from the code is checked where it is written.</summary>
    public static string[] All { get; } =
    [
        .. new[] { "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/README.md" }
            .Concat(Directory.EnumerateFiles(Path.Combine(ReadmeTests.Root, "docs"), "*.md").Select(f => "docs/" + Path.GetFileName(f)))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Every page, also those about the inside and those that are written from the code.</summary>
    public static string[] Everything { get; } =
    [
        .. All.Concat(Directory.EnumerateFiles(Path.Combine(ReadmeTests.Root, "docs"), "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(ReadmeTests.Root, f)))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>The blocks of all pages in one language, each with where it is.</summary>
    public static IEnumerable<(string Where, FencedBlock Block)> Blocks(string language) =>
        from page in All
        from block in MarkdownPage.Read(Path.Combine(ReadmeTests.Root, page)).Blocks
        where block.Language == language
        select ($"{page}:{block.Line}", block);
}
