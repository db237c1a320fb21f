using System.Security.Cryptography.X509Certificates;

namespace Vmcp.Kubernetes.Config;

/// <summary>Where the API server is and who we are to it. Holds credentials: never write it out.</summary>
public sealed class KubeConfig
{
    /// <summary>The server's address, with a path when it sits behind one.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where this was read, for messages: <c>in-cluster</c>, or file and context.</summary>
    public required string Source { get; init; }

    /// <summary>The namespace of the pod or of the context, or null.</summary>
    public string? Namespace { get; init; }

    /// <summary>Who may sign the server's certificate; null means the machine's trust store.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>
    /// The file <see cref="Authorities"/> came from, or null. It is looked at again when a server's certificate is not of them: the
    /// authority of a cluster is replaced now and then, and pods are given the new one while they run.
    /// </summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>Any certificate of the server is taken (<c>insecure-skip-tls-verify</c>).</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name the server's certificate must bear instead of the address's (<c>tls-server-name</c>), or null.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The certificate we show, with its key, or null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Certificates between ours and its authority, sent along.</summary>
    public X509Certificate2Collection ClientChain { get; init; } = [];

    /// <summary>The bearer token we show, or null.</summary>
    public TokenSource? Token { get; init; }

    /// <summary>
    /// Reads the first there is: the file given (<c>--kubeconfig</c>), the files of <c>KUBECONFIG</c>, the account of the pod,
    /// <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="path">A kubeconfig file, or null.</param>
    /// <param name="context">The context to take from a kubeconfig, or null for its current one.</param>
    /// <param name="environment">The surroundings; null for the process's own.</param>
    /// <param name="time">The clock by which token files are read again; null for the system's.</param>
    /// <exception cref="KubeConfigException">There is none, or it is broken.</exception>
    public static KubeConfig Load(string? path = null, string? context = null, KubeEnvironment? environment = null, TimeProvider? time = null)
    {
        environment ??= new KubeEnvironment();
        time ??= TimeProvider.System;
        if (!string.IsNullOrEmpty(path))
            return KubeconfigFile.Read([path], context, time);
        if (environment.Variable("KUBECONFIG") is { Length: > 0 } list)
            return KubeconfigFile.Read(list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), context, time);
        if (InCluster.Read(environment, time) is { } pod)
            return pod;
        string ofUser = Path.Combine(environment.Home, ".kube", "config");
        if (File.Exists(ofUser))
            return KubeconfigFile.Read([ofUser], context, time);
        throw new KubeConfigException(
            $"no way to the API server: neither --kubeconfig nor KUBECONFIG is set, {InCluster.HostVariable} is not set (not in a pod), "
            + $"and {ofUser} does not exist; give --kubeconfig FILE");
    }

    /// <summary>Names the server and where it was read, no credential.</summary>
    public override string ToString() => $"{Server} ({Source})";
}
