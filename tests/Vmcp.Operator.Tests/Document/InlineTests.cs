using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Core.Backends;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources.Status;
using static Vmcp.Operator.Tests.Document.Manifests;

namespace Vmcp.Operator.Tests.Document;

public sealed class InlineTests
{
    [Fact]
    [Trait("Scenario", "INL-01")]
    public void The_document_holds_every_backend_as_the_gateway_calls_it()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(Inline, """
            kind: MCPServer
            metadata: {name: alpha}
            spec: {groupRef: {name: team}, transport: sse, proxyMode: streamable-http}
            status: {url: "http://alpha.demo.svc.cluster.local:8080", phase: Ready}
            """).Rendered();

        config.OutgoingAuth!.Source.ShouldBe(OutgoingAuthSource.Inline);
        BackendConfig alpha = config.Backends.ShouldHaveSingleItem();
        alpha.Name.ShouldBe("alpha");
        alpha.Url.ShouldBe("http://alpha.demo.svc.cluster.local:8080");
        alpha.Transport.ShouldBe(BackendTransport.Sse);
        alpha.Metadata.ShouldBe(new Dictionary<string, string>
        {
            ["group"] = "team",
            ["namespace"] = "demo",
            ["tool_type"] = "mcp",
            ["workload_type"] = "mcp_server",
        });
        document.ReadSecrets.ShouldBeEmpty();
        document.ReadConfigMaps.ShouldBeEmpty();
        document.Env.OfType<EnvVar.Text>().ShouldContain(new EnvVar.Text("VMCP_STATUS_REPORTER", "none"));
    }

    [Fact]
    [Trait("Scenario", "INL-04")]
    public void Incomplete_members_are_left_out_with_the_reason()
    {
        Given given = Given.Hub(Inline, All(
            Server("good"),
            "{kind: MCPServer, metadata: {name: silent}, spec: {groupRef: {name: team}}}",
            "{kind: MCPServer, metadata: {name: odd}, spec: {groupRef: {name: team}, transport: pigeon}, status: {url: 'http://odd'}}",
            "{kind: MCPServerEntry, metadata: {name: later}, spec: {groupRef: {name: team}, remoteUrl: 'https://later', transport: sse}}"));

        given.Rendered().Config.Backends.Select(b => b.Name).ShouldBe(["good"]);
        given.Plan().LeftOut.Select(l => (l.Name, l.Reason)).ShouldBe(
            [("later", "EntryNotValid"), ("odd", "NoTransport"), ("silent", "NoUrl")]);
        given.Plan().Backends.Select(b => (b.Name, b.Served)).ShouldBe(
            [("good", true), ("later", false), ("odd", false), ("silent", false)]);
    }

    [Fact]
    [Trait("Scenario", "INL-05")]
    public void A_backend_with_failed_auth_is_nowhere_and_never_falls_to_the_default()
    {
        Given given = Given.Hub(
            $$$"""
            outgoingAuth: {source: inline, default: {{{Ref("shared")}}}}
            authServerConfig: {issuer: 'https://i', upstreamProviders: [{name: one, type: oidc}, {name: two, type: oidc}]}
            """,
            All(
                Server("alpha"),
                Server("beta", Own("x")),
                "{kind: MCPExternalAuthConfig, metadata: {name: x}, spec: {type: xaa, xaa: {idpTokenUrl: 'https://i/t', targetTokenUrl: 'https://t/t', targetAudience: a}}}",
                "{kind: MCPExternalAuthConfig, metadata: {name: shared}, spec: {type: tokenExchange, tokenExchange: {tokenUrl: 'https://i/t', audience: a}}}"));
        (_, GatewayConfig config) = given.Rendered();

        config.Backends.Select(b => b.Name).ShouldBe(["alpha"]);
        config.OutgoingAuth!.Backends.ShouldBeEmpty();
        config.StrategyFor("alpha")!.Type.ShouldBe(StrategyType.TokenExchange);
        DocumentResult plan = given.Plan();
        plan.LeftOut.Select(l => (l.Name, l.Reason)).ShouldBe([("alpha", "CallerIdentityRequired"), ("beta", "AmbiguousSubjectProvider")]);
        plan.Conditions.Select(c => (c.Type, c.Status, c.Reason)).ShouldBe(
        [
            ("BackendAuth-alpha", "False", "CallerIdentityRequired"),
            ("DefaultAuthConfig", "True", "ConversionSucceeded"),
            ("DiscoveredAuthConfig-beta", "False", "AmbiguousSubjectProvider"),
        ]);
    }

    [Fact]
    [Trait("Scenario", "INL-06")]
    public void A_valid_override_rescues_a_backend_with_a_broken_reference()
    {
        Given given = Given.Hub(
            $"outgoingAuth: {{source: inline, backends: {{beta: {Ref("key1")}}}}}",
            All(Server("beta", Own("missing")), Header("key1"), KeySecret));

        (_, GatewayConfig config) = given.Rendered();
        config.StrategyFor("beta")!.HeaderInjection!.HeaderValueEnv.ShouldBe("TOOLHIVE_HEADER_INJECTION_VALUE_KEY1");
        given.Plan().Conditions.Select(c => (c.Type, c.Status, c.Reason)).ShouldBe(
            [("BackendAuthConfig-beta", "True", "ConversionSucceeded"), ("DiscoveredAuthConfig-beta", "False", "ConversionFailed")]);
        given.Plan().Backends.ShouldHaveSingleItem().ShouldBe(new KnownBackend("beta", true)
        {
            Url = "http://mcp-beta-proxy.demo.svc.cluster.local:8080/mcp",
            AuthConfigRef = "key1",
            AuthType = "header_injection",
            AuthSource = "explicit",
        });
    }

    [Fact]
    [Trait("Scenario", "NEW-INL-02")]
    public void Secrets_of_a_members_own_reference_are_mounted_and_versioned()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(Inline, All(Server("alpha", Own("key1")), Header("key1"), KeySecret)).Rendered();

        config.StrategyFor("alpha")!.HeaderInjection!.HeaderValueEnv.ShouldBe("TOOLHIVE_HEADER_INJECTION_VALUE_KEY1");
        // Optional: a Secret that goes away must not keep every other backend from starting.
        document.Env.ShouldContain(new EnvVar.FromSecret("TOOLHIVE_HEADER_INJECTION_VALUE_KEY1", "s1", "k", Optional: true));
        document.Versions.ShouldBe([new MountedVersion("Secret", "s1", "v-s1")]);
    }

    [Fact]
    public void Only_variables_the_document_uses_are_mounted()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(
            $"outgoingAuth: {{source: inline, default: {Ref("unused")}, backends: {{alpha: {Ref("key1")}, nobody: {Ref("unused")}}}}}",
            All(Server("alpha", Own("own")), Header("key1"), Header("own"), Header("unused"), KeySecret)).Rendered();

        document.Env.Where(v => v.Name.StartsWith("TOOLHIVE_HEADER_INJECTION", StringComparison.Ordinal)).Select(v => v.Name)
            .ShouldBe(["TOOLHIVE_HEADER_INJECTION_VALUE_KEY1"]);
        config.OutgoingAuth!.Backends.Keys.ShouldBe(["alpha"]);
        config.OutgoingAuth.Default.ShouldBeNull();
    }

    [Fact]
    public void A_bearer_token_is_composed_by_Kubernetes_after_its_own_variable()
    {
        (GatewayDocument document, _) = Given.Hub(Inline, All(
            Server("alpha", Own("tok")),
            "{kind: MCPExternalAuthConfig, metadata: {name: tok}, spec: {type: bearerToken, bearerToken: {tokenSecretRef: {name: s1, key: k}}}}",
            KeySecret)).Rendered();

        document.Env.Where(v => v.Name.StartsWith("TOOLHIVE_", StringComparison.Ordinal)).Take(2).ShouldBe(
        [
            new EnvVar.FromSecret("TOOLHIVE_BEARER_TOKEN_TOK", "s1", "k", Optional: true),
            new EnvVar.Text("TOOLHIVE_HEADER_INJECTION_VALUE_TOK", "Bearer $(TOOLHIVE_BEARER_TOKEN_TOK)"),
        ]);
    }

    [Fact]
    public void Two_configs_with_one_variable_cost_one_backend_only()
    {
        Given given = Given.Hub(Inline, All(
            Server("x", Own("a-b")), Server("y", Own("a.b")), Header("a-b"), Header("a.b", key: "k2"), "{kind: Secret, metadata: {name: s1}, data: {k: '', k2: ''}}"));

        given.Rendered().Config.Backends.Select(b => b.Name).ShouldBe(["x"]);
        UnservedBackend left = given.Plan().LeftOut.ShouldHaveSingleItem();
        left.Reason.ShouldBe("InvalidConfig");
        left.Message.ShouldContain("\"a.b\" and \"a-b\"");
    }

    [Fact]
    [Trait("Scenario", "HDR-03")]
    public void An_entry_brings_its_type_bundle_and_headers()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(Inline, All(
            Entry("docs", "caBundleRef: {configMapRef: {name: corp-ca, key: root.pem}}, headerForward: {addPlaintextHeaders: {X-Cost: '$(HOME) $$5'}, addHeadersFromSecret: [{headerName: X-Api-Key, valueSecretRef: {name: s1, key: k}}]}"),
            "{kind: ConfigMap, metadata: {name: corp-ca}, data: {root.pem: PEM}}",
            KeySecret)).Rendered();

        BackendConfig docs = config.Backends.ShouldHaveSingleItem();
        docs.Type.ShouldBe(BackendKind.Entry);
        docs.CaBundlePath.ShouldBe("/etc/toolhive/ca-bundles/docs/ca.crt");
        document.Bundles.ShouldBe([new BundleMount("ca-bundle-docs", "corp-ca", "root.pem", "/etc/toolhive/ca-bundles/docs", "ca.crt")]);
        document.Env.ShouldContain(new EnvVar.FromSecret("TOOLHIVE_SECRET_HEADER_FORWARD_X_API_KEY_DOCS", "s1", "k", Optional: true));
        document.Env.ShouldContain(new EnvVar.Text("TOOLHIVE_SECRETS_PROVIDER", "environment"));
        document.Versions.ShouldBe([new MountedVersion("ConfigMap", "corp-ca", "v-corp-ca"), new MountedVersion("Secret", "s1", "v-s1")]);
        // No dollar sign is left for Kubernetes to expand.
        string manifest = document.Env.OfType<EnvVar.Text>().Single(v => v.Name == "TOOLHIVE_HEADER_FORWARD_DOCS").Value;
        manifest.ShouldBe("""{"addPlaintextHeaders":{"X-Cost":"\u0024(HOME) \u0024\u00245"},"addHeadersFromSecret":{"X-Api-Key":"HEADER_FORWARD_X_API_KEY_DOCS"}}""");
    }

    [Fact]
    public void What_is_missing_for_one_entry_costs_that_entry_only()
    {
        const string Secret = "headerForward: {addHeadersFromSecret: [{headerName: X-K, valueSecretRef: {name: nowhere, key: k}}]}";
        Given given = Given.Hub(Inline, All(
            Server("good"),
            Entry("a", Secret),
            Entry("b", "caBundleRef: {configMapRef: {name: nowhere, key: ca.crt}}"),
            Entry("c", "headerForward: {addPlaintextHeaders: {Host: evil}}"),
            Entry("d-x", "headerForward: {addPlaintextHeaders: {X: '1'}}"),
            Entry("d.x", "headerForward: {addPlaintextHeaders: {X: '2'}}"),
            "{kind: MCPServer, metadata: {name: e}, spec: {groupRef: {name: team}}, status: {url: 'ftp://e'}}"));

        given.Rendered().Config.Backends.Select(b => b.Name).ShouldBe(["d-x", "good"]);
        given.Plan().LeftOut.Select(l => $"{l.Name} {l.Reason} {l.Message}").ShouldBe(
        [
            "a SecretNotFound MCPServerEntry/a: header X-K: Secret \"nowhere\" does not exist",
            "b CABundleNotFound MCPServerEntry/b: ConfigMap \"nowhere\" with its CA bundle does not exist",
            "c InvalidConfig MCPServerEntry/c: TOOLHIVE_HEADER_FORWARD_C: the header Host belongs to the gateway and the transport",
            "d.x InvalidConfig MCPServerEntry/d.x: it and \"d-x\" need the same variable TOOLHIVE_HEADER_FORWARD_D_X; rename one",
            "e InvalidConfig MCPServer/e: url: the scheme ftp is not supported; use http or https",
        ]);
    }

    [Fact]
    public void A_password_in_a_url_gets_into_no_document_and_no_status()
    {
        Given given = Given.Hub(Inline, All(
            "{kind: MCPRemoteProxy, metadata: {name: p}, spec: {groupRef: {name: team}, remoteUrl: 'https://me:hunter2@far/mcp'}, status: {url: 'http://p'}}",
            "{kind: MCPServerEntry, metadata: {name: e}, spec: {groupRef: {name: team}, remoteUrl: 'https://me:hunter2@far/mcp', transport: sse}, status: {phase: Valid}}"));

        (GatewayDocument document, GatewayConfig config) = given.Rendered();
        config.Backends.Select(b => b.Name).ShouldBe(["p"]);
        document.ConfigYaml.ShouldNotContain("hunter2");
        DocumentResult plan = given.Plan();
        string.Concat(plan.LeftOut.Select(l => l.ToString())).ShouldNotContain("hunter2");
        string.Concat(plan.Backends.Select(b => b.ToString())).ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest", "")]
    [InlineData("https://kubernetes.default.svc", "")]
    [InlineData("https://10.0.0.1/mcp", "")]
    [InlineData("https://10.0.0.1/mcp", ", allowPrivateEndpoint: true")]
    public void A_forbidden_address_is_never_dialled_while_the_verdict_is_about_the_one_before(string url, string allowed)
    {
        Given given = Given.Hub(Inline, All(
            Server("good"),
            $"{{kind: MCPServerEntry, metadata: {{name: e, generation: 2}}, spec: {{groupRef: {{name: team}}, remoteUrl: '{url}', transport: sse{allowed}}}, status: {{phase: Valid, observedGeneration: 1}}}}"));

        given.Rendered().Config.Backends.Select(b => b.Name).ShouldBe(allowed.Length > 0 ? ["e", "good"] : ["good"]);
        given.Plan().LeftOut.ShouldAllBe(l => l.Reason == "EntryNotValid" && l.Message.StartsWith("MCPServerEntry/e: spec.remoteUrl: the host "));
    }

    [Fact]
    public void A_static_header_that_clients_may_send_too_costs_its_entry_only()
    {
        Given given = Given.Hub(Inline + "\npassthroughHeaders: [x-tenant]", All(Server("good"), Entry("a", "headerForward: {addPlaintextHeaders: {X-Tenant: t}}")));

        given.Rendered().Config.Backends.Select(b => b.Name).ShouldBe(["good"]);
        given.Plan().LeftOut.ShouldHaveSingleItem().Message.ShouldBe(
            "MCPServerEntry/a: header X-Tenant is among the server's passthroughHeaders too; keep one");
    }

    [Fact]
    public void A_long_or_dotted_name_still_makes_a_volume()
    {
        string name = new('a', 100);
        (GatewayDocument document, _) = Given.Hub(Inline, All(
            Entry(name, "caBundleRef: {configMapRef: {name: corp-ca, key: ca.crt}}"),
            Entry("do.ts", "caBundleRef: {configMapRef: {name: corp-ca, key: ca.crt}}"),
            "{kind: ConfigMap, metadata: {name: corp-ca}, data: {ca.crt: PEM}}")).Rendered();

        document.Bundles.Select(b => b.Volume).ShouldAllBe(v => v.Length <= 63 && !v.Contains('.'));
        document.Bundles[0].Volume.ShouldStartWith("ca-bundle-" + name[..44] + "-");
        document.Bundles[1].Volume.ShouldStartWith("ca-bundle-do-ts-");
    }

    [Fact]
    [Trait("Scenario", "NEW-INL-03")]
    public void Without_backends_there_is_no_document_and_the_group_is_named()
    {
        DocumentResult empty = Given.Hub(Inline).Plan();

        empty.Document.ShouldBeNull();
        empty.Failure!.Reason.ShouldBe("NoBackends");
        empty.Conditions.ShouldHaveSingleItem().ShouldBe(new PlannedCondition(
            "BackendsDiscovered", "False", "NoBackends", "MCPGroup \"team\" has no members, so there is nothing to serve; add one to the group"));

        DocumentResult broken = Given.Hub(Inline, Server("alpha", Own("missing"))).Plan();
        broken.Document.ShouldBeNull();
        broken.Failure!.Reason.ShouldBe("NoUsableBackends");
        broken.Failure.Message.ShouldBe(
            "None of the 1 backends of MCPGroup \"team\" can be served: alpha: ConfigNotFound: MCPExternalAuthConfig \"missing\" does not exist");
    }

    [Fact]
    public void A_list_in_the_spec_is_the_list_exactly()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub(
            $$$"""
            outgoingAuth: {source: inline, backends: {mine: {{{Ref("key1")}}}}}
            config: {backends: [{name: mine, url: 'https://mine/mcp', transport: streamable-http, metadata: {tier: gold}}, {name: alpha, url: 'https://other/mcp', transport: sse}]}
            """,
            All(Server("alpha", Own("key1")), Server("beta"), Header("key1"), KeySecret)).Rendered();

        config.Backends.Select(b => (b.Name, b.Url)).ShouldBe([("alpha", "https://other/mcp"), ("mine", "https://mine/mcp")]);
        config.Backends[1].Metadata.ShouldBe(SortedMap.Create([KeyValuePair.Create("tier", "gold")]));
        config.StrategyFor("mine")!.Type.ShouldBe(StrategyType.HeaderInjection);
        // A member of the same name lends the listed backend no credentials.
        config.StrategyFor("alpha").ShouldBeNull();
        document.Env.Select(v => v.Name).ShouldContain("TOOLHIVE_HEADER_INJECTION_VALUE_KEY1");
    }

    [Fact]
    public void Two_members_with_one_name_are_never_mixed_up()
    {
        Given given = Given.Hub(Inline, All(Server("x"), Entry("x")));

        given.Rendered().Config.Backends.ShouldHaveSingleItem().Url.ShouldBe("http://mcp-x-proxy.demo.svc.cluster.local:8080/mcp");
        given.Plan().LeftOut.ShouldHaveSingleItem().ShouldBe(new UnservedBackend(
            "MCPServerEntry/x", "NameTaken", "MCPServerEntry/x has the name of MCPServer/x, which keeps it; rename one"));
    }

    [Theory]
    [InlineData(Inline)]
    [InlineData("")]
    [Trait("Scenario", "DISC-05")]
    public void Members_of_other_groups_and_namespaces_do_not_count(string mode)
    {
        Given given = Given.Hub(mode, All(
            Server("alpha"),
            "{kind: MCPServer, metadata: {name: gamma}, spec: {groupRef: {name: other}}, status: {url: 'http://gamma'}}",
            "{kind: MCPServer, metadata: {name: delta, namespace: demo2}, spec: {groupRef: {name: team}}, status: {url: 'http://delta'}}"));

        given.Plan().Backends.Select(b => b.Name).ShouldBe(["alpha"]);
    }
}
