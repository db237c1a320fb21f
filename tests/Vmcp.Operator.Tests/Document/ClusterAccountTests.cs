using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Tests.Document;

/// <summary>Tokens of the cluster's own ServiceAccounts open the gateway, in a pod with a token and in one without.</summary>
public sealed class ClusterAccountTests
{
    private const string Account = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static readonly ClusterIssuer Cluster = new() { Issuer = "https://kubernetes.default.svc.cluster.local", KeySet = "{\"keys\":[{\"kid\":\"a\"}]}" };

    [Fact]
    public void An_inline_pod_finds_the_keys_in_a_file_and_asks_nobody()
    {
        (GatewayDocument document, GatewayConfig config) = Given("inline").Rendered();

        config.IncomingAuth!.Oidc.ShouldBe(new OidcConfig
        {
            Issuer = "https://kubernetes.default.svc.cluster.local",
            Audience = "a1",
            Resource = "http://vmcp-hub.demo.svc.cluster.local:4483/mcp",
            JwksFile = "/etc/vmcp-oidc-keys/jwks.json",
            JwksAllowPrivateIp = true,
        });
        document.OidcKeys.ShouldBe(Cluster.KeySet);
        document.Bundles.ShouldBe([new BundleMount("oidc-keys", "hub-oidc-keys", "jwks.json", "/etc/vmcp-oidc-keys", "jwks.json")]);
        document.Versions.ShouldBeEmpty("another key must not roll the pod");
    }

    [Fact]
    public void A_discovered_pod_shows_its_own_token_to_the_cluster_and_trusts_its_CA_alone()
    {
        (GatewayDocument document, GatewayConfig config) = Given("discovered").Rendered();

        config.IncomingAuth!.Oidc.ShouldBe(new OidcConfig
        {
            Issuer = "https://kubernetes.default.svc.cluster.local",
            Audience = "a1",
            Resource = "http://vmcp-hub.demo.svc.cluster.local:4483/mcp",
            JwksUrl = "https://kubernetes.default.svc/openid/v1/jwks",
            JwksAuthTokenPath = $"{Account}/token",
            CaBundlePath = $"{Account}/ca.crt",
            JwksAllowPrivateIp = true,
        });
        document.OidcKeys.ShouldBeNull();
        document.Bundles.ShouldBeEmpty();
        document.Versions.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("serviceAccount: bot, namespace: prod", "system:serviceaccount:prod:bot")]
    [InlineData("serviceAccount: bot", "system:serviceaccount:demo:bot")]
    [InlineData("", null)]
    public void A_named_account_is_the_only_one_that_comes_in(string account, string? subject)
    {
        foreach (string mode in (string[])["inline", "discovered"])
            Given(mode, account).Rendered().Config.IncomingAuth!.Oidc!.RequiredSubject.ShouldBe(subject);
    }

    [Theory]
    [InlineData("issuer: 'https://kubernetes.default.svc'")]
    [InlineData("issuer: 'https://kubernetes.default.svc/'")]
    [InlineData("issuer: 'https://kubernetes.default.svc.cluster.local', jwksUrl: 'https://mirror.example.com/keys'")]
    public void The_default_and_the_clusters_own_name_both_mean_the_cluster(string issuer)
    {
        OidcConfig oidc = Given("inline", issuer).Rendered().Config.IncomingAuth!.Oidc!;

        (oidc.Issuer, oidc.JwksFile, oidc.JwksUrl).ShouldBe((Cluster.Issuer, "/etc/vmcp-oidc-keys/jwks.json", null));
    }

    [Fact]
    public void Another_issuer_keeps_the_address_of_its_keys()
    {
        const string Other = "issuer: 'https://other.example.com', jwksUrl: 'https://other.example.com/keys'";
        (GatewayDocument document, GatewayConfig config) = Given("inline", Other).Rendered();
        OidcConfig discovered = Given("discovered", Other).Rendered().Config.IncomingAuth!.Oidc!;
        OidcConfig open = Given("inline", Other + ", useClusterAuth: false").Rendered().Config.IncomingAuth!.Oidc!;

        OidcConfig inline = config.IncomingAuth!.Oidc!;
        (inline.Issuer, inline.JwksUrl, inline.JwksFile, inline.JwksAuthTokenPath).ShouldBe(("https://other.example.com", "https://other.example.com/keys", null, null));
        inline.CaBundlePath.ShouldBe("/config/certs/kube-root-ca.crt/ca.crt");
        document.OidcKeys.ShouldBeNull();
        (discovered.JwksUrl, discovered.JwksAuthTokenPath).ShouldBe(("https://other.example.com/keys", $"{Account}/token"));
        (open.JwksUrl, open.JwksAuthTokenPath, open.CaBundlePath).ShouldBe(("https://other.example.com/keys", null, null));
    }

    [Theory]
    [InlineData("inline", "")]
    [InlineData("inline", "issuer: 'https://other.example.com'")]
    [InlineData("discovered", "")]
    public void Keys_that_cannot_be_read_open_nothing_and_are_told(string mode, string account)
    {
        Document.Given given = Given(mode, account);
        given = given with { World = given.World with { Issuer = new ClusterIssuer { Problem = "The operator may not read them" } } };

        ServerPlan plan = VirtualServerPlanner.Plan(given.Server, given.World, given.Settings);

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Objects.ShouldBeEmpty();
        plan.RecheckAfter.ShouldNotBeNull();
        plan.Status.Conditions.Single(c => c.Type == "AuthConfigured").ShouldSatisfyAllConditions(
            c => (c.Status, c.Reason).ShouldBe(("False", "ClusterKeysUnreadable")),
            c => c.Message.ShouldBe("The operator may not read them"));
        given.Plan().Document.ShouldBeNull();
    }

    [Fact]
    public void The_keys_are_written_before_the_pod_that_mounts_them_and_another_key_rolls_nothing()
    {
        Document.Given given = Given("inline");
        ServerPlan first = VirtualServerPlanner.Plan(given.Server, given.World, given.Settings);
        ServerPlan second = VirtualServerPlanner.Plan(
            given.Server, given.World with { Issuer = Cluster with { KeySet = "{\"keys\":[{\"kid\":\"b\"}]}" } }, given.Settings);

        string[] order = [.. first.Objects.Select(o => $"{o.Type.Kind}/{o.Name}")];
        order.ShouldBe(["ServiceAccount/hub-vmcp", "Secret/hub-hmac-secret", "ConfigMap/hub-oidc-keys", "ConfigMap/hub-vmcp-config", "Service/vmcp-hub", "Deployment/hub"]);
        first.RecheckAfter.ShouldBe(TimeSpan.FromMinutes(3), "no watch tells of a rotation");
        string[] changed = [.. second.Objects.Zip(first.Objects).Where(p => p.First.Body.ToJsonString() != p.Second.Body.ToJsonString()).Select(p => p.First.Name)];
        changed.ShouldBe(["hub-oidc-keys"]);
        string pod = first.Objects.Single(o => o.Type == BuiltIn.Deployment).Body.ToJsonString();
        pod.ShouldContain("\"automountServiceAccountToken\":false");
        pod.ShouldNotContain("\"optional\":true");
    }

    [Fact]
    public void The_client_secret_is_given_under_the_one_name_the_gateway_looks_at()
    {
        GatewayDocument document = Document.Given.Hub(
            "incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1}}",
            """
            {kind: MCPOIDCConfig, metadata: {name: idp}, spec: {type: inline, inline: {issuer: 'https://idp.example.com', clientId: vmcp, clientSecretRef: {name: oidc, key: secret}}}}
            ---
            {kind: Secret, metadata: {name: oidc}, data: {secret: ''}}
            """).Rendered().Document;

        string[] secrets = [.. document.Env.OfType<EnvVar.FromSecret>().Where(v => v.Secret == "oidc").Select(v => v.Name)];
        secrets.ShouldBe(["VMCP_OIDC_CLIENT_SECRET"]);
        ConfigResult read = ConfigFile.Load(document.ConfigYaml, "config.yaml", name => name == "VMCP_OIDC_CLIENT_SECRET" ? "hidden" : null);
        read.Problems.ShouldBeEmpty();
        OidcConfig oidc = read.Config!.IncomingAuth!.Oidc!;
        (oidc.ClientSecretEnv, OidcConfig.ClientSecretVariable).ShouldBe(("VMCP_OIDC_CLIENT_SECRET", "VMCP_OIDC_CLIENT_SECRET"));
        ConfigFile.Load(document.ConfigYaml, "config.yaml", _ => null).Problems.Single().ToString().ShouldContain("VMCP_OIDC_CLIENT_SECRET");
    }

    private static Given Given(string mode, string account = "")
    {
        Given given = Document.Given.Hub(
            $"incomingAuth: {{type: oidc, oidcConfigRef: {{name: k8s, audience: a1}}}}\noutgoingAuth: {{source: {mode}}}",
            $"{{kind: MCPOIDCConfig, metadata: {{name: k8s}}, spec: {{type: kubernetesServiceAccount, kubernetesServiceAccount: {{{account}}}}}}}\n---\n{Manifests.Server("alpha")}");
        return given with { World = given.World with { Issuer = Cluster } };
    }
}
