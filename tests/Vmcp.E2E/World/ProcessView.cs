using System.Text.RegularExpressions;
using Vmcp.KubeKit.Kubelet;

namespace Vmcp.E2E.World;

/// <summary>What a pod's process has of a Kubernetes credential: in its files, variables, open files and mounts.</summary>
internal static partial class ProcessView
{
    /// <summary>Every trace of one, in words; empty for a process that has none.</summary>
    public static async Task<IReadOnlyList<string>> CredentialsAsync(PodView pod)
    {
        List<string> found = [];
        foreach (string file in Directory.EnumerateFiles(pod.Folder, "*", SearchOption.AllDirectories))
        {
            string inside = Path.GetRelativePath(pod.Folder, file);
            if (inside.Contains("serviceaccount", StringComparison.Ordinal) || Token().IsMatch(await TextAsync(file)))
                found.Add($"file {inside}");
        }

        string process = $"/proc/{pod.ProcessId}";
        foreach (string variable in (await File.ReadAllTextAsync($"{process}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (variable.Contains("serviceaccount", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("KUBECONFIG=", StringComparison.Ordinal) || Token().IsMatch(variable))
                found.Add($"variable {variable.Split('=')[0]}");
        }

        foreach (FileSystemInfo descriptor in new DirectoryInfo($"{process}/fd").EnumerateFileSystemInfos())
        {
            if (descriptor.LinkTarget?.Contains("serviceaccount", StringComparison.Ordinal) == true)
                found.Add($"open file {descriptor.LinkTarget}");
        }

        // The mounts it shares with this process are the machine's, not the pod's.
        string[] ours = await File.ReadAllLinesAsync("/proc/self/mountinfo");
        found.AddRange((await File.ReadAllLinesAsync($"{process}/mountinfo")).Except(ours).Where(m => m.Contains("serviceaccount", StringComparison.Ordinal)).Select(m => $"mount {m}"));
        return found;
    }

    // Pipes and sockets have no length; reading one would wait for ever.
    private static async Task<string> TextAsync(string file) => new FileInfo(file).Length == 0 ? "" : await File.ReadAllTextAsync(file);

    // A signed token: two parts of base64 JSON and a signature.
    [GeneratedRegex(@"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")]
    private static partial Regex Token();
}
