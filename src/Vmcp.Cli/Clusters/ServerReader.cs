using System.Text.Json;
using Vmcp.Config.Reading;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Cli.Clusters;

/// <summary>A VirtualMCPServer with what runs of it.</summary>
/// <param name="Server">The resource.</param>
/// <param name="Stored">The same as it is stored.</param>
internal sealed record ServerView(VirtualMCPServer Server, KubeObject Stored)
{
    /// <summary>Replicas that should run, and that are ready; null when that may not be read.</summary>
    public (int Wanted, int Ready)? Replicas { get; init; }

    /// <summary>Its pods, ready ones first; null when they may not be read.</summary>
    public IReadOnlyList<string>? Pods { get; init; }

    /// <summary>What could not be read, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Reads a VirtualMCPServer and what runs of it.</summary>
internal static class ServerReader
{
    private const string Resource = "virtualmcpservers.toolhive.stacklok.dev";
    private const int PageSize = 500;
    private const int MaxPages = 40;

    /// <summary>Reads it.</summary>
    /// <exception cref="ClusterProblem">It is not there, or may not be read.</exception>
    public static async Task<ServerView> ReadAsync(ClusterAccess access, string name, CancellationToken cancellationToken)
    {
        KubeObject? stored;
        try
        {
            stored = await access.Cluster.GetAsync(ToolHive.VirtualMCPServer, new ObjectKey(access.Namespace, name), cancellationToken).ConfigureAwait(false);
        }
        catch (KubeException e)
        {
            throw ClusterProblem.Of(e, access, "get", Resource);
        }

        if (stored is null)
            throw new ClusterProblem(await MissingAsync(access, name, cancellationToken).ConfigureAwait(false));
        ServerView view;
        try
        {
            view = new ServerView(ResourceReader.Read(stored, ResourcesJson.Default.VirtualMCPServer), stored);
        }
        catch (ResourceFormException e)
        {
            throw new ClusterProblem(e.Message, e);
        }

        List<string> notes = [];
        view = view with { Replicas = await ReplicasAsync(access, name, notes, cancellationToken).ConfigureAwait(false) };
        view = view with { Pods = await PodsAsync(access, name, notes, cancellationToken).ConfigureAwait(false) };
        return view with { Notes = notes };
    }

    /// <summary>All objects of a kind in the namespace.</summary>
    /// <exception cref="KubeException">They may not be read.</exception>
    public static async Task<List<KubeObject>> ListAsync(ClusterAccess access, ResourceType type, string? labels, CancellationToken cancellationToken)
    {
        List<KubeObject> all = [];
        ListOptions options = new() { Namespace = access.Namespace, LabelSelector = labels, Limit = PageSize };
        for (int page = 0; page < MaxPages; page++)
        {
            ObjectPage got = await access.Cluster.ListAsync(type, options, cancellationToken).ConfigureAwait(false);
            all.AddRange(got.Items);
            if (got.Continue is null)
                break;
            options = options with { Continue = got.Continue };
        }

        return all;
    }

    private static async Task<string> MissingAsync(ClusterAccess access, string name, CancellationToken cancellationToken)
    {
        string message = $"namespace \"{access.Namespace}\" has no VirtualMCPServer \"{name}\"";
        try
        {
            string[] names = [.. (await ListAsync(access, ToolHive.VirtualMCPServer, null, cancellationToken).ConfigureAwait(false)).Select(s => s.Meta.Name)];
            return names.Length == 0
                ? $"{message}, nor any other; choose another namespace with -n"
                : $"{message}; {NearMatch.Remedy(name, names, "there are")}";
        }
        catch (KubeException)
        {
            return message; // the names are only a help
        }
    }

    private static async Task<(int, int)?> ReplicasAsync(ClusterAccess access, string name, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            KubeObject? deployment = await access.Cluster.GetAsync(BuiltIn.Deployment, new ObjectKey(access.Namespace, name), cancellationToken).ConfigureAwait(false);
            return deployment is null ? (0, 0) : (Number(deployment.At("spec", "replicas")) ?? 1, Number(deployment.At("status", "readyReplicas")) ?? 0);
        }
        catch (KubeException e)
        {
            notes.Add(ClusterProblem.Of(e, access, "get", "deployments.apps").Message);
            return null;
        }
    }

    private static async Task<IReadOnlyList<string>?> PodsAsync(ClusterAccess access, string name, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            List<KubeObject> pods = await ListAsync(
                access, BuiltIn.Pod, $"app.kubernetes.io/name=virtualmcpserver,app.kubernetes.io/instance={name}", cancellationToken).ConfigureAwait(false);
            return [.. pods.Where(p => p.Meta.DeletionTimestamp is null).OrderByDescending(IsReady).ThenBy(p => p.Meta.Name, StringComparer.Ordinal).Select(p => p.Meta.Name)];
        }
        catch (KubeException e)
        {
            notes.Add(ClusterProblem.Of(e, access, "list", "pods").Message);
            return null;
        }
    }

    private static bool IsReady(KubeObject pod) => pod.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
        && conditions.EnumerateArray().Any(c => Status.Json.Text(c, "type") == "Ready" && Status.Json.Text(c, "status") == "True");

    private static int? Number(JsonElement? value) => value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int read) ? read : null;
}
