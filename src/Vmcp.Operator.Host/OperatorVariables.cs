namespace Vmcp.Operator.Host;

/// <summary>The environment variables of <c>vmcp-operator</c>, for <c>--help</c> and the reference.</summary>
internal static class OperatorVariables
{
    /// <summary>Names with their meaning, in the order <c>--help</c> shows them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
    [
        new("POD_NAMESPACE", "namespace of the Lease; default when not set"),
        new("POD_NAME", "who holds the Lease; the machine's name when not set"),
        new("WATCH_NAMESPACE", "as --watch-namespaces, which wins"),
        new("VMCP_IMAGE", "as --vmcp-image, which wins"),
        new("KUBECONFIG", "as --kubeconfig, which wins"),
        new("KUBERNETES_SERVICE_HOST", "set in every pod: the pod's account is used without a kubeconfig"),
        new("KUBERNETES_SERVICE_PORT", "its port"),
        new("VMCP_SERVICE_ACCOUNT_DIR", "folder of the pod's account, when it is not where Kubernetes mounts it"),
        new("TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS", "pull secrets of every gateway, separated by commas"),
        new("TOOLHIVE_DEFAULT_REDIS_ADDR", "session store of gateways that name none"),
        new("TOOLHIVE_DEFAULT_REDIS_SECRET_NAME", "the Secret with its password"),
        new("TOOLHIVE_DEFAULT_REDIS_SECRET_KEY", "the key in that Secret; redis-password when not set"),
        new("OPERATOR_OPENSHIFT", "true leaves user and group ids to the platform"),
    ];
}
