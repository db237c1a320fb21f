using System.Collections.Immutable;
using Vmcp.Reference.CommandLines;
using Vmcp.Reference.Configuration;
using Vmcp.Reference.Resources;
using Vmcp.Reference.Text;

namespace Vmcp.Reference;

/// <summary>All pages of <c>docs/reference</c>. The same code gives the same bytes.</summary>
public static class Pages
{
    /// <summary>The command that writes the pages.</summary>
    public const string Command = "make reference";

    /// <summary>File names and their whole text, sorted by name.</summary>
    public static ImmutableSortedDictionary<string, string> All() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            new("README.md", Index()),
            new("cli.md", CommandLinePage.Write()),
            new("configuration.md", ConfigurationPage.Write()),
            new("operator-flags.md", OperatorPage.Write()),
            .. ResourcePages.All(),
        ]);

    private static string Index() => Markdown.Page("Reference", "the code").Append($"""

        `{Command}` writes these pages from the code, and a test fails when one is stale: what they say is what this version does.

        * [configuration file](configuration.md): every key of the gateway's `config.yaml`, and what is not supported yet
        * [command line](cli.md): every command of `vmcp`, its options and exit codes, environment variables
        * [flags of the operator](operator-flags.md): `vmcp-operator` and its environment variables
        * [resources](resources.md): every field of the kinds in a cluster, their short names, columns and rules

        """).ToString();
}
