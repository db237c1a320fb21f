using Vmcp.Cli.Commands;
using Vmcp.Cli.Terminals;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests;

/// <summary>What a command printed and how it ended.</summary>
internal sealed record Ran(int ExitCode, string Out, string Error)
{
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void ShouldFailSaying(params string[] parts)
    {
        ExitCode.ShouldBe(1, Out + Error);
        foreach (string part in parts)
            Error.ShouldContain(part);
        Error.ShouldNotContain("Usage:");
        Error.ShouldNotContain("bug in vmcp");
    }
}

/// <summary>The command, in this process or as one of its own.</summary>
internal static class Vmcp
{
    /// <summary>Runs a command that ends by itself.</summary>
    public static Task<Ran> RunAsync(params string[] args) => RunAsync(new Dictionary<string, string>(), args);

    /// <summary>The same in an environment.</summary>
    public static Task<Ran> RunAsync(IReadOnlyDictionary<string, string> env, params string[] args) => RunAsync(NewTerminal(env), args);

    public static async Task<Ran> RunAsync(Terminal terminal, params string[] args)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        int code = await CommandLine.RunAsync(args, terminal, limit.Token);
        return new Ran(code, terminal.Out.ToString()!, terminal.Error.ToString()!);
    }

    public static Terminal NewTerminal(IReadOnlyDictionary<string, string>? env = null) => new()
    {
        Out = new StringWriter { NewLine = "\n" },
        Error = new StringWriter { NewLine = "\n" },
        Env = name => env?.GetValueOrDefault(name),
    };

    /// <summary>Starts the real program; <paramref name="log"/> takes its standard error, so that the lines are standard output alone.</summary>
    public static TestProcess Start(string log, params string[] args) => Start(log, new Dictionary<string, string?>(), args);

    /// <summary>The same with more variables.</summary>
    public static TestProcess Start(string log, IReadOnlyDictionary<string, string?> env, params string[] args)
    {
        string[] command = ["dotnet", "exec", typeof(CommandLine).Assembly.Location, .. args];
        return TestProcess.Start("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" 2>\"$log\"", "sh", log, .. command], env);
    }

    /// <summary>The endpoint out of the start line.</summary>
    public static Uri EndpointOf(string startLine) => new(startLine.Split(' ').Single(w => w.StartsWith("http://", StringComparison.Ordinal)));
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmcp-cli-tests-");

    /// <summary>Its path.</summary>
    public string Path => _folder.FullName;

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Writes a file in it; gives its path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
