namespace Vmcp.Cli.Commands;

/// <summary>The environment variables that <c>vmcp</c> reads, for the reference. A test finds the ones the code reads and misses here.</summary>
internal static class Variables
{
    /// <summary>Names with their meaning; what stands between angle brackets is a part the name is made with.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
    [
        new("VMCP_SESSION_HMAC_SECRET", "base64 of at least 32 random bytes: the key of session ids, shared by replicas and kept over restarts; a random one when not set"),
        new("VMCP_OIDC_CLIENT_SECRET", "the secret of incomingAuth.oidc.clientId, when clientSecretEnv names no other variable"),
        new("TOOLHIVE_OIDC_CLIENT_SECRET", "an older name of it, looked at last"),
        new("TOOLHIVE_HEADER_FORWARD_<BACKEND>", "JSON with static headers for a backend: addPlaintextHeaders, addHeadersFromSecret"),
        new("TOOLHIVE_SECRET_<identifier>", "the value behind an identifier in addHeadersFromSecret"),
        new("AWS_ENDPOINT_URL_STS", "the endpoint of AWS STS for aws_sts, in place of the one of the region"),
        new("AWS_ENDPOINT_URL", "the same, looked at when the other is not set"),
        new("KUBECONFIG", "kubeconfig files, when --kubeconfig names none"),
        new("KUBERNETES_SERVICE_HOST", "set in every pod: the API server is reached with the pod's account when neither --kubeconfig nor KUBECONFIG is given"),
        new("KUBERNETES_SERVICE_PORT", "its port"),
        new("VMCP_SERVICE_ACCOUNT_DIR", "folder of the pod's account, when it is not where Kubernetes mounts it"),
        new("VMCP_NAME", "set by the operator: the VirtualMCPServer that this gateway is, in discovered mode"),
        new("VMCP_NAMESPACE", "set by the operator: its namespace"),
        new("VMCP_STATUS_REPORTER", "set by the operator: none or kubernetes; who writes the status of the resource"),
        new("NO_COLOR", "no colours, whatever its value, unless it is empty"),
        new("TERM", "dumb: no colours"),
        new("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "0: finished reads and writes of sockets are handed to the thread pool; 1 when not set"),
    ];
}
