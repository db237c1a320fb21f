namespace Vmcp.ApiServer.Tests.Crds;

[Collection(CrdCollection.Name)]
public sealed class ScenarioTests(CrdServer crds)
{
    private const string Anonymous = "groupRef: {name: team}\nincomingAuth: {type: anonymous}\n";

    [Fact]
    [Trait("Scenario", "VAL-01")]
    public async Task Oidc_needs_a_reference_and_anonymous_needs_nothing()
    {
        Verdict refused = await TryAsync("groupRef: {name: team}\nincomingAuth: {type: oidc}");

        refused.Accepted.ShouldBeFalse();
        refused.Message.ShouldContain("spec.incomingAuth.oidcConfigRef is required when type is oidc");
        (await TryAsync(Anonymous)).Accepted.ShouldBeTrue();
    }

    [Theory]
    [Trait("Scenario", "VAL-02")]
    [InlineData("sessionStorage: {provider: redis}", "spec.sessionStorage.address")]
    [InlineData("sessionStorage: {provider: redis, address: 'redis:6379', db: -1}", "spec.sessionStorage.db")]
    [InlineData("replicas: -1", "spec.replicas")]
    [InlineData("sessionStorage: {provider: memory}", null)]
    [InlineData("replicas: 0", null)]
    [InlineData("", null)]
    public async Task Session_storage_and_replicas_are_checked(string spec, string? refusedField)
    {
        Verdict verdict = await TryAsync(Anonymous + spec);

        verdict.Accepted.ShouldBe(refusedField is null, verdict.Message);
        if (refusedField is not null)
            verdict.Causes.ShouldContain(cause => cause.StartsWith(refusedField + ": ", StringComparison.Ordinal), verdict.Message);
    }

    [Theory]
    [Trait("Scenario", "VAL-05")]
    [InlineData("groupRef: {name: team}\nincomingAuth: {type: anonymous, authzConfig: {configMap: {name: c}}, authzConfigRef: {name: a}}", "mutually exclusive")]
    [InlineData(Anonymous + "embeddingServerRef: {name: e}\nconfig: {optimizer: {embeddingProvider: openai}}", "embeddingServerRef")]
    [InlineData(Anonymous + "config: {optimizer: {embeddingProvider: tei, embeddingHeaders: {X-A: b}}}", "embeddingHeaders")]
    [InlineData(Anonymous + "config: {optimizer: {embeddingProvider: openai, embeddingHeaders: {Authorization: b}}}", "Authorization")]
    public async Task Fields_that_exclude_each_other_are_refused_together(string spec, string message)
    {
        Verdict verdict = await TryAsync(spec);

        verdict.Accepted.ShouldBeFalse();
        verdict.Message.ShouldContain(message);
    }

    [Theory]
    [Trait("Scenario", "VAL-04")]
    [InlineData("circuitBreaker: {failureThreshold: 0}", "failureThreshold", "greater than or equal to 1")]
    [InlineData("circuitBreaker: {timeout: 500ms}", "timeout", "at least 1s")]
    [InlineData("partialFailureMode: maybe", "partialFailureMode", "\"fail\", \"best_effort\"")]
    [InlineData("healthCheckInterval: 1d", "healthCheckInterval", "should match")]
    public async Task Health_settings_out_of_bounds_are_refused_by_name(string setting, string field, string message)
    {
        Verdict verdict = await TryAsync(Anonymous + $"config: {{operational: {{failureHandling: {{{setting}}}}}}}");

        verdict.Accepted.ShouldBeFalse();
        verdict.Message.ShouldContain(field);
        verdict.Message.ShouldContain(message);
    }

    [Theory]
    [Trait("Scenario", "VAL-03")]
    [InlineData("{conflictResolution: random}", "spec.config.aggregation.conflictResolution")]
    [InlineData("{tools: [{filter: [a]}]}", "spec.config.aggregation.tools[0].workload")]
    public async Task Aggregation_of_no_known_form_is_refused_by_field(string aggregation, string field)
    {
        Verdict verdict = await TryAsync(Anonymous + $"config: {{aggregation: {aggregation}}}");

        verdict.Accepted.ShouldBeFalse();
        verdict.Causes.ShouldContain(cause => cause.StartsWith(field + ": ", StringComparison.Ordinal), verdict.Message);
    }

    [Fact]
    [Trait("Scenario", "NEW-VAL-01")]
    public async Task A_short_probe_interval_alone_gets_no_longer_timeout_beside_it()
    {
        Verdict verdict = await TryAsync(Anonymous + "config: {operational: {failureHandling: {healthCheckInterval: 10s}}}");

        verdict.Accepted.ShouldBeTrue(verdict.Message);
        verdict.Body["spec"]!["config"]!["operational"]!["failureHandling"]!.ToJsonString()
            .ShouldBe("""{"healthCheckInterval":"10s","statusReportingInterval":"30s","unhealthyThreshold":3}""");
    }

    [Fact]
    public async Task A_field_of_another_spelling_is_named()
    {
        Verdict verdict = await TryAsync(Anonymous + "outgoingAuth: {sorce: inline}");

        verdict.Accepted.ShouldBeFalse();
        verdict.Message.ShouldContain("spec.outgoingAuth.sorce");
    }

    private Task<Verdict> TryAsync(string spec) => crds.TryCreateAsync(RuleTests.Manifest("VirtualMCPServer", spec));
}
