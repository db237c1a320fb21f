using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;

namespace Vmcp.Operator.Tests.Document;

/// <summary>What other objects bring into the document.</summary>
public sealed class ReferencedPartsTests
{
    [Fact]
    [Trait("Scenario", "CM-06")]
    public void Composite_definitions_are_folded_in()
    {
        const string Definition = """
            kind: VirtualMCPCompositeToolDefinition
            metadata: {name: def2}
            spec:
              name: t2
              description: second
              parameters: {type: object, properties: {q: {type: string}}}
              timeout: 2m
              steps:
                - {id: a, tool: alpha.echo, arguments: {x: "{{.params.q}}"}, onError: {action: retry, retryCount: 2, retryDelay: 1s}}
                - {id: b, tool: alpha.echo, dependsOn: [a]}
            """;
        const string Spec = "config: {compositeTools: [{name: t1, description: first, steps: [{id: a, tool: alpha.echo}]}], compositeToolRefs: [{name: def2}]}";

        (GatewayDocument document, GatewayConfig config) = Given.Hub(Spec, Definition).Rendered();

        config.CompositeTools.Select(t => t.Name).ShouldBe(["t1", "t2"]);
        config.CompositeToolRefs.IsEmpty.ShouldBeTrue();
        document.ConfigYaml.ShouldNotContain("compositeToolRefs");
        CompositeToolConfig t2 = config.CompositeTools[1];
        t2.Timeout.ShouldBe(TimeSpan.FromMinutes(2));
        t2.Parameters.ShouldNotBeNull();
        t2.Steps[0].Arguments.ShouldNotBeNull();
        t2.Steps[0].OnError.ShouldBe(new StepErrorConfig { Action = StepErrorAction.Retry, RetryCount = 2, RetryDelay = TimeSpan.FromSeconds(1) });
        t2.Steps[1].DependsOn.ShouldBe(["a"]);

        Given.Hub(Spec, Definition.Replace("name: t2", "name: t1", StringComparison.Ordinal)).Failure().ShouldBe(
            "VirtualMCPCompositeToolDefinition \"def2\": spec.name: duplicate composite tool name \"t1\", already in spec.config.compositeTools");
    }

    [Fact]
    [Trait("Scenario", "COMP-05")]
    public void An_edited_definition_makes_a_new_document()
    {
        const string Spec = "config: {compositeToolRefs: [{name: def1}]}";
        const string Definition = "{kind: VirtualMCPCompositeToolDefinition, metadata: {name: def1}, spec: {name: t, description: one, steps: [{id: a, tool: x}]}}";

        Given.Hub(Spec).Failure().ShouldBe("VirtualMCPCompositeToolDefinition \"def1\" does not exist");
        Render(Spec, Definition).ConfigYaml.ShouldNotBe(Render(Spec, Definition.Replace("one", "two", StringComparison.Ordinal)).ConfigYaml);
    }

    [Fact]
    [Trait("Scenario", "FILT-03")]
    public void A_tool_config_is_merged_in_and_the_inline_side_wins()
    {
        const string Tc = "{kind: MCPToolConfig, metadata: {name: tc}, spec: {toolsFilter: [fetch], toolsOverride: {fetch: {name: NEW}, other: {description: d}}}}";
        const string Spec = "config: {aggregation: {tools: [{workload: alpha, toolConfigRef: {name: tc}MORE}]}}";

        (GatewayDocument document, GatewayConfig config) = Given.Hub(
            Spec.Replace("MORE", "", StringComparison.Ordinal), Tc.Replace("NEW", "grab", StringComparison.Ordinal)).Rendered();
        WorkloadToolsConfig tools = config.Aggregation!.Tools.ShouldHaveSingleItem();
        tools.Filter.ShouldBe(["fetch"]);
        tools.Overrides["fetch"].Name.ShouldBe("grab");
        tools.ToolConfigRef.ShouldBeNull();

        Render(Spec.Replace("MORE", "", StringComparison.Ordinal), Tc.Replace("NEW", "pull", StringComparison.Ordinal)).ConfigYaml
            .ShouldBe(document.ConfigYaml.Replace("grab", "pull", StringComparison.Ordinal));

        tools = Given.Hub(Spec.Replace("MORE", ", filter: [other], overrides: {fetch: {name: mine}}", StringComparison.Ordinal), Tc).Rendered()
            .Config.Aggregation!.Tools[0];
        tools.Filter.ShouldBe(["other"]);
        tools.Overrides["fetch"].Name.ShouldBe("mine");
        tools.Overrides["other"].Description.ShouldBe("d");

        Given.Hub(Spec.Replace("MORE", "", StringComparison.Ordinal)).Failure()
            .ShouldBe("spec.config.aggregation.tools[0].toolConfigRef: MCPToolConfig \"tc\" does not exist");
    }

    [Fact]
    [Trait("Scenario", "TEL-01")]
    [Trait("Scenario", "TEL-02")]
    public void Telemetry_comes_from_the_referenced_config_only()
    {
        const string Tel = """
            kind: MCPTelemetryConfig
            metadata: {name: tel}
            spec:
              openTelemetry:
                enabled: true
                endpoint: https://otel:4318
                tracing: {enabled: true, samplingRate: "0.25"}
                metrics: {enabled: true}
                headers: {X-Team: a}
                sensitiveHeaders: [{name: X-Key, secretKeyRef: {name: os, key: k}}]
                resourceAttributes: {env: test}
                caBundleRef: {configMapRef: {name: otel-ca, key: ca.crt}}
              prometheus: {enabled: true}
            ---
            {kind: ConfigMap, metadata: {name: otel-ca}, data: {ca.crt: PEM}}
            """;
        (GatewayDocument document, GatewayConfig config) = Given.Hub(
            "telemetryConfigRef: {name: tel, serviceName: svc1}\nconfig: {telemetry: {endpoint: 'ignored:1', tracingEnabled: true}}", Tel).Rendered();

        config.Telemetry.ShouldBe(new TelemetryConfig
        {
            Endpoint = "https://otel:4318",
            ServiceName = "svc1",
            TracingEnabled = true,
            MetricsEnabled = true,
            SamplingRate = 0.25m,
            Headers = SortedMap.Create([KeyValuePair.Create("X-Team", "a")]),
            CustomAttributes = SortedMap.Create([KeyValuePair.Create("env", "test")]),
            EnablePrometheusMetricsPath = true,
            CaCertPath = "/config/certs/otel/otel-ca/ca.crt",
        });
        document.Env.ShouldContain(new EnvVar.Text("OTEL_RESOURCE_ATTRIBUTES", "service.name=svc1,service.namespace=demo"));
        document.Env.ShouldContain(new EnvVar.FromSecret("TOOLHIVE_OTEL_HEADER_X_KEY", "os", "k", Optional: true));
        document.Bundles.ShouldBe([new BundleMount("otel-ca-bundle-otel-ca", "otel-ca", "ca.crt", "/config/certs/otel/otel-ca", "ca.crt")]);

        Render("telemetryConfigRef: {name: tel}", Tel.Replace("otel:4318", "elsewhere:4318", StringComparison.Ordinal)).ConfigYaml
            .ShouldContain("https://elsewhere:4318");
        Render("config: {telemetry: {endpoint: 'ignored:1', tracingEnabled: true}}").ConfigYaml.ShouldNotContain("telemetry");
    }

    [Fact]
    [Trait("Scenario", "IAUTH-02")]
    public void Oidc_comes_from_reference_and_config()
    {
        const string Idp = """
            kind: MCPOIDCConfig
            metadata: {name: idp}
            spec:
              type: inline
              inline:
                issuer: https://idp.example.com
                clientId: vmcp
                clientSecretRef: {name: oidc, key: secret}
                jwksAllowPrivateIP: true
                jwksAuthTokenPath: /var/run/tokens/idp
                caBundleRef: {configMapRef: {name: idp-ca, key: root.pem}}
            ---
            {kind: Secret, metadata: {name: oidc}, data: {secret: ''}}
            ---
            {kind: ConfigMap, metadata: {name: idp-ca}, data: {root.pem: PEM}}
            """;
        (GatewayDocument document, GatewayConfig config) = Given.Hub(
            "incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1, scopes: [openid], requiredScopes: [mcp:call]}}", Idp).Rendered();

        config.IncomingAuth!.Oidc.ShouldBe(new OidcConfig
        {
            Issuer = "https://idp.example.com",
            ClientId = "vmcp",
            ClientSecretEnv = "VMCP_OIDC_CLIENT_SECRET",
            Audience = "a1",
            // The Service, not the Deployment's name, is a host that exists.
            Resource = "http://vmcp-hub.demo.svc.cluster.local:4483/mcp",
            Scopes = ["openid"],
            RequiredScopes = ["mcp:call"],
            JwksAuthTokenPath = "/var/run/tokens/idp",
            JwksAllowPrivateIp = true,
            CaBundlePath = "/config/certs/idp-ca/root.pem",
        });
        document.Env.ShouldContain(new EnvVar.FromSecret("VMCP_OIDC_CLIENT_SECRET", "oidc", "secret", Optional: false));
        document.Bundles.ShouldBe([new BundleMount("oidc-ca-bundle-idp-ca", "idp-ca", "root.pem", "/config/certs/idp-ca", "root.pem")]);
        document.Versions.ShouldBe([new MountedVersion("ConfigMap", "idp-ca", "v-idp-ca"), new MountedVersion("Secret", "oidc", "v-oidc")]);
        Render("incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1, resourceUrl: 'https://mcp.example.com/mcp'}}", Idp).ConfigYaml
            .ShouldContain("resource: https://mcp.example.com/mcp");
    }

    [Theory]
    [InlineData("issuer: 'https://i', caBundleRef: {configMapRef: {name: ca, key: ../x}}", "config.yaml: incomingAuth.oidc.caBundlePath: must not contain \"..\"")] // V-18
    [InlineData("issuer: 'http://i'", "config.yaml: incomingAuth.oidc.issuer: must be https; or write insecureAllowHttp: true while developing")]
    [InlineData("issuer: ''", "config.yaml: incomingAuth.oidc.issuer: required for oidc")] // V-16
    [Trait("Scenario", "NEW-VAL-01")]
    public void What_a_referenced_config_brings_is_checked_as_the_gateway_would(string inline, string message)
    {
        DocumentResult plan = Given.Hub(
            "incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1}}",
            $"{{kind: MCPOIDCConfig, metadata: {{name: idp}}, spec: {{type: inline, inline: {{{inline}}}}}}}").Plan();

        plan.Document.ShouldBeNull();
        plan.Conditions.Single(c => c.Type == "Valid").Message.ShouldBe(message);
    }

    [Fact]
    public void A_telemetry_config_that_is_off_is_left_out() =>
        Render("telemetryConfigRef: {name: tel}", "{kind: MCPTelemetryConfig, metadata: {name: tel}, spec: {openTelemetry: {endpoint: 'https://o'}}}")
            .ConfigYaml.ShouldNotContain("telemetry");

    [Fact]
    [Trait("Scenario", "IAUTH-03")]
    public void Policies_come_from_the_spec_a_config_map_or_a_shared_config()
    {
        AuthzConfig inline = Given.Hub("""
            incomingAuth: {type: anonymous, authzConfig: {type: inline, inline: {policies: ["permit(principal, action, resource);"]}, groupClaimName: teams}}
            """).Rendered().Config.IncomingAuth!.Authz!;
        (inline.Type, inline.Policies[0], inline.GroupClaimName).ShouldBe((AuthzType.Cedar, "permit(principal, action, resource);", "teams"));

        AuthzConfig map = Given.Hub(
            "incomingAuth: {type: anonymous, authzConfig: {type: configMap, configMap: {name: policies}}}",
            """
            kind: ConfigMap
            metadata: {name: policies}
            data:
              authz.json: '{"version":"1.0","type":"cedarv1","cedar":{"policies":["permit(principal, action, resource);"],"entities_json":"[]","role_claim_name":"roles"}}'
            """).Rendered().Config.IncomingAuth!.Authz!;
        (map.EntitiesJson, map.RoleClaimName).ShouldBe(("[]", "roles"));

        AuthzConfig shared = Given.Hub(
            "incomingAuth: {type: anonymous, authzConfigRef: {name: az}}",
            "{kind: MCPAuthzConfig, metadata: {name: az}, spec: {type: cedarv1, config: {policies: ['forbid(principal, action, resource);'], group_entity_type: Team}}}")
            .Rendered().Config.IncomingAuth!.Authz!;
        (shared.Policies[0], shared.GroupEntityType).ShouldBe(("forbid(principal, action, resource);", "Team"));
    }

    [Fact]
    [Trait("Scenario", "OPT-02")]
    public void The_optimizer_uses_the_embedding_server_and_is_on_by_the_reference_alone()
    {
        const string Es = "{kind: EmbeddingServer, metadata: {name: es}, status: {phase: Ready, readyReplicas: 1, url: 'http://es.demo.svc.cluster.local:8080'}}";

        Given.Hub("embeddingServerRef: {name: es}", Es).Rendered().Config.Optimizer!.EmbeddingService
            .ShouldBe("http://es.demo.svc.cluster.local:8080");
        OptimizerConfig kept = Given.Hub(
            "embeddingServerRef: {name: es}\nconfig: {optimizer: {embeddingService: 'http://other', hybridSearchSemanticRatio: \"0.7\", maxToolsToReturn: 5}}", Es)
            .Rendered().Config.Optimizer!;
        (kept.EmbeddingService, kept.HybridSearchSemanticRatio, kept.MaxToolsToReturn).ShouldBe(("http://es.demo.svc.cluster.local:8080", 0.7m, 5));
    }

    private static GatewayDocument Render(string spec, string objects = "") => Given.Hub(spec, objects).Rendered().Document;
}
