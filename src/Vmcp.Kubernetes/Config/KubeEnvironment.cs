namespace Vmcp.Kubernetes.Config;

/// <summary>What of the process's surroundings decides how the API server is reached; tests bring their own.</summary>
public sealed record KubeEnvironment
{
    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The user's home directory, where <c>.kube/config</c> is looked for.</summary>
    public string Home { get; init; } = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>
    /// Where a pod finds its account (Kubernetes, "Accessing the Kubernetes API from a Pod"); <c>VMCP_SERVICE_ACCOUNT_DIR</c> names another
    /// place, for a token that is projected elsewhere.
    /// </summary>
    public string ServiceAccountDirectory
    {
        get => field ?? (Variable("VMCP_SERVICE_ACCOUNT_DIR") is { Length: > 0 } elsewhere ? elsewhere : "/var/run/secrets/kubernetes.io/serviceaccount");
        init;
    }
}
