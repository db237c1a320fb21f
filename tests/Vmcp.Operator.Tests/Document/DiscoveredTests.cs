using Vmcp.Config.Model;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using static Vmcp.Operator.Tests.Document.Manifests;

namespace Vmcp.Operator.Tests.Document;

public sealed class DiscoveredTests
{
    [Theory]
    [InlineData("")]
    [InlineData("outgoingAuth: {}")]
    [InlineData("outgoingAuth: {source: discovered}")]
    [Trait("Scenario", "DISC-01")]
    public void Discovered_is_the_default_and_lists_nothing(string spec)
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(spec, All(Server("alpha", Own("key1")), Header("key1"), KeySecret)).Rendered();

        config.OutgoingAuth!.Source.ShouldBe(OutgoingAuthSource.Discovered);
        config.OutgoingAuth.Backends.ShouldBeEmpty();
        config.OutgoingAuth.Default.ShouldBeNull();
        config.Backends.ShouldBeEmpty();
        document.ConfigYaml.ShouldNotContain("backends");
        document.Env.ShouldContain(new EnvVar.Text("VMCP_STATUS_REPORTER", "kubernetes"));
    }

    [Fact]
    [Trait("Scenario", "SWITCH-03")]
    public void Without_outgoing_auth_nothing_of_it_is_left()
    {
        const string Objects = "{kind: MCPServer, metadata: {name: alpha}, spec: {groupRef: {name: team}}, status: {url: 'http://alpha'}}";

        DocumentResult removed = Given.Hub("", Objects).Plan();

        removed.Document!.ConfigYaml.ShouldBe(Given.Hub("outgoingAuth: {source: discovered}", Objects).Plan().Document!.ConfigYaml);
        removed.Conditions.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "DISC-04")]
    public void Members_change_nothing_the_pod_is_made_of()
    {
        GatewayDocument bare = Given.Hub("", "").Rendered().Document;
        GatewayDocument full = Given.Hub("", All(
            Server("a", Own("key1")),
            "{kind: MCPRemoteProxy, metadata: {name: b}, spec: {groupRef: {name: team}, remoteUrl: 'https://b', externalAuthConfigRef: {name: key2}}, status: {url: 'http://b'}}",
            Entry("c", "caBundleRef: {configMapRef: {name: ca, key: ca.crt}}, headerForward: {addHeadersFromSecret: [{headerName: X, valueSecretRef: {name: s3, key: k}}]}"),
            Header("key1"), Header("key2", "s2"), KeySecret,
            "{kind: Secret, metadata: {name: s2}, data: {k: ''}}",
            "{kind: Secret, metadata: {name: s3}, data: {k: ''}}",
            "{kind: ConfigMap, metadata: {name: ca}, data: {ca.crt: PEM}}")).Rendered().Document;

        full.ConfigYaml.ShouldBe(bare.ConfigYaml);
        full.Env.ShouldBe(bare.Env);
        full.Bundles.ShouldBe(bare.Bundles);
        full.Versions.ShouldBe(bare.Versions);
        full.ReadSecrets.ShouldBe(["s1", "s2", "s3"]);
        full.ReadConfigMaps.ShouldBe(["ca"]);
    }

    [Fact]
    [Trait("Scenario", "DISC-06")]
    [Trait("Scenario", "STAT-07")]
    public void A_member_with_broken_credentials_is_left_out_and_its_secret_may_be_read_once_it_comes()
    {
        DocumentResult plan = Given.Hub("outgoingAuth: {source: discovered}", All(
            Server("good", Own("key1")), Server("bad", Own("missing-cfg")), Server("dry", Own("key2")),
            Header("key1"), Header("key2", "nowhere"), KeySecret)).Plan();

        plan.Document.ShouldNotBeNull().ReadSecrets.ShouldBe(["nowhere", "s1"]);
        plan.LeftOut.Select(l => (l.Name, l.Reason)).ShouldBe([("bad", "ConfigNotFound"), ("dry", "SecretNotFound")]);
        plan.Conditions.ShouldBe(
        [
            new("DiscoveredAuthConfig-bad", "False", "ConversionFailed", "ConfigNotFound: MCPExternalAuthConfig \"missing-cfg\" does not exist"),
            new("DiscoveredAuthConfig-dry", "False", "ConversionFailed", "SecretNotFound: MCPExternalAuthConfig \"key2\": Secret \"nowhere\" does not exist"),
            new("DiscoveredAuthConfig-good", "True", "ConversionSucceeded", "MCPExternalAuthConfig \"key1\" gives header_injection"),
        ]);
    }

    [Fact]
    public void A_member_whose_name_is_taken_opens_no_secret()
    {
        GatewayDocument document = Given.Hub("", All(
            Server("x"),
            Entry("x", $"{Own("key1")}, caBundleRef: {{configMapRef: {{name: ca, key: ca.crt}}}}, headerForward: {{addHeadersFromSecret: [{{headerName: X, valueSecretRef: {{name: s3, key: k}}}}]}}"),
            Header("key1"), KeySecret)).Rendered().Document;

        document.ReadSecrets.ShouldBeEmpty();
        document.ReadConfigMaps.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "OAUTH-03")]
    public void The_specs_own_strategies_are_written_and_their_secrets_read_by_name()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(
            $"outgoingAuth: {{source: discovered, default: {Ref("key3")}, backends: {{beta: {Ref("key2")}, gamma: {{type: discovered}}}}}}",
            All(Server("alpha"), Server("beta", Own("key1")), Header("key1"), Header("key2", "s2"), Header("key3", "s3"), KeySecret,
                "{kind: Secret, metadata: {name: s2}, data: {k: ''}}", "{kind: Secret, metadata: {name: s3}, data: {k: ''}}")).Rendered();

        config.OutgoingAuth!.Backends.Keys.ShouldBe(["beta"]);
        config.StrategyFor("beta")!.HeaderInjection!.HeaderValueEnv.ShouldBe("TOOLHIVE_HEADER_INJECTION_VALUE_KEY2");
        config.StrategyFor("alpha")!.HeaderInjection!.HeaderValueEnv.ShouldBe("TOOLHIVE_HEADER_INJECTION_VALUE_KEY3");
        document.ReadSecrets.ShouldBe(["s2", "s3"]);
        document.Env.ShouldNotContain(v => v.Name.StartsWith("TOOLHIVE_HEADER", StringComparison.Ordinal));
        document.Versions.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "OAUTH-04")]
    public void A_broken_default_is_told_and_costs_only_those_who_would_use_it()
    {
        DocumentResult plan = Given.Hub(
            $"outgoingAuth: {{source: discovered, default: {Ref("missing")}}}",
            All(Server("alpha"), Server("beta", Own("key1")), Header("key1"), KeySecret)).Plan();

        plan.Document.ShouldNotBeNull();
        plan.LeftOut.Select(l => l.Name).ShouldBe(["alpha"]);
        plan.Conditions.Select(c => (c.Type, c.Status, c.Reason)).ShouldBe(
            [("DefaultAuthConfig", "False", "ConversionFailed"), ("DiscoveredAuthConfig-beta", "True", "ConversionSucceeded")]);
        plan.Backends.Select(b => (b.Name, b.AuthSource, b.AuthConfigRef)).ShouldBe([("alpha", "default", "missing"), ("beta", "workload", "key1")]);

        DocumentResult mended = Given.Hub(
            $"outgoingAuth: {{source: discovered, default: {Ref("missing")}}}",
            All(Server("alpha"), Server("beta", Own("key1")), Header("key1"), Header("missing"), KeySecret)).Plan();
        mended.LeftOut.ShouldBeEmpty();
        mended.Conditions.Single(c => c.Type == "DefaultAuthConfig").ShouldSatisfyAllConditions(
            c => c.Status.ShouldBe("True"), c => c.Reason.ShouldBe("ConversionSucceeded"));
    }
}
