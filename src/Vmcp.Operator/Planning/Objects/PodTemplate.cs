using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>
/// The gateway's pod, before the user's patch. In discovered mode nothing in it comes from members of the group, so that their coming and
/// going never rolls a pod (design 5.9).
/// </summary>
internal static class PodTemplate
{
    /// <summary>Endpoints and proxies need this long to hear that a pod is going; until then it still answers.</summary>
    public const int PreStopSeconds = 5;

    /// <summary>The pause above, then time for calls that run: the default call timeout is 30 s (operational.timeouts.default).</summary>
    public const int GraceSeconds = 60;

    private const int UserId = 1000;
    private const string ConfigVolume = "vmcp-config";
    private const string ConfigDirectory = "/etc/vmcp-config";
    private const string TempVolume = "tmp";

    public static JsonObject Of(ChildInput input)
    {
        JsonObject annotations = new()
        {
            [Annotations.ConfigChecksum] = ConfigMapObject.Checksum(input),
            [Annotations.Mode] = input.Mode,
        };
        if (!input.Document.Versions.IsEmpty)
            annotations[Annotations.SourcesChecksum] = Checksums.Sources(input.Document.Versions);
        JsonObject spec = new()
        {
            ["serviceAccountName"] = input.PodAccount,
            ["automountServiceAccountToken"] = input.UsesApi,
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["securityContext"] = PodSecurity(input.Settings.OpenShift),
        };
        if (!input.PullSecrets.IsEmpty)
            spec["imagePullSecrets"] = Manifest.Named(input.PullSecrets);
        spec["containers"] = new JsonArray(Container(input));
        spec["volumes"] = Volumes(input);
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = ChildNames.LabelObject(input.Server.Name), ["annotations"] = annotations },
            ["spec"] = spec,
        };
    }

    private static JsonObject Container(ChildInput input) => new()
    {
        ["name"] = ChildNames.Container,
        ["image"] = input.Settings.VmcpImage,
        ["imagePullPolicy"] = "IfNotPresent",
        ["args"] = Manifest.Texts(Arguments(input)),
        ["ports"] = new JsonArray(new JsonObject
        {
            ["name"] = ChildNames.PortName,
            ["containerPort"] = ChildNames.Port,
            ["protocol"] = "TCP",
        }),
        ["env"] = ContainerEnv.Of(input.Document),
        ["resources"] = new JsonObject
        {
            ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "128Mi" },
            ["limits"] = new JsonObject { ["cpu"] = "500m", ["memory"] = input.Settings.MemoryLimit },
        },
        ["startupProbe"] = Probe("/health", period: 2, timeout: 2, failures: 60),
        ["livenessProbe"] = Probe("/health", period: 10, timeout: 5, failures: 3),
        ["readinessProbe"] = Probe("/readyz", period: 5, timeout: 3, failures: 3),

        // The sleep action runs in the kubelet: the image needs no shell (Kubernetes 1.30).
        ["lifecycle"] = new JsonObject
        {
            ["preStop"] = new JsonObject { ["sleep"] = new JsonObject { ["seconds"] = PreStopSeconds } },
        },
        ["securityContext"] = ContainerSecurity(input.Settings.OpenShift),
        ["volumeMounts"] = Mounts(input),
    };

    private static IEnumerable<string> Arguments(ChildInput input)
    {
        yield return "serve";
        yield return $"--config={ConfigDirectory}/{ChildNames.ConfigKey}";
        yield return "--host=0.0.0.0";
        yield return $"--port={ChildNames.Port}";
        if (input.Debug)
            yield return "--debug";
    }

    private static JsonObject Probe(string path, int period, int timeout, int failures) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = ChildNames.PortName },
        ["periodSeconds"] = period,
        ["timeoutSeconds"] = timeout,
        ["failureThreshold"] = failures,
    };

    private static JsonArray Mounts(ChildInput input)
    {
        JsonArray mounts =
        [
            new JsonObject { ["name"] = ConfigVolume, ["mountPath"] = ConfigDirectory, ["readOnly"] = true },
            new JsonObject { ["name"] = TempVolume, ["mountPath"] = "/tmp" },
        ];
        foreach (BundleMount bundle in input.Document.Bundles)
            mounts.Add((JsonNode)new JsonObject { ["name"] = bundle.Volume, ["mountPath"] = bundle.Directory, ["readOnly"] = true });
        return mounts;
    }

    private static JsonArray Volumes(ChildInput input)
    {
        JsonArray volumes =
        [
            new JsonObject
            {
                ["name"] = ConfigVolume,
                ["configMap"] = new JsonObject { ["name"] = ChildNames.ConfigMap(input.Server.Name) },
            },
            new JsonObject { ["name"] = TempVolume, ["emptyDir"] = new JsonObject { ["sizeLimit"] = "64Mi" } },
        ];
        foreach (BundleMount bundle in input.Document.Bundles)
        {
            JsonObject item = new() { ["key"] = bundle.Key, ["path"] = bundle.FileName };
            volumes.Add((JsonNode)new JsonObject
            {
                ["name"] = bundle.Volume,
                ["configMap"] = new JsonObject { ["name"] = bundle.ConfigMap, ["items"] = new JsonArray(item) },
            });
        }

        return volumes;
    }

    private static JsonObject PodSecurity(bool openShift)
    {
        JsonObject context = new() { ["runAsNonRoot"] = true };
        if (!openShift)
        {
            context["runAsUser"] = UserId;
            context["runAsGroup"] = UserId;
            context["fsGroup"] = UserId;
        }

        context["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" };
        return context;
    }

    private static JsonObject ContainerSecurity(bool openShift)
    {
        JsonObject context = new() { ["privileged"] = false, ["runAsNonRoot"] = true };
        if (!openShift)
        {
            context["runAsUser"] = UserId;
            context["runAsGroup"] = UserId;
        }

        context["allowPrivilegeEscalation"] = false;
        context["readOnlyRootFilesystem"] = true;
        context["capabilities"] = new JsonObject { ["drop"] = Manifest.Texts("ALL") };
        context["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" };
        return context;
    }
}
