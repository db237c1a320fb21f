using Vmcp.KubeKit.Server;
using Vmcp.TestKit;

namespace Vmcp.E2E.Walk;

/// <summary>
/// A reader's terminal: bash in a folder that looks like this repository, with <c>kubectl</c> of the administrator and <c>vmcp</c> on its path, and a home
/// of its own.
/// </summary>
internal sealed class Shell
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private readonly string _folder;
    private readonly Dictionary<string, string?> _environment;

    /// <param name="server">The API server; the terminal's files go with it.</param>
    /// <param name="folder">Where commands run.</param>
    public Shell(ApiServer server, string folder)
    {
        _folder = folder;
        string home = Directory.CreateDirectory(Path.Combine(server.Folder, "home")).FullName;
        string programs = Directory.CreateDirectory(Path.Combine(home, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(programs, "kubectl"), Assets.Find().Kubectl);
        Script(Path.Combine(programs, "vmcp"), $"exec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "vmcp.dll")}' \"$@\"");
        _environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}",
            ["KUBECONFIG"] = server.AdminKubeconfig,
            ["HOME"] = home,
            ["NO_COLOR"] = "1",
        };
    }

    /// <summary>Runs a command; its output is what it wrote to both streams.</summary>
    public async Task<(int ExitCode, string Output)> TryAsync(string command)
    {
        await using TestProcess bash = TestProcess.Start("bash", ["-euo", "pipefail", "-c", command], _environment, _folder);
        int code = await bash.WaitForExitAsync(Limit);
        return (code, string.Join('\n', bash.Lines));
    }

    private static void Script(string path, string body)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
