using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Cli.Terminals;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;

namespace Vmcp.Cli.Clusters;

/// <summary>Which cluster a command line means.</summary>
/// <param name="Kubeconfig"><c>--kubeconfig</c>.</param>
/// <param name="Context"><c>--context</c>.</param>
/// <param name="Namespace"><c>--namespace</c>.</param>
internal sealed record ClusterChoice(string? Kubeconfig, string? Context, string? Namespace);

/// <summary>A cluster as the person at the terminal reaches it. Only commands that were asked about a cluster come here.</summary>
/// <param name="Cluster">The API server.</param>
/// <param name="Pods">The way to pods.</param>
/// <param name="Namespace">The namespace that is meant.</param>
internal sealed record ClusterAccess(ICluster Cluster, IPodProxy Pods, string Namespace) : IDisposable
{
    /// <summary>Options for kubectl that lead to the same cluster and namespace, for hints.</summary>
    public string KubectlOptions { get; init; } = $"-n {Namespace}";

    /// <summary>Reads the kubeconfig; connects to nothing yet.</summary>
    /// <exception cref="ClusterProblem">There is no way to a cluster.</exception>
    public static ClusterAccess Open(ClusterChoice request, Terminal terminal)
    {
        try
        {
            KubeConfig config = KubeConfig.Load(request.Kubeconfig, request.Context, new KubeEnvironment { Variable = terminal.Env }, terminal.Time);
            KubeClient client = new(config, terminal.Time, NullLogger.Instance);
            string space = request.Namespace ?? config.Namespace ?? "default";
            string options = (request.Kubeconfig is { } file ? $"--kubeconfig {file} " : "") + (request.Context is { } context ? $"--context {context} " : "");
            return new ClusterAccess(client, client, space) { KubectlOptions = $"{options}-n {space}" };
        }
        catch (KubeConfigException e)
        {
            throw new ClusterProblem(e.Message, e);
        }
    }

    /// <summary>Lets connections go.</summary>
    public void Dispose() => (Cluster as IDisposable)?.Dispose();
}

/// <summary>The cluster cannot tell what was asked; the message says why and what to do.</summary>
internal sealed class ClusterProblem(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The problem behind a refusal of the API server.</summary>
    /// <param name="e">The refusal.</param>
    /// <param name="access">As whom and where was asked.</param>
    /// <param name="verb">The verb in the words of RBAC.</param>
    /// <param name="resource">The resource as kubectl names it.</param>
    public static ClusterProblem Of(KubeException e, ClusterAccess access, string verb, string resource) => new(
        e.Error switch
        {
            KubeError.Forbidden =>
                $"your account may not {verb} {resource} in namespace \"{access.Namespace}\"; check with: kubectl {access.KubectlOptions} auth can-i {verb} {resource}",
            KubeError.Unauthorized => "the API server refuses your credential; renew it, or choose another context with --context",
            KubeError.NotFound => $"the API server knows no {resource}; are the custom resource definitions of vmcp installed?",
            _ => e.Message,
        },
        e);
}
