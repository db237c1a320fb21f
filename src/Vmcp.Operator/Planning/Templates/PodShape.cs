using System.Collections.Frozen;
using static Vmcp.Operator.Planning.Templates.Shape;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>The fields of a PodTemplateSpec: their JSON kinds and merge keys (Kubernetes API reference, core/v1, "Patch strategy").</summary>
internal static class PodShape
{
    private static readonly Obj KeyRef = Of(("name", Text), ("key", Text), ("optional", Flag));

    private static readonly Obj EnvVar = Of(
        ("name", Text),
        ("value", Text),
        ("valueFrom", Of(
            ("fieldRef", Of(("apiVersion", Text), ("fieldPath", Text))),
            ("resourceFieldRef", Of(("containerName", Text), ("resource", Text), ("divisor", Quantity))),
            ("configMapKeyRef", KeyRef),
            ("secretKeyRef", KeyRef)) with
        { OneOf = [Set("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")] }))
        with
    { OneOf = [Set("value", "valueFrom")] };

    private static readonly FrozenSet<string> Actions = Set("exec", "httpGet", "tcpSocket", "grpc", "sleep");

    private static readonly (string, Shape)[] ActionMembers =
    [
        ("exec", Of(("command", Texts))),
        ("httpGet", Of(
            ("path", Text),
            ("port", WholeOrText),
            ("host", Text),
            ("scheme", Text),
            ("httpHeaders", new List(Of(("name", Text), ("value", Text)))))),
        ("tcpSocket", Of(("port", WholeOrText), ("host", Text))),
        ("grpc", Of(("port", Whole), ("service", Text))),
        ("sleep", Of(("seconds", Whole))),
    ];

    private static readonly Obj Probe = Of(
    [
        .. ActionMembers,
        ("initialDelaySeconds", Whole),
        ("timeoutSeconds", Whole),
        ("periodSeconds", Whole),
        ("successThreshold", Whole),
        ("failureThreshold", Whole),
        ("terminationGracePeriodSeconds", Whole),
    ]) with
    { OneOf = [Actions] };

    private static readonly Obj Handler = Of(ActionMembers) with { OneOf = [Actions] };

    private static readonly (string, Shape)[] SecurityMembers =
    [
        ("runAsUser", Whole),
        ("runAsGroup", Whole),
        ("runAsNonRoot", Flag),
        ("seccompProfile", Of(("type", Text), ("localhostProfile", Text))),
        ("appArmorProfile", Of(("type", Text), ("localhostProfile", Text))),
        ("seLinuxOptions", Of(("level", Text), ("role", Text), ("type", Text), ("user", Text))),
        ("windowsOptions", AnyObject),
    ];

    private static readonly Obj ContainerSecurity = Of(
    [
        .. SecurityMembers,
        ("privileged", Flag),
        ("allowPrivilegeEscalation", Flag),
        ("readOnlyRootFilesystem", Flag),
        ("procMount", Text),
        ("capabilities", Of(("add", Texts), ("drop", Texts))),
    ]);

    private static readonly Obj PodSecurity = Of(
    [
        .. SecurityMembers,
        ("fsGroup", Whole),
        ("fsGroupChangePolicy", Text),
        ("supplementalGroups", new List(Whole)),
        ("supplementalGroupsPolicy", Text),
        ("sysctls", new List(Of(("name", Text), ("value", Text)))),
    ]);

    private static readonly Obj Container = Of(
        ("name", Text),
        ("image", Text),
        ("imagePullPolicy", Text),
        ("command", Texts),
        ("args", Texts),
        ("workingDir", Text),
        ("ports", new List(
            Of(("containerPort", Whole), ("name", Text), ("protocol", Text), ("hostPort", Whole), ("hostIP", Text)), "containerPort")),
        ("env", new List(EnvVar, "name")),
        ("envFrom", new List(Of(("prefix", Text), ("configMapRef", AnyObject), ("secretRef", AnyObject)))),
        ("resources", Of(("limits", new Map(Quantity)), ("requests", new Map(Quantity)), ("claims", new List(AnyObject)))),
        ("resizePolicy", new List(AnyObject)),
        ("restartPolicy", Text),
        ("volumeMounts", new List(
            Of(
                ("name", Text),
                ("mountPath", Text),
                ("subPath", Text),
                ("subPathExpr", Text),
                ("readOnly", Flag),
                ("recursiveReadOnly", Text),
                ("mountPropagation", Text)),
            "mountPath")),
        ("volumeDevices", new List(Of(("devicePath", Text), ("name", Text)), "devicePath")),
        ("livenessProbe", Probe),
        ("readinessProbe", Probe),
        ("startupProbe", Probe),
        ("lifecycle", Of(("preStop", Handler), ("postStart", Handler), ("stopSignal", Text))),
        ("securityContext", ContainerSecurity),
        ("terminationMessagePath", Text),
        ("terminationMessagePolicy", Text),
        ("stdin", Flag),
        ("stdinOnce", Flag),
        ("tty", Flag));

    private static readonly Obj Volume = Of(
        ("name", Text),
        ("emptyDir", Of(("medium", Text), ("sizeLimit", Quantity))),
        ("configMap", Of(("name", Text), ("items", new List(AnyObject)), ("defaultMode", Whole), ("optional", Flag))),
        ("secret", Of(("secretName", Text), ("items", new List(AnyObject)), ("defaultMode", Whole), ("optional", Flag))),
        ("projected", Of(("sources", new List(AnyObject)), ("defaultMode", Whole))),
        ("persistentVolumeClaim", Of(("claimName", Text), ("readOnly", Flag))),
        ("hostPath", Of(("path", Text), ("type", Text))),
        ("csi", AnyObject),
        ("downwardAPI", AnyObject),
        ("ephemeral", AnyObject),
        ("nfs", AnyObject)) with
    { ChoiceBeside = "name" };

    private static readonly Obj PodSpec = Of(
        ("containers", new List(Container, "name")),
        ("initContainers", new List(Container, "name")),
        ("ephemeralContainers", new List(Container, "name")),
        ("volumes", new List(Volume, "name")),
        ("imagePullSecrets", new List(Of(("name", Text)), "name")),
        ("hostAliases", new List(Of(("ip", Text), ("hostnames", Texts)), "ip")),
        ("topologySpreadConstraints", new List(
            Of(
                ("topologyKey", Text),
                ("maxSkew", Whole),
                ("whenUnsatisfiable", Text),
                ("labelSelector", AnyObject),
                ("minDomains", Whole),
                ("matchLabelKeys", Texts)),
            "topologyKey")),
        ("schedulingGates", new List(Of(("name", Text)), "name")),
        ("resourceClaims", new List(Of(("name", Text)), "name")),
        ("tolerations", new List(
            Of(("key", Text), ("operator", Text), ("value", Text), ("effect", Text), ("tolerationSeconds", Whole)))),
        ("readinessGates", new List(Of(("conditionType", Text)))),
        ("nodeSelector", TextMap),
        ("nodeName", Text),
        ("affinity", Of(("nodeAffinity", AnyObject), ("podAffinity", AnyObject), ("podAntiAffinity", AnyObject))),
        ("securityContext", PodSecurity),
        ("serviceAccountName", Text),
        ("serviceAccount", Text),
        ("automountServiceAccountToken", Flag),
        ("restartPolicy", Text),
        ("terminationGracePeriodSeconds", Whole),
        ("activeDeadlineSeconds", Whole),
        ("dnsPolicy", Text),
        ("dnsConfig", Of(("nameservers", Texts), ("searches", Texts), ("options", new List(AnyObject)))),
        ("hostNetwork", Flag),
        ("hostPID", Flag),
        ("hostIPC", Flag),
        ("hostUsers", Flag),
        ("hostname", Text),
        ("subdomain", Text),
        ("setHostnameAsFQDN", Flag),
        ("shareProcessNamespace", Flag),
        ("schedulerName", Text),
        ("priorityClassName", Text),
        ("priority", Whole),
        ("preemptionPolicy", Text),
        ("runtimeClassName", Text),
        ("enableServiceLinks", Flag),
        ("overhead", new Map(Quantity)),
        ("os", Of(("name", Text))),
        ("resources", AnyObject));

    /// <summary>The whole template.</summary>
    public static Obj Template { get; } = Of(
        ("metadata", Of(
            ("name", Text),
            ("namespace", Text),
            ("labels", TextMap),
            ("annotations", TextMap),
            ("finalizers", new List(Text) { Adds = true }),
            ("ownerReferences", new List(AnyObject, "uid")))),
        ("spec", PodSpec));

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
