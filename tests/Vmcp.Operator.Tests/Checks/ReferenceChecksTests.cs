using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Checks;
using Vmcp.Operator.Settings;
using Vmcp.Operator.SmallControllers;
using Vmcp.Operator.Tests.Document;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Checks;

public sealed class ReferenceChecksTests
{
    private const string Oidc = "incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1}}";

    [Fact]
    [Trait("Scenario", "STAT-01")]
    public void An_unknown_group_fails_and_is_looked_for_again() // V-26
    {
        CheckResult result = Check(Given.From("{kind: VirtualMCPServer, metadata: {name: hub}, spec: {groupRef: {name: nope}, incomingAuth: {type: anonymous}}}"));

        Stop(result).ShouldBe(("Failed", "GroupRefNotFound", "Referenced MCPGroup nope not found", 60));
        result.Conditions.ShouldContain(new PlannedCondition("GroupRefValidated", "False", "GroupRefNotFound", "Referenced MCPGroup nope not found"));
        result.Conditions.ShouldContain(c => c.Type == "Valid" && c.Status == "True");
    }

    [Theory]
    [InlineData("{phase: Pending}", "Referenced MCPGroup team is not ready (phase: Pending)")]
    [InlineData("{}", "Referenced MCPGroup team is not ready (phase: none yet)")]
    [Trait("Scenario", "STAT-02")]
    public void A_group_that_is_not_ready_is_waited_for(string status, string message)
    {
        CheckResult result = Check(Given.Hub("", $"{{kind: MCPGroup, metadata: {{name: team}}, status: {status}}}"));

        Stop(result).ShouldBe(("Pending", "GroupRefNotReady", message, 60));
        Check(Given.Hub()).Conditions.Single(c => c.Type == "GroupRefValidated").Reason.ShouldBe("GroupRefValid");
    }

    [Fact]
    [Trait("Scenario", "COMP-05")]
    public void Referenced_composite_tools_must_exist_and_not_be_invalid() // V-26
    {
        const string Spec = "config: {compositeToolRefs: [{name: def1}]}";
        const string Definition = "{kind: VirtualMCPCompositeToolDefinition, metadata: {name: def1}, spec: {name: t, steps: []}, status: {validationStatus: STATUS, validationErrors: [no steps]}}";

        Stop(Check(Given.Hub(Spec))).ShouldBe(
            ("Failed", "CompositeToolRefNotFound", "Referenced VirtualMCPCompositeToolDefinition def1 not found", 60));
        Stop(Check(Given.Hub(Spec, Definition.Replace("STATUS", "Invalid", StringComparison.Ordinal)))).ShouldBe(
            ("Failed", "CompositeToolRefInvalid", "Referenced VirtualMCPCompositeToolDefinition def1 is invalid: no steps", 60));
        Reason(Check(Given.Hub(Spec, Definition.Replace("STATUS", "Unknown", StringComparison.Ordinal))), "CompositeToolRefsValidated")
            .ShouldBe("True CompositeToolRefsValid");
    }

    [Fact]
    [Trait("Scenario", "OPT-02")]
    public void The_embedding_server_is_waited_for()
    {
        const string Spec = "embeddingServerRef: {name: es}";

        CheckResult missing = Check(Given.Hub(Spec));
        Stop(missing).ShouldBe(("Failed", "EmbeddingServerNotFound", "Referenced EmbeddingServer es not found", 60));
        missing.Events.ShouldHaveSingleItem().Reason.ShouldBe("EmbeddingServerRefNotFound");
        Stop(Check(Given.Hub(Spec, "{kind: EmbeddingServer, metadata: {name: es}, status: {phase: Downloading}}"))).ShouldBe(
            ("Pending", "EmbeddingServerNotReady", "Waiting for EmbeddingServer to become ready", 30));
        Stop(Check(Given.Hub(Spec, "{kind: EmbeddingServer, metadata: {name: es}, status: {phase: Failed, message: no disk}}"))).ShouldBe(
            ("Failed", "EmbeddingServerNotReady", "EmbeddingServer es has failed: no disk", 30));
        CheckResult ready = Check(Given.Hub(Spec, "{kind: EmbeddingServer, metadata: {name: es}, status: {phase: Ready, readyReplicas: 1, url: 'http://es'}}"));
        ready.Verdict.ShouldBeOfType<Verdict.Continue>();
        Reason(ready, "EmbeddingServerReady").ShouldBe("True EmbeddingServerReady");
    }

    [Fact]
    [Trait("Scenario", "IAUTH-02")]
    public void The_oidc_config_is_tracked() // V-27
    {
        Stop(Check(Given.Hub(Oidc))).ShouldBe(("Failed", "OIDCConfigRefNotFound", "MCPOIDCConfig \"idp\" does not exist", 60));
        Stop(Check(Given.Hub(Oidc, Idp("", "conditions: [{type: Valid, status: 'False', message: issuer is missing}]")))).ShouldBe(
            ("Failed", "OIDCConfigRefNotValid", "MCPOIDCConfig \"idp\" is not valid: issuer is missing", 60));

        CheckResult good = Check(Given.Hub(Oidc, Idp("", "configHash: h1, conditions: [{type: Valid, status: 'True'}]")));
        good.Verdict.ShouldBeOfType<Verdict.Continue>();
        Reason(good, "OIDCConfigRefValidated").ShouldBe("True OIDCConfigRefValid");
        good.OidcConfigHash.ShouldBe("h1");
        // Where no controller writes a hash, the spec has one of its own.
        string? first = Check(Given.Hub(Oidc, Idp("clientId: a", ""))).OidcConfigHash;
        first.ShouldNotBeNull().Length.ShouldBe(64);
        Check(Given.Hub(Oidc, Idp("clientId: b", ""))).OidcConfigHash.ShouldNotBe(first);
        // The controller that comes a moment later says the same, so that a server just made does not seem to follow a change.
        Given hub = Given.Hub(Oidc, Idp("clientId: a", ""));
        OidcConfigPlanner.Plan(hub.World.OidcConfigs["idp"], ConfigFacts.Unused).StatusFields["configHash"]!.GetValue<string>().ShouldBe(first);
        Check(Given.Hub()).OidcConfigHash.ShouldBeNull();
    }

    [Theory]
    [InlineData(
        "{type: kubernetesServiceAccount, kubernetesServiceAccount: {namespace: prod}}",
        "spec.kubernetesServiceAccount.namespace: says nothing without serviceAccount; name the ServiceAccount, or remove it")]
    [InlineData("{type: kubernetesServiceAccount}", "spec.kubernetesServiceAccount: required by type: kubernetesServiceAccount")]
    public void An_oidc_config_that_would_let_in_every_account_opens_nothing_before_its_controller_has_judged_it_too(string spec, string problem)
    {
        foreach (string status in (string[])["", "conditions: [{type: Valid, status: 'True'}]"])
        {
            string config = $"{{kind: MCPOIDCConfig, metadata: {{name: idp}}, spec: {spec}, status: {{{status}}}}}";

            Given hub = Given.Hub(Oidc, config);
            hub = hub with { World = hub.World with { Issuer = new ClusterIssuer { Issuer = "https://cluster", KeySet = "{}" } } };

            Stop(Check(hub)).ShouldBe(("Failed", "OIDCConfigRefNotValid", $"MCPOIDCConfig \"idp\" is not valid: {problem}", 60));
        }
    }

    [Fact]
    [Trait("Scenario", "IAUTH-03")]
    public void Shared_policies_must_be_cedar_and_valid() // V-27
    {
        const string Spec = "incomingAuth: {type: anonymous, authzConfigRef: {name: az}}";

        Stop(Check(Given.Hub(Spec))).ShouldBe(("Failed", "AuthzConfigRefNotFound", "MCPAuthzConfig \"az\" does not exist", 60));
        Stop(Check(Given.Hub(Spec, Az("httpv1", "{}", "{}")))).ShouldBe(
            ("Failed", "AuthzConfigRefNotValid", "MCPAuthzConfig \"az\" has type \"httpv1\", which is not yet supported for VirtualMCPServer; only cedarv1 is", 60));
        Stop(Check(Given.Hub(Spec, Az("cedarv1", "{policies: ['permit(principal, action, resource);']}", "{conditions: [{type: Valid, status: 'False', message: syntax}]}")))).ShouldBe(
            ("Failed", "AuthzConfigRefNotValid", "MCPAuthzConfig \"az\" is not valid: syntax", 60));
        Stop(Check(Given.Hub(Spec, Az("cedarv1", "{}", "{}")))).Item3
            .ShouldBe("MCPAuthzConfig \"az\" is not valid: spec.config: must not be empty: the authorizer's settings");
        // A verdict about policies that were edited since does not count.
        Stop(Check(Given.Hub(Spec, Az("cedarv1", "{policies: [allow everybody]}", "{conditions: [{type: Valid, status: 'True'}]}")))).Item3
            .ShouldBe("MCPAuthzConfig \"az\" is not valid: spec.config.policies[0]: a Cedar policy begins with permit or forbid");
        CheckResult good = Check(Given.Hub(Spec, Az("cedarv1", "{policies: ['permit(principal, action, resource);']}", "{configHash: h2}")));
        Reason(good, "AuthzConfigRefValidated").ShouldBe("True AuthzConfigRefValid");
        good.AuthzConfigHash.ShouldBe("h2");
    }

    [Theory]
    [InlineData("{name: none}", "AuthzConfigMapNotFound", "ConfigMap \"none\" does not exist (spec.incomingAuth.authzConfig.configMap)")]
    [InlineData("{name: cm, key: other}", "AuthzConfigMapInvalid", "ConfigMap \"cm\" is missing key \"other\"; keys found: authz.json, text, wrong")]
    [InlineData("{name: cm, key: text}", "AuthzConfigMapInvalid", "ConfigMap \"cm\", key \"text\": is not JSON")]
    [InlineData("{name: cm, key: wrong}", "AuthzConfigMapInvalid", "ConfigMap \"cm\", key \"wrong\": must be {\"version\":\"1.0\",\"type\":\"cedarv1\",\"cedar\":{…}}")]
    public void Policies_in_a_config_map_are_read_before_a_pod_does(string map, string reason, string message)
    {
        CheckResult result = Check(Given.Hub(
            $"incomingAuth: {{type: anonymous, authzConfig: {{type: configMap, configMap: {map}}}}}",
            "{kind: ConfigMap, metadata: {name: cm}, data: {authz.json: '{}', text: hello, wrong: '{\"type\":\"httpv1\"}'}}"));

        Stop(result).ShouldBe(("Failed", reason, message, 60));
        Reason(result, "AuthConfigured").ShouldBe($"False {reason}");
        result.Events.ShouldHaveSingleItem().ShouldBe(new PlannedEvent(true, reason, "ValidateAuthzConfigMap", message));
    }

    [Fact]
    [Trait("Scenario", "SEC-03")]
    public void A_missing_client_secret_stops_before_any_pod()
    {
        string idp = Idp("clientId: c, clientSecretRef: {name: oidc, key: pw}", "");

        CheckResult missing = Check(Given.Hub(Oidc, idp));
        const string Message = "MCPOIDCConfig \"idp\": spec.inline.clientSecretRef: Secret \"oidc\" does not exist";
        Stop(missing).ShouldBe(("Failed", "AuthInvalid", Message, 60));
        Reason(missing, "AuthConfigured").ShouldBe("False AuthInvalid");
        missing.Events.ShouldHaveSingleItem().ShouldBe(new PlannedEvent(true, "SecretValidationFailed", "ValidateSecrets", Message));

        CheckResult there = Check(Given.Hub(Oidc, Manifests.All(idp, "{kind: Secret, metadata: {name: oidc}, data: {pw: ''}}")));
        Reason(there, "AuthConfigured").ShouldBe("True AuthValid");
        there.Verdict.ShouldBeOfType<Verdict.Continue>();
    }

    [Fact]
    [Trait("Scenario", "SEC-04")]
    public void A_missing_key_is_named_and_no_value_is()
    {
        CheckResult result = Check(Given.Hub(Oidc, Manifests.All(
            Idp("clientId: c, clientSecretRef: {name: oidc, key: pw}", ""), "{kind: Secret, metadata: {name: oidc}, data: {user: aHVudGVyMg==}}")));

        Stop(result).Item3.ShouldBe(
            "MCPOIDCConfig \"idp\": spec.inline.clientSecretRef: Secret \"oidc\" is missing key \"pw\"; keys found: user");
        Stop(result).Item3.ShouldContain("missing key");
        Stop(result).Item3.ShouldNotContain("aHVudGVyMg");
    }

    [Fact]
    public void What_would_block_the_pod_is_told_instead()
    {
        Stop(Check(Given.Hub("sessionStorage: {provider: redis, address: 'r:1', passwordRef: {name: rp, key: pw}}"))).Item3
            .ShouldBe("spec.sessionStorage.passwordRef: Secret \"rp\" does not exist");
        Stop(Check(Given.Hub(Oidc, Idp("caBundleRef: {configMapRef: {name: ca, key: root}}", "")))).Item3
            .ShouldBe("MCPOIDCConfig \"idp\": spec.inline.caBundleRef: ConfigMap \"ca\" does not exist");
        Stop(Check(Given.Hub() with { Settings = OperatorSettings.Default with { DefaultRedis = new DefaultRedis("r:1", "rd", "pw") } })).Item3
            .ShouldBe("the operator's default session store: Secret \"rd\" does not exist");
    }

    [Theory]
    [InlineData("endpoint: 'https://o'", "spec.openTelemetry.endpoint: nothing is sent there; enable tracing or metrics")]
    [InlineData("sensitiveHeaders: [{name: X}]", "spec.openTelemetry.sensitiveHeaders[0].secretKeyRef.name: required")]
    [InlineData("headers: {x: y}, sensitiveHeaders: [{name: X, secretKeyRef: {name: s, key: k}}]", "spec.openTelemetry.sensitiveHeaders[0].name: \"X\" is in spec.openTelemetry.headers too; keep it in one place")]
    [InlineData("sensitiveHeaders: [{name: X-A, secretKeyRef: {name: s, key: k}}, {name: X_A, secretKeyRef: {name: s, key: k}}]", "headers \"X-A\" and \"X_A\" need the same variable TOOLHIVE_OTEL_HEADER_X_A; rename one")]
    [InlineData("caBundleRef: {configMapRef: {name: none, key: ca.crt}}", "spec.openTelemetry.caBundleRef: ConfigMap \"none\" does not exist")]
    [InlineData("insecure: true, caBundleRef: {configMapRef: {name: none, key: ca.crt}}", "spec.openTelemetry.caBundleRef: has no use with insecure: true; leave one of them out")]
    [InlineData("tracing: {enabled: true, samplingRate: most}", "spec.openTelemetry.tracing.samplingRate: \"most\" is no ratio from 0 to 1")]
    [Trait("Scenario", "TEL-01")]
    public void A_telemetry_config_that_cannot_work_is_told(string otel, string message) // V-27
    {
        CheckResult result = Check(Given.Hub(
            "telemetryConfigRef: {name: tel}", $"{{kind: MCPTelemetryConfig, metadata: {{name: tel}}, spec: {{openTelemetry: {{enabled: true, {otel}}}}}}}"));

        Stop(result).Item2.ShouldBe("TelemetryConfigRefInvalid");
        Stop(result).Item3.ShouldContain(message);
    }

    [Fact]
    public void What_the_config_says_of_itself_is_told_once()
    {
        CheckResult result = Check(Given.Hub(
            "telemetryConfigRef: {name: tel}",
            "{kind: MCPTelemetryConfig, metadata: {name: tel}, spec: {openTelemetry: {enabled: true, endpoint: 'https://o'}}, status: {conditions: [{type: Valid, status: 'False', message: 'spec.openTelemetry.endpoint: nothing is sent there'}]}}"));

        Stop(result).Item3.Split("nothing is sent there").Length.ShouldBe(2);
    }

    [Fact]
    [Trait("Scenario", "TEL-02")]
    public void The_hash_of_the_telemetry_config_follows_it_and_goes_with_the_reference()
    {
        string? first = Check(Tel("https://one")).TelemetryConfigHash;

        first.ShouldNotBeNull();
        Check(Tel("https://two")).TelemetryConfigHash.ShouldNotBe(first);
        Reason(Check(Tel("https://two")), "TelemetryConfigRefValidated").ShouldBe("True TelemetryConfigRefValid");
        CheckResult without = Check(Given.Hub());
        without.TelemetryConfigHash.ShouldBeNull();
        without.Conditions.ShouldNotContain(c => c.Type == "TelemetryConfigRefValidated");
        Stop(Check(Given.Hub("telemetryConfigRef: {name: tel}"))).Item2.ShouldBe("TelemetryConfigRefNotFound");

        static Given Tel(string endpoint) => Given.Hub(
            "telemetryConfigRef: {name: tel}",
            $"{{kind: MCPTelemetryConfig, metadata: {{name: tel}}, spec: {{openTelemetry: {{enabled: true, endpoint: '{endpoint}', tracing: {{enabled: true}}}}}}}}");
    }

    [Theory]
    [InlineData("replicas: 2", "True SessionStorageMissingForReplicas")]
    [InlineData("replicas: 2\nsessionStorage: {provider: redis, address: 'r:1'}", "False SessionStorageConfigured")]
    [InlineData("replicas: 1", "False SessionStorageWarningNotApplicable")]
    public void Replicas_without_a_shared_store_are_warned_of_but_run(string spec, string reason)
    {
        CheckResult result = Check(Given.Hub(spec));

        Reason(result, "SessionStorageWarning").ShouldBe(reason);
        result.Verdict.ShouldBeOfType<Verdict.Continue>();
    }

    [Fact]
    public void The_worst_failure_decides_and_the_others_are_still_told()
    {
        CheckResult result = Check(Given.Hub("telemetryConfigRef: {name: tel}\nembeddingServerRef: {name: es}"));

        Stop(result).Item2.ShouldBe("EmbeddingServerNotFound");
        Reason(result, "TelemetryConfigRefValidated").ShouldBe("False TelemetryConfigRefNotFound");
        // What is missing comes before what is on its way.
        Stop(Check(Given.Hub("telemetryConfigRef: {name: tel}", "{kind: MCPGroup, metadata: {name: team}, status: {phase: Pending}}"))).Item2
            .ShouldBe("TelemetryConfigRefNotFound");
        // What only an edit helps comes before what time may bring.
        Check(Given.Hub("telemetryConfigRef: {name: tel}\nconfig: {nonsense: 1}")).Verdict.ShouldBeOfType<Verdict.StopTerminal>();
    }

    private static CheckResult Check(Given given) => ServerChecks.Check(given.Server, given.World, given.Settings);

    private static string Reason(CheckResult result, string type)
    {
        PlannedCondition condition = result.Conditions.Single(c => c.Type == type);
        return $"{condition.Status} {condition.Reason}";
    }

    private static (string, string, string, double) Stop(CheckResult result)
    {
        Verdict.StopRetry stop = result.Verdict.ShouldBeOfType<Verdict.StopRetry>();
        return (stop.Phase, stop.Reason, stop.Message, stop.After.TotalSeconds);
    }

    private static string Idp(string inline, string status) =>
        $"{{kind: MCPOIDCConfig, metadata: {{name: idp}}, spec: {{type: inline, inline: {{issuer: 'https://i'{(inline.Length == 0 ? "" : ", ")}{inline}}}}}, status: {{{status}}}}}";

    private static string Az(string type, string config, string status) =>
        $"{{kind: MCPAuthzConfig, metadata: {{name: az}}, spec: {{type: {type}, config: {config}}}, status: {status}}}";
}
