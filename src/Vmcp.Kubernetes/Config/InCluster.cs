namespace Vmcp.Kubernetes.Config;

/// <summary>The account a pod is given (Kubernetes, "Accessing the Kubernetes API from a Pod").</summary>
internal static class InCluster
{
    public const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";

    /// <summary>The pod's way to its API server; null when this is no pod.</summary>
    /// <exception cref="KubeConfigException">It is a pod, and its account is not complete.</exception>
    public static KubeConfig? Read(KubeEnvironment environment, TimeProvider time)
    {
        if (environment.Variable(HostVariable) is not { Length: > 0 } host)
            return null;
        string port = environment.Variable(PortVariable) is { Length: > 0 } given ? given : "443";
        string directory = environment.ServiceAccountDirectory;
        string token = Path.Combine(directory, "token");
        if (!File.Exists(token))
        {
            throw new KubeConfigException(
                $"{HostVariable} is set, so this is a pod, but {token} does not exist: set automountServiceAccountToken: true on the "
                + "ServiceAccount or the pod, or give --kubeconfig FILE");
        }

        // An IPv6 address stands bare in the variable and in brackets in a URL.
        string authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
        if (!Uri.TryCreate($"https://{authority}", UriKind.Absolute, out Uri? server))
            throw new KubeConfigException($"{HostVariable}={host} and {PortVariable}={port} make no address");
        string authorities = Path.Combine(directory, "ca.crt");
        string space = Path.Combine(directory, "namespace");
        return new KubeConfig
        {
            Server = server,
            Source = "in-cluster",
            Namespace = File.Exists(space) ? Certificates.Text(space, space).Trim() : null,
            Authorities = Certificates.AuthoritiesFile(authorities, "in-cluster account"),
            AuthoritiesFile = authorities,
            Token = TokenSource.OfFile(token, null, time),
        };
    }
}
