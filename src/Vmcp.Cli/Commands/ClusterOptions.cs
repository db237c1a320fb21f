using System.CommandLine;

namespace Vmcp.Cli.Commands;

/// <summary>The options that say which cluster and namespace are meant, as kubectl spells them.</summary>
internal sealed class ClusterOptions
{
    /// <summary><c>--namespace</c>.</summary>
    public Option<string?> Namespace { get; } = new("--namespace", "-n")
    {
        Description = "The namespace; the one of the context, or default, when it is not given",
        HelpName = "NAME",
    };

    /// <summary><c>--kubeconfig</c>.</summary>
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "A kubeconfig file; KUBECONFIG, the account of the pod or ~/.kube/config when it is not given",
        HelpName = "FILE",
    };

    /// <summary><c>--context</c>.</summary>
    public Option<string?> Context { get; } = new("--context") { Description = "The context of the kubeconfig; its current one when it is not given", HelpName = "NAME" };
}
