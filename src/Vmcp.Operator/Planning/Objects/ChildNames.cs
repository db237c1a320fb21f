using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>What the objects of a VirtualMCPServer are called, so that existing scripts and dashboards keep working (operator.md 2.1).</summary>
public static class ChildNames
{
    /// <summary>The port of gateway and Service.</summary>
    public const int Port = 4483;

    /// <summary>The name of that port.</summary>
    public const string PortName = "http";

    /// <summary>The gateway's container; what a podTemplateSpec calls it.</summary>
    public const string Container = "vmcp";

    /// <summary>The key of the session Secret.</summary>
    public const string SessionSecretKey = "hmac-secret";

    /// <summary>The key of the ConfigMap.</summary>
    public const string ConfigKey = "config.yaml";

    /// <summary>The Deployment.</summary>
    public static string Deployment(string server) => server;

    /// <summary>The Service.</summary>
    public static string Service(string server) => $"vmcp-{server}";

    /// <summary>The ConfigMap.</summary>
    public static string ConfigMap(string server) => $"{server}-vmcp-config";

    /// <summary>The ConfigMap with the cluster's public keys.</summary>
    public static string OidcKeys(string server) => $"{server}-oidc-keys";

    /// <summary>ServiceAccount, Role, RoleBinding and PodDisruptionBudget.</summary>
    public static string Account(string server) => $"{server}-vmcp";

    /// <summary>The Secret that seals sessions.</summary>
    public static string SessionSecret(string server) => $"{server}-hmac-secret";

    /// <summary>The Lease by which replicas choose the one that writes backend status.</summary>
    public static string StatusLease(string server) => Resources.Status.RuntimeHalf.LeaseOf(server);

    /// <summary>The address in the cluster, without path.</summary>
    public static string Url(ObjectKey server) => $"http://{Service(server.Name)}.{server.Namespace}.svc.cluster.local:{Port}";

    /// <summary>Labels of the children and of the pods, and what selects them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Labels(string server) =>
    [
        new("app", "virtualmcpserver"),
        new("app.kubernetes.io/name", "virtualmcpserver"),
        new("app.kubernetes.io/instance", server),
        new("toolhive", "true"),
        new("toolhive-name", server),
    ];

    /// <summary>Every child a server can have, whatever its spec says: what has to be looked up to know what is there.</summary>
    public static IReadOnlyList<ChildRef> All(string server) =>
    [
        new(BuiltIn.ServiceAccount, Account(server)),
        new(BuiltIn.Role, Account(server)),
        new(BuiltIn.RoleBinding, Account(server)),
        new(BuiltIn.Secret, SessionSecret(server)),
        new(BuiltIn.ConfigMap, ConfigMap(server)),
        new(BuiltIn.ConfigMap, OidcKeys(server)),
        new(BuiltIn.Service, Service(server)),
        new(BuiltIn.Deployment, Deployment(server)),
        new(BuiltIn.PodDisruptionBudget, Account(server)),
    ];

    internal static JsonObject LabelObject(string server) => Map(Labels(server));

    internal static JsonObject Map(IEnumerable<KeyValuePair<string, string>> entries)
    {
        JsonObject map = [];
        foreach ((string name, string value) in entries)
            map.Add(name, value);
        return map;
    }
}
