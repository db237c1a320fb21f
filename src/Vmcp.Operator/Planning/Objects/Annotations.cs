namespace Vmcp.Operator.Planning.Objects;

/// <summary>The annotations the operator writes on children.</summary>
public static class Annotations
{
    /// <summary>Checksum of the ConfigMap's content, on the ConfigMap (operator.md 2.4).</summary>
    public const string ContentChecksum = "toolhive.stacklok.dev/content-checksum";

    /// <summary>The same on the pod template: another configuration rolls the pods.</summary>
    public const string ConfigChecksum = "toolhive.stacklok.dev/runconfig-checksum";

    /// <summary>Checksum of the versions of Secrets and ConfigMaps the pod takes values from, on the pod template: a rotation rolls the pods.</summary>
    public const string SourcesChecksum = "toolhive.stacklok.dev/sources-checksum";

    /// <summary>Hash of the rendered pod template, on Deployment and template: tells pods of now from pods of before.</summary>
    public const string TemplateHash = "toolhive.stacklok.dev/template-hash";

    /// <summary><c>discovered</c> or <c>inline</c>, on the pod template: tells which pods still need the Kubernetes API.</summary>
    public const string Mode = "toolhive.stacklok.dev/mode";

    /// <summary>What the session Secret is for.</summary>
    public const string Purpose = "toolhive.stacklok.dev/purpose";

    /// <summary>Its value.</summary>
    public const string SessionPurpose = "hmac-secret-for-session-token-binding";
}
