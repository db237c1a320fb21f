using System.Text.RegularExpressions;
using Vmcp.Cli.Commands;

namespace Vmcp.Cli.Tests.Front;

/// <summary>Each command on a page names what there is. Those that lead through a cluster are run by the walk of <c>make e2e</c> besides.</summary>
public sealed partial class CommandBlockTests
{
    /// <summary>Programs of other projects, which pages may use without more.</summary>
    private static readonly string[] Foreign = ["apt-get", "export", "kind", "mkdir", "git"];

    public static TheoryData<string, string> Commands =>
        [.. Pages.Blocks("sh").SelectMany(b => b.Block.Commands.TakeWhile(c => !c.Contains("<<", StringComparison.Ordinal)).Select(c => (b.Where, c)))];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_names_what_there_is(string where, string command)
    {
        string[] words = [.. Word().Matches(command.TrimEnd('&', ' ').Split('>')[0].Split('|')[0]).Select(m => m.Value.Trim('\'', '"'))];
        switch (Path.GetFileName(words[0]))
        {
            case "vmcp":
                CommandLine.Build(Vmcp.NewTerminal()).Parse(words[1..]).Errors.Select(e => e.Message).ShouldBeEmpty($"{where}: {command}");
                break;
            case "kubectl":
                IsKubectl(words, where);
                break;
            case "make":
                string makefile = File.ReadAllText(Path.Combine(ReadmeTests.Root, "Makefile"));
                foreach (string target in words[1..].Where(w => !w.Contains('=', StringComparison.Ordinal)))
                    makefile.ShouldMatch($"(?m)^{Regex.Escape(target)}:", $"{where}: {command}");
                break;
            case "dotnet":
                words[1].ShouldBeOneOf("run", "test");
                if (Array.IndexOf(words, "--project") is > 0 and int project)
                    Exists(words[project + 1], where);
                break;
            case "helm":
                words[1].ShouldBeOneOf("install", "upgrade", "uninstall");
                Exists(words[3], where);
                string values = File.ReadAllText(Path.Combine(ReadmeTests.Root, words[3], "values.yaml"));
                foreach (int set in Enumerable.Range(0, words.Length).Where(n => words[n] == "--set"))
                    values.ShouldMatch($"(?m)^{words[set + 1].Split('=')[0].Split('.')[0]}:", $"{where}: {command}");
                break;
            case "curl":
                new Uri(words[^1]).AbsolutePath.ShouldBeOneOf("/status", "/readyz", "/health", "/mcp", "/api/backends/health");
                break;
            case "try.sh":
                Exists(words[0], where);
                break;
            default:
                Foreign.ShouldContain(words[0], $"{where}: nobody knows what `{command}` is; teach {nameof(CommandBlockTests)} to check it");
                break;
        }
    }

    [Fact]
    public void There_are_many() => Commands.Count.ShouldBeGreaterThan(60);

    private static void IsKubectl(string[] words, string where)
    {
        foreach (int at in Enumerable.Range(1, words.Length - 2).Where(n => words[n] is "-f" or "-k"))
        {
            Exists(words[at + 1], where);
            if (words[at] == "-k")
                Exists(Path.Combine(words[at + 1], "kustomization.yaml"), where);
        }

        string line = string.Join(' ', words);
        // The only names of ours that commands use; a resource that was renamed shows here.
        foreach (Match name in Named().Matches(line))
            name.Groups[1].Value.ShouldBeOneOf("deployment/vmcp-operator", "deployment/hub", "deployment/NAME", "vmcp/hub");
    }

    private static void Exists(string path, string where)
    {
        string full = Path.Combine(ReadmeTests.Root, path);
        (File.Exists(full) || Directory.Exists(full)).ShouldBeTrue($"{where}: there is no {path}");
    }

    [GeneratedRegex("""'[^']*'|"[^"]*"|[^\s'"]+""")]
    private static partial Regex Word();

    [GeneratedRegex(@" ((?:deployment|vmcp)/[\w-]+)")]
    private static partial Regex Named();
}
