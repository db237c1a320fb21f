using Vmcp.Config.Model;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>
/// Tokens of the cluster's own ServiceAccounts as proof of who comes in: an MCPOIDCConfig of type kubernetesServiceAccount (auth-and-ops 1.1).
/// </summary>
/// <remarks>
/// A discovered pod fetches the keys with the account it has. An inline pod has none and asks the Kubernetes API nothing, so the operator
/// reads the public keys and mounts them as a file.
/// </remarks>
internal static class ClusterAccounts
{
    /// <summary>The key of the ConfigMap with public keys.</summary>
    public const string KeysFile = "jwks.json";

    // What the CRD fills in: not a name but "the cluster", whose tokens mostly say something longer.
    private const string DefaultIssuer = "https://kubernetes.default.svc";
    private const string ClusterKeys = DefaultIssuer + "/openid/v1/jwks";
    private const string AccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string KeysDirectory = "/etc/vmcp-oidc-keys";

    /// <summary>Whether the plan depends on what the API server says of itself as an issuer.</summary>
    public static bool AsksIssuer(VirtualMCPServer server, World world)
    {
        if (server.Spec.IncomingAuth is not { Type: "oidc", OidcConfigRef.Name: { Length: > 0 } name }
            || !world.OidcConfigs.TryGetValue(name, out MCPOIDCConfig? config)
            || config.Spec is not { Type: "kubernetesServiceAccount" })
        {
            return false;
        }

        KubernetesServiceAccountOidcSpec? spec = config.Spec.KubernetesServiceAccount;
        return spec?.UseClusterAuth != false && (Modes.IsInline(server) || IsDefault(spec?.Issuer) || string.IsNullOrEmpty(spec?.JwksUrl));
    }

    /// <summary>Why the issuer's keys or name cannot be had though they are needed; null when all is well.</summary>
    public static string? Problem(VirtualMCPServer server, World world) => !AsksIssuer(server, world) ? null : world.Issuer switch
    {
        null => "The cluster's issuer and public keys have not been read",
        { Problem: { } problem } => problem,
        _ => null,
    };

    /// <summary>The block of the document.</summary>
    public static OidcConfig Of(VirtualMCPServer server, KubernetesServiceAccountOidcSpec spec, World world, PodNeeds needs)
    {
        string? cluster = AsksIssuer(server, world) ? world.Issuer?.Issuer : null;
        OidcConfig oidc = new()
        {
            Issuer = IsDefault(spec.Issuer) ? cluster ?? DefaultIssuer : spec.Issuer,
            JwksUrl = Null(spec.JwksUrl),
            IntrospectionUrl = Null(spec.IntrospectionUrl),
            RequiredSubject = Subject(server, spec),
            JwksAllowPrivateIp = true,
            ProtectedResourceAllowPrivateIp = string.IsNullOrEmpty(spec.IntrospectionUrl) ? null : true,
        };
        if (spec.UseClusterAuth == false)
            return oidc;
        bool own = oidc.Issuer == cluster;
        if (!Modes.IsInline(server))
        {
            // Whoever is shown the pod's token had to prove itself by the cluster's own CA, which is all this connection trusts.
            return oidc with
            {
                JwksUrl = oidc.JwksUrl ?? (own ? ClusterKeys : null),
                JwksAuthTokenPath = AccountDirectory + "/token",
                CaBundlePath = AccountDirectory + "/ca.crt",
            };
        }

        if (!own)
            return oidc with { CaBundlePath = ClusterBundle(needs) };
        BundleMount keys = new("oidc-keys", ChildNames.OidcKeys(server.Key.Name), KeysFile, KeysDirectory, KeysFile);
        needs.AddOwn(keys);
        return oidc with
        {
            JwksUrl = null,
            JwksFile = Bundles.PathOf(keys),
            CaBundlePath = oidc.IntrospectionUrl is null ? null : ClusterBundle(needs),
        };
    }

    /// <summary>The public keys a document's pod mounts, or null when it mounts none.</summary>
    public static string? Keys(OidcConfig? oidc, World world) => oidc?.JwksFile is null ? null : world.Issuer?.KeySet;

    // The CA comes from the ConfigMap of the namespace, not from the token volume: an inline pod has none.
    private static string ClusterBundle(PodNeeds needs)
    {
        BundleMount mount = Bundles.OfOidc(IncomingPart.ClusterCaConfigMap, IncomingPart.BundleKey);
        needs.Add(mount);
        return Bundles.PathOf(mount);
    }

    // As the API server names an account in its tokens (Kubernetes, service account tokens).
    private static string? Subject(VirtualMCPServer server, KubernetesServiceAccountOidcSpec spec) =>
        string.IsNullOrEmpty(spec.ServiceAccount)
            ? null
            : $"system:serviceaccount:{Null(spec.Namespace) ?? server.Metadata.Namespace}:{spec.ServiceAccount}";

    private static bool IsDefault(string? issuer) => string.IsNullOrEmpty(issuer) || issuer.TrimEnd('/') == DefaultIssuer;

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
