using System.Collections;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>The environment of a container: what its pod says, and of this process's own only what a program of .NET needs to start.</summary>
internal static partial class PodVariables
{
    /// <summary>The variables to give to a process; null removes one of ours.</summary>
    /// <exception cref="ContainerProblemException">A Secret or ConfigMap that must be there is not.</exception>
    public static async Task<Dictionary<string, string?>> OfAsync(
        PodSpec spec, PodFolder folder, IPAddress address, Uri server, ICluster cluster, CancellationToken cancellationToken)
    {
        Dictionary<string, string> given = [];
        foreach (JsonElement variable in spec.Env)
        {
            string name = PodSpec.Text(variable, "name")!;
            if (variable.TryGetProperty("valueFrom", out JsonElement from))
            {
                if (await ReferredAsync(spec, from, address, cluster, cancellationToken) is { } value)
                    given[name] = value;
            }
            else
            {
                given[name] = Expand(PodSpec.Text(variable, "value") ?? "", given);
            }
        }

        Dictionary<string, string?> all = [];
        foreach (DictionaryEntry ours in Environment.GetEnvironmentVariables())
        {
            string name = (string)ours.Key;
            if (name != "PATH" && !name.StartsWith("DOTNET_", StringComparison.Ordinal))
                all[name] = null;
        }

        // Or each would make sockets and pipes for debuggers.
        all["DOTNET_EnableDiagnostics"] = "0";
        all["HOME"] = folder.Home;
        all["HOSTNAME"] = spec.Pod.Meta.Name;
        if (spec.MountPaths.Contains("/tmp"))
            all["TMPDIR"] = folder.Local("/tmp");
        // Every pod is told where the API server is, whether or not it has a token.
        all["KUBERNETES_SERVICE_HOST"] = server.Host;
        all["KUBERNETES_SERVICE_PORT"] = $"{server.Port}";
        foreach ((string name, string value) in given)
            all[name] = value;
        return all;
    }

    /// <summary>Dependent variables (core/v1 EnvVar): <c>$(NAME)</c> of those defined before; <c>$$</c> is a dollar; unknown names stay.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> known) => Reference().Replace(text, match =>
        match.Value == "$$" ? "$" : known.TryGetValue(match.Groups[1].Value, out string? value) ? value : match.Value);

    private static async Task<string?> ReferredAsync(
        PodSpec spec, JsonElement from, IPAddress address, ICluster cluster, CancellationToken cancellationToken)
    {
        if (from.TryGetProperty("fieldRef", out JsonElement field))
        {
            return PodSpec.Text(field, "fieldPath") switch
            {
                "metadata.name" => spec.Pod.Meta.Name,
                "metadata.namespace" => spec.Pod.Meta.Namespace,
                "metadata.uid" => spec.Pod.Meta.Uid,
                "status.podIP" => address.ToString(),
                "spec.serviceAccountName" => spec.Account,
                "spec.nodeName" => PodSpec.Text(spec.Spec, "nodeName"),
                var other => throw new NotSupportedException($"pod {spec.Pod.Key}: the test kubelet does not know fieldPath {other}"),
            };
        }

        (ResourceType type, JsonElement reference) = from.TryGetProperty("secretKeyRef", out JsonElement secret)
            ? (BuiltIn.Secret, secret)
            : (BuiltIn.ConfigMap, from.GetProperty("configMapKeyRef"));
        string name = PodSpec.Text(reference, "name")!;
        string key = PodSpec.Text(reference, "key")!;
        KubeObject? found = await cluster.GetAsync(type, new ObjectKey(spec.Pod.Meta.Namespace, name), cancellationToken);
        if (found?.At("data", key)?.GetString() is { } value)
            return type == BuiltIn.Secret ? Encoding.UTF8.GetString(Convert.FromBase64String(value)) : value;
        if (reference.TryGetProperty("optional", out JsonElement optional) && optional.GetBoolean())
            return null;
        throw new ContainerProblemException(found is null ? $"{type} \"{name}\" not found" : $"couldn't find key {key} in {type} {spec.Pod.Meta.Namespace}/{name}");
    }

    [GeneratedRegex(@"\$\$|\$\(([^)]+)\)")]
    private static partial Regex Reference();
}
