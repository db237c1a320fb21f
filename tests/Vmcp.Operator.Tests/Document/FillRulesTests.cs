using Vmcp.Config.Model;
using Vmcp.Core.Catalogs;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Settings;
using Vmcp.Resources.Status;
using static Vmcp.Operator.Tests.Document.Manifests;

namespace Vmcp.Operator.Tests.Document;

public sealed class FillRulesTests
{
    [Fact]
    [Trait("Scenario", "CM-01")]
    public void Name_and_group_are_the_objects_own() =>
        Render("config: {name: other, groupRef: elsewhere}").ConfigYaml.ShouldStartWith("name: hub\ngroupRef: team\n");

    [Fact]
    [Trait("Scenario", "CM-04")]
    public void Defaults_are_written_out_and_what_the_user_set_is_kept()
    {
        string yaml = Render("config: {}").ConfigYaml;
        yaml.ShouldContain("""
            aggregation:
              conflictResolution: prefix
              conflictResolutionConfig:
                prefixFormat: "{workload}_"
            operational:
              timeouts:
                default: 30s
              failureHandling:
                healthCheckInterval: 30s
                healthCheckTimeout: 10s
                unhealthyThreshold: 3
                statusReportingInterval: 30s
                partialFailureMode: best_effort
                circuitBreaker:
                  enabled: false
                  failureThreshold: 5
                  timeout: 1m0s
            """);

        FailureHandlingConfig kept = Given.Hub(
            "config: {operational: {failureHandling: {unhealthyThreshold: 7, partialFailureMode: fail, circuitBreaker: {timeout: 9s}}}}").Rendered()
            .Config.Operational!.FailureHandling!;
        kept.UnhealthyThreshold.ShouldBe(7);
        kept.PartialFailureMode.ShouldBe(PartialFailureMode.Fail);
        kept.CircuitBreaker!.Timeout.ShouldBe(TimeSpan.FromSeconds(9));
        kept.HealthCheckInterval.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    [Trait("Scenario", "NEW-VAL-01")]
    public void A_short_interval_alone_gets_a_sane_timeout() =>
        Given.Hub("config: {operational: {failureHandling: {healthCheckInterval: 10s}}}").Rendered()
            .Config.Operational!.FailureHandling!.HealthCheckTimeout.ShouldBe(TimeSpan.FromSeconds(5));

    [Fact]
    [Trait("Scenario", "NEW-VAL-01")]
    public void A_document_the_gateway_would_refuse_is_a_condition_and_never_a_pod()
    {
        DocumentResult plan = Given.Hub(
            "config: {operational: {failureHandling: {healthCheckInterval: 10s, healthCheckTimeout: 10s}}}").Plan();

        plan.Document.ShouldBeNull();
        plan.Failure!.Phase.ShouldBe("Failed");
        PlannedCondition valid = plan.Conditions.Single(c => c.Type == "Valid");
        (valid.Status, valid.Reason).ShouldBe(("False", "ValidationFailed"));
        valid.Message.ShouldContain("operational.failureHandling.healthCheckTimeout: healthCheckTimeout (10s) must be less than healthCheckInterval (10s)");
    }

    [Fact]
    [Trait("Scenario", "CM-05")]
    public void Redis_is_the_specs_and_its_password_is_a_variable()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub("""
            sessionStorage: {provider: redis, address: "r:6379", db: 2, passwordRef: {name: rp, key: pw}}
            config: {sessionStorage: {provider: redis, address: "other:1"}}
            """, "{kind: Secret, metadata: {name: rp}, data: {pw: ''}}").Rendered();

        config.SessionStorage.ShouldBe(new SessionStorageConfig { Provider = SessionStorageProvider.Redis, Address = "r:6379", Db = 2 });
        document.ConfigYaml.ShouldNotContain("rp");
        document.ConfigYaml.ShouldNotContain("pw");
        document.Env.ShouldContain(new EnvVar.FromSecret("THV_SESSION_REDIS_PASSWORD", "rp", "pw", Optional: false));
        document.Versions.ShouldBe([new MountedVersion("Secret", "rp", "v-rp")]);

        foreach (string spec in new[] { "", "sessionStorage: {provider: memory}" })
            Render(spec + "\nconfig: {sessionStorage: {provider: redis, address: 'other:1'}}").ConfigYaml.ShouldNotContain("sessionStorage");
    }

    [Fact]
    public void The_operators_store_is_for_those_who_name_none()
    {
        OperatorSettings settings = OperatorSettings.Default with { DefaultRedis = new DefaultRedis("shared:6379", "rd", "pw") };

        (GatewayDocument document, GatewayConfig config) = (Given.Hub() with { Settings = settings }).Rendered();
        config.SessionStorage!.Address.ShouldBe("shared:6379");
        document.Env.ShouldContain(new EnvVar.FromSecret("THV_SESSION_REDIS_PASSWORD", "rd", "pw", Optional: false));
        (document, config) = (Given.Hub("sessionStorage: {provider: memory}") with { Settings = settings }).Rendered();
        config.SessionStorage.ShouldBeNull();
        document.Env.ShouldNotContain(v => v.Name == "THV_SESSION_REDIS_PASSWORD");
    }

    [Fact]
    public void Audit_and_headers_are_filled_and_the_rest_is_passed_on()
    {
        GatewayConfig config = Given.Hub("""
            passthroughHeaders: [X-Tenant]
            config:
              passthroughHeaders: [X-Other]
              audit: {enabled: true}
              codeMode: {enabled: true, stepLimit: 5}
              metadata: {owner: me}
              aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [alpha]}}
            """).Rendered().Config;

        config.Audit!.Component.ShouldBe("hub");
        config.PassthroughHeaders.ShouldBe(["X-Tenant"]);
        config.CodeMode!.StepLimit.ShouldBe(5);
        config.Metadata["owner"].ShouldBe("me");
        config.Aggregation!.ConflictResolution.ShouldBe(ConflictStrategy.Priority);
        config.Aggregation.ConflictResolutionConfig!.PrefixFormat.ShouldBeNull();
        Given.Hub("config: {passthroughHeaders: [X-Other], audit: {enabled: true, component: mine}}").Rendered().Config
            .ShouldSatisfyAllConditions(c => c.PassthroughHeaders.ShouldBe(["X-Other"]), c => c.Audit!.Component.ShouldBe("mine"));
    }

    [Fact]
    public void Variables_stand_in_the_order_of_their_groups()
    {
        string[] names = [.. Given.Hub(
            """
            outgoingAuth: {source: inline}
            sessionStorage: {provider: redis, address: "r:6379", passwordRef: {name: s1, key: k}}
            """,
            All(Server("alpha", Own("key1")), Entry("docs", "headerForward: {addPlaintextHeaders: {X: y}}"), Header("key1"), KeySecret))
            .Rendered().Document.Env.Select(v => v.Name)];

        names.ShouldBe(
        [
            "VMCP_NAME", "VMCP_NAMESPACE", "VMCP_STATUS_REPORTER", "TOOLHIVE_HEADER_INJECTION_VALUE_KEY1", "TOOLHIVE_HEADER_FORWARD_DOCS",
            "VMCP_SESSION_HMAC_SECRET", "THV_SESSION_REDIS_PASSWORD", "HOME", "TOOLHIVE_RUNTIME", "UNSTRUCTURED_LOGS", "XDG_CONFIG_HOME",
        ]);
    }

    private static GatewayDocument Render(string spec, string objects = "") => Given.Hub(spec, objects).Rendered().Document;
}
