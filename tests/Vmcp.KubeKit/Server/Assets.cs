namespace Vmcp.KubeKit.Server;

/// <summary>The binaries of an API server, found by the envtest convention.</summary>
/// <param name="Folder">Where they are.</param>
public sealed record Assets(string Folder)
{
    private const string Variable = "KUBEBUILDER_ASSETS";

    /// <summary>The store.</summary>
    public string Etcd => Path.Combine(Folder, "etcd");

    /// <summary>The server.</summary>
    public string KubeApiServer => Path.Combine(Folder, "kube-apiserver");

    /// <summary>The command line client.</summary>
    public string Kubectl => Path.Combine(Folder, "kubectl");

    /// <summary>What the environment names.</summary>
    /// <exception cref="InvalidOperationException">It names nothing, or a folder that lacks a binary; the message says how to get them.</exception>
    public static Assets Find() => Find(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The binaries in a folder.</summary>
    /// <exception cref="InvalidOperationException">There is no folder, or it lacks a binary; the message says how to get them.</exception>
    public static Assets Find(string? folder)
    {
        const string remedy = $"Run `make apiserver`, or set it: export {Variable}=$(setup-envtest use -p path), or =$(../shared/kube/assets) where that exists.";
        if (string.IsNullOrWhiteSpace(folder))
            throw new InvalidOperationException($"{Variable} is not set, so there is no API server to test with. {remedy}");
        var assets = new Assets(folder);
        string[] missing = [.. new[] { assets.Etcd, assets.KubeApiServer, assets.Kubectl }.Where(p => !File.Exists(p)).Select(p => Path.GetFileName(p)!)];
        return missing.Length == 0
            ? assets
            : throw new InvalidOperationException($"{Variable} is {folder}, which has no {string.Join(", ", missing)}. {remedy}");
    }
}
