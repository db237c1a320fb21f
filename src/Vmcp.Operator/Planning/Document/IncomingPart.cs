using Vmcp.Config.Model;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary><c>incomingAuth</c> of the document, from <c>spec.incomingAuth</c> and the MCPOIDCConfig it names (operator 2.4).</summary>
internal static class IncomingPart
{
    /// <summary>The ConfigMap with the cluster's CA that Kubernetes keeps in every namespace.</summary>
    public const string ClusterCaConfigMap = "kube-root-ca.crt";

    public const string BundleKey = "ca.crt";

    /// <summary>The block, or what is missing for it.</summary>
    public static (IncomingAuthConfig? Incoming, string? Problem) Build(VirtualMCPServer server, World world, PodNeeds needs)
    {
        if (server.Spec.IncomingAuth is not { } spec)
            return (null, "spec.incomingAuth: required");
        (Config.Model.AuthzConfig? authz, AuthzProblem? problem) = AuthzPart.Of(server, world);
        if (problem is not null)
            return (null, problem.Message);
        if (spec.Type == "anonymous")
            return (new IncomingAuthConfig { Type = IncomingAuthType.Anonymous, Authz = authz }, null);
        if (spec.OidcConfigRef is not { Name.Length: > 0 } reference)
            return (null, "spec.incomingAuth.oidcConfigRef: required for type oidc");
        if (!world.OidcConfigs.TryGetValue(reference.Name, out MCPOIDCConfig? config))
            return (null, $"MCPOIDCConfig \"{reference.Name}\" does not exist");
        if (ClusterAccounts.Problem(server, world) is { } unread)
            return (null, unread);
        OidcConfig? oidc = config.Spec.Type == "kubernetesServiceAccount"
            ? ClusterAccounts.Of(server, config.Spec.KubernetesServiceAccount ?? new KubernetesServiceAccountOidcSpec(), world, needs)
            : config.Spec.Inline is { } inline ? OfProvider(inline, needs) : null;
        if (oidc is null)
            return (null, $"MCPOIDCConfig \"{reference.Name}\": spec.inline is missing, which type inline needs");
        return (new IncomingAuthConfig
        {
            Type = IncomingAuthType.Oidc,
            Authz = authz,
            Oidc = oidc with
            {
                Audience = Null(reference.Audience),
                Resource = Null(reference.ResourceUrl) ?? ServerAddress.Mcp(server),
                Scopes = [.. reference.Scopes],
                RequiredScopes = [.. reference.RequiredScopes],
            },
        }, null);
    }

    private static OidcConfig OfProvider(InlineOidcSpec spec, PodNeeds needs)
    {
        if (spec.ClientSecretRef is { } secret)
            needs.Add(EnvGroup.Incoming, new EnvVar.FromSecret(OidcConfig.ClientSecretVariable, secret.Name, secret.Key, Optional: false));
        string? bundle = null;
        if (spec.CaBundleRef?.ConfigMapRef is { Name.Length: > 0 } source)
        {
            BundleMount mount = Bundles.OfOidc(source.Name, Null(source.Key) ?? BundleKey);
            needs.Add(mount);
            bundle = Bundles.PathOf(mount);
        }

        return new OidcConfig
        {
            Issuer = Null(spec.Issuer),
            ClientId = Null(spec.ClientId),
            ClientSecretEnv = spec.ClientSecretRef is null ? null : OidcConfig.ClientSecretVariable,
            JwksUrl = Null(spec.JwksUrl),
            JwksAuthTokenPath = Null(spec.JwksAuthTokenPath),
            IntrospectionUrl = Null(spec.IntrospectionUrl),
            ProtectedResourceAllowPrivateIp = True(spec.ProtectedResourceAllowPrivateIP),
            JwksAllowPrivateIp = True(spec.JwksAllowPrivateIP),
            InsecureAllowHttp = True(spec.InsecureAllowHTTP),
            CaBundlePath = bundle,
        };
    }

    private static bool? True(bool? flag) => flag == true ? true : null;

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
