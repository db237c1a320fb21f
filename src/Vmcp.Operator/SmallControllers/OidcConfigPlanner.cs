using System.Text.Json;
using Vmcp.Resources;

namespace Vmcp.Operator.SmallControllers;

/// <summary>The status of an MCPOIDCConfig (crds 8).</summary>
public static class OidcConfigPlanner
{
    /// <summary>Holds the deletion while the object is in use.</summary>
    public const string Finalizer = "mcpoidcconfig.toolhive.stacklok.dev/finalizer";

    /// <summary>What its status should say.</summary>
    public static SmallPlan Plan(MCPOIDCConfig config, ConfigFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(facts);
        return ConfigPlan.Make(new ConfigDraft
        {
            Meta = config.Metadata,
            Spec = JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPOIDCConfigSpec),
            Before = config.Status.Conditions,
            Finalizer = Finalizer,
            Valid = ConfigPlan.Valid(Problems(config.Spec), "ConfigValid", "ConfigInvalid"),
            Referrers = facts.Referrers,
        });
    }

    /// <summary>What is wrong with it, one sentence each; also for those who use it and must not wait for its status.</summary>
    public static IReadOnlyList<string> Problems(MCPOIDCConfigSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        List<string> problems = [];
        if (spec.Type is not ("kubernetesServiceAccount" or "inline"))
            problems.Add($"spec.type: {Is(spec.Type)}; must be kubernetesServiceAccount or inline");
        Block("kubernetesServiceAccount", spec.KubernetesServiceAccount is not null, spec.Type, problems);
        Block("inline", spec.Inline is not null, spec.Type, problems);
        if (spec.KubernetesServiceAccount is { } account)
        {
            // Without the account there would be nothing to compare, and every account of the cluster would come in.
            if (!string.IsNullOrEmpty(account.Namespace) && string.IsNullOrEmpty(account.ServiceAccount))
                problems.Add("spec.kubernetesServiceAccount.namespace: says nothing without serviceAccount; name the ServiceAccount, or remove it");
            SpecUrl.Check(account.Issuer, "spec.kubernetesServiceAccount.issuer", allowHttp: false, problems);
            SpecUrl.Check(account.JwksUrl, "spec.kubernetesServiceAccount.jwksUrl", allowHttp: false, problems);
            SpecUrl.Check(account.IntrospectionUrl, "spec.kubernetesServiceAccount.introspectionUrl", allowHttp: false, problems);
        }

        if (spec.Inline is { } inline)
            Inline(inline, problems);
        return problems;
    }

    private static void Inline(InlineOidcSpec inline, List<string> problems)
    {
        bool allowHttp = inline.InsecureAllowHTTP == true;
        if (inline.Issuer.Length == 0)
            problems.Add("spec.inline.issuer: required: the URL of the identity provider");
        SpecUrl.Check(inline.Issuer, "spec.inline.issuer", allowHttp, problems, "set spec.inline.insecureAllowHTTP: true for development");
        SpecUrl.Check(inline.JwksUrl, "spec.inline.jwksUrl", allowHttp, problems, "set spec.inline.insecureAllowHTTP: true for development");
        SpecUrl.Check(inline.IntrospectionUrl, "spec.inline.introspectionUrl", allowHttp, problems, "set spec.inline.insecureAllowHTTP: true for development");
        if (inline.ClientSecretRef is { } secret && (secret.Name.Length == 0 || secret.Key.Length == 0))
            problems.Add("spec.inline.clientSecretRef: name and key of a Secret are required");
        if (inline.CaBundleRef is { } bundle && string.IsNullOrEmpty(bundle.ConfigMapRef?.Name))
            problems.Add("spec.inline.caBundleRef.configMapRef.name: required: the ConfigMap with the CA certificates");
    }

    private static void Block(string name, bool present, string? type, List<string> problems)
    {
        if (present && type != name)
            problems.Add($"spec.{name}: only type: {name} has it; remove it or change spec.type");
        else if (!present && type == name)
            problems.Add($"spec.{name}: required by type: {name}");
    }

    private static string Is(string? type) => string.IsNullOrEmpty(type) ? "required" : $"\"{type}\" is not known";
}
