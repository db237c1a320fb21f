using System.Text.RegularExpressions;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Checks;
using Vmcp.Operator.Tests.Document;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Checks;

/// <summary>V-1 to V-25 of crds 16.2: a rejected example each, with its message.</summary>
public sealed class SpecRulesTests
{
    [Theory]
    [InlineData("V-2", "config: {compositeTools: [{name: a, description: d, steps: [{id: s, tool: t}]}, {name: a, description: d, steps: [{id: s, tool: t}]}]}", "spec.config.compositeTools[1].name: duplicate composite tool name \"a\"")]
    [InlineData("V-3", "config: {compositeTools: [{name: a, description: d, steps: []}]}", "spec.config.compositeTools[0].steps")]
    [InlineData("V-5", "config: {aggregation: {conflictResolution: random}}", "spec.config.aggregation.conflictResolution: \"random\" is not a strategy; must be one of: prefix, priority, manual")]
    [InlineData("V-6", "outgoingAuth: {backends: {a: {}}}", "spec.outgoingAuth.backends[a].type: required; must be discovered or externalAuthConfigRef")]
    [InlineData("V-7", "outgoingAuth: {backends: {a: {type: externalAuthConfigRef}}}", "spec.outgoingAuth.backends[a].externalAuthConfigRef: required for type externalAuthConfigRef")]
    [InlineData("V-8", "outgoingAuth: {backends: {a: {type: externalAuthConfigRef, externalAuthConfigRef: {name: ''}}}}", "spec.outgoingAuth.backends[a].externalAuthConfigRef.name: required")]
    [InlineData("V-9", "outgoingAuth: {backends: {a: {type: magic}}}", "spec.outgoingAuth.backends[a].type: \"magic\" is unknown; must be discovered or externalAuthConfigRef")]
    [InlineData("V-9 default", "outgoingAuth: {default: {type: magic}}", "spec.outgoingAuth.default.type: \"magic\" is unknown")]
    [InlineData("V-10", "config: {optimizer: {}}", "spec.config.optimizer: embedding service required; set spec.embeddingServerRef or spec.config.optimizer.embeddingService")]
    [InlineData("V-11", "embeddingServerRef: {name: ''}", "spec.embeddingServerRef.name: required")]
    [InlineData("V-12", "config: {aggregation: {conflictResolution: priority, conflictResolutionConfig: {}}}", "spec.config.aggregation.conflictResolutionConfig.priorityOrder: required for priority")]
    [InlineData("V-13", "config: {aggregation: {tools: [{workload: ''}]}}", "spec.config.aggregation.tools[0].workload: must not be empty")]
    [InlineData("V-14", "config: {aggregation: {tools: [{workload: a, toolConfigRef: {name: ''}}]}}", "spec.config.aggregation.tools[0].toolConfigRef.name: must not be empty")]
    [InlineData("V-16", "incomingAuth: {}", "spec.incomingAuth.type: required; must be anonymous or oidc")]
    [InlineData("V-16 word", "incomingAuth: {type: local}", "spec.incomingAuth.type: \"local\" is unknown; must be anonymous or oidc")]
    [InlineData("V-16 oidc", "incomingAuth: {type: oidc}", "spec.incomingAuth.oidcConfigRef: required for type oidc")]
    [InlineData("V-16 audience", "incomingAuth: {type: oidc, oidcConfigRef: {name: idp}}", "spec.incomingAuth.oidcConfigRef.audience: required")]
    [InlineData("V-17", "incomingAuth: {type: anonymous, authzConfig: {type: inline, inline: {policies: []}}}", "spec.incomingAuth.authzConfig.inline.policies: required for type inline")]
    [InlineData("V-19", "config: {aggregation: {tools: [{workload: a}, {workload: a}]}}", "spec.config.aggregation.tools[1].workload: \"a\" already has rules in aggregation.tools[0]")]
    [InlineData("V-19 override", "config: {aggregation: {tools: [{workload: a, overrides: {t: {}}}]}}", "spec.config.aggregation.tools[0].overrides.t: changes nothing")]
    [InlineData("V-20", "config: {aggregation: {defaultToolVisibility: deny, conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a]}}}", "priorityOrder[0]: \"a\" has no entry in aggregation.tools, and defaultToolVisibility: deny hides it")]
    [InlineData("V-21", "outgoingAuth: {source: both}", "spec.outgoingAuth.source: \"both\" is unknown; must be discovered or inline")]
    [InlineData("V-21 config", "config: {outgoingAuth: {source: inline, default: {type: unauthenticated}}}", "spec.config.outgoingAuth: is not used; name MCPExternalAuthConfigs in spec.outgoingAuth")]
    [InlineData("V-22", "outgoingAuth: {source: inline}\nconfig: {backends: [{name: a, url: 'http://a', transport: sse, type: pod}]}", "spec.config.backends[0].type: \"pod\" is not a backend type")]
    [InlineData("V-22 bundle", "outgoingAuth: {source: inline}\nconfig: {backends: [{name: a, url: 'http://a', caBundlePath: /ca.pem}]}", "spec.config.backends[0].caBundlePath: only backends of type entry have one")]
    [InlineData("V-23", "config: {operational: {timeouts: {default: 0s}}}", "spec.config.operational.timeouts.default: must be greater than 0")]
    [InlineData("V-23 mode", "config: {operational: {failureHandling: {partialFailureMode: maybe}}}", "spec.config.operational.failureHandling.partialFailureMode: \"maybe\"")]
    [InlineData("V-23 breaker", "config: {operational: {failureHandling: {circuitBreaker: {enabled: true, timeout: 10ms}}}}", "circuitBreaker.timeout: must be >= 1s, is 10ms")]
    [InlineData("V-24", "config: {compositeToolRefs: [{name: ''}]}", "spec.config.compositeToolRefs[0].name")]
    [InlineData("V-25", "passthroughHeaders: [Authorization]", "spec.passthroughHeaders[0]: the header Authorization carries the client's own credentials and is never passed on")]
    [InlineData("V-25 config", "config: {passthroughHeaders: ['']}", "spec.config.passthroughHeaders[0]: a header name must not be empty")]
    [InlineData("CEL-1", "config: {rateLimiting: {shared: {maxTokens: 1, refillPeriod: 1s}}}", "spec.config.rateLimiting: needs sessionStorage.provider: redis")]
    [InlineData("CEL-2", "sessionStorage: {provider: redis, address: 'r:1'}\nconfig: {rateLimiting: {perUser: {maxTokens: 1, refillPeriod: 1s}}}", "spec.config.rateLimiting.perUser: needs users, and incomingAuth.type is anonymous")]
    [InlineData("CEL-4", "sessionStorage: {provider: redis}", "spec.sessionStorage.address: required for redis")]
    [InlineData("CEL-7", "embeddingServerRef: {name: es}\nconfig: {optimizer: {embeddingProvider: openai, embeddingModel: m}}", "spec.embeddingServerRef: an EmbeddingServer does not speak openai")]
    [InlineData("CEL-29", "incomingAuth: {type: anonymous, authzConfigRef: {name: a}, authzConfig: {type: inline, inline: {policies: [p]}}}", "spec.incomingAuth.authzConfigRef: authzConfig is given as well; keep one")]
    [InlineData("unknown key", "config: {aggregation: {conflictResolutoin: prefix}}", "spec.config.aggregation.conflictResolutoin: unknown key; did you mean \"conflictResolution\"?")]
    [InlineData("design 5.14", "config: {backends: [{name: a, url: 'http://a'}]}", "spec.config.backends: spec.outgoingAuth.source is discovered, so the backends are the members of the group; write source: inline, or leave the list out")]
    [InlineData("key", "outgoingAuth: {backends: {'a b': {type: discovered}}}", "spec.outgoingAuth.backends[a b]: is not the name of a backend")]
    [Trait("Scenario", "STAT-03")]
    [Trait("Scenario", "VAL-01")]
    public void A_wrong_spec_is_refused_with_field_and_remedy(string rule, string spec, string message)
    {
        CheckResult result = Check(Given.Hub(spec));

        PlannedCondition valid = result.Conditions.Single(c => c.Type == "Valid");
        (valid.Status, valid.Reason).ShouldBe(("False", "ValidationFailed"), rule);
        valid.Message.ShouldContain(message, Case.Sensitive, rule);
        Verdict.StopTerminal stop = result.Verdict.ShouldBeOfType<Verdict.StopTerminal>();
        (stop.Phase, stop.Reason, stop.Message).ShouldBe(("Failed", "ValidationFailed", valid.Message));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("team/a")]
    [InlineData("-a")]
    [InlineData("")]
    public void A_key_that_names_no_backend_never_keeps_the_status_from_being_written(string key)
    {
        Given given = Given.Hub($"outgoingAuth: {{source: inline, backends: {{'{key}': {{type: discovered}}}}}}", Manifests.Server("alpha"));

        ServerPlan plan = VirtualServerPlanner.Plan(given.Server, given.World, given.Settings);

        plan.Status.Message.ShouldContain($"spec.outgoingAuth.backends[{key}]: is not the name of a backend");
        // The form of a condition's type (meta/v1 Condition), without which the API server takes no part of the status.
        plan.Status.Conditions.ShouldAllBe(c => Regex.IsMatch(c.Type, "^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$") && c.Type.Length <= 316);
    }

    [Fact]
    [Trait("Scenario", "STAT-03")]
    public void A_good_spec_is_said_to_be_good()
    {
        CheckResult result = Check(Given.Hub("config: {aggregation: {conflictResolution: prefix}}"));

        result.Verdict.ShouldBeOfType<Verdict.Continue>();
        result.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason}").ShouldBe(
        [
            "AuthConfigured True AuthValid", "CompositeToolRefsValidated True CompositeToolRefsValid", "GroupRefValidated True GroupRefValid",
            "SessionStorageWarning False SessionStorageWarningNotApplicable", "Valid True ValidationSucceeded",
        ]);
    }

    [Fact]
    public void All_mistakes_are_told_together() => Message(Given.Hub("config: {aggregation: {tools: [{workload: ''}]}, operational: {timeouts: {default: 0s}}}\noutgoingAuth: {source: both}"))
        .Split("; ").Length.ShouldBeGreaterThanOrEqualTo(3);

    [Fact]
    public void A_message_stays_within_what_a_condition_may_hold()
    {
        string keys = string.Join(", ", Enumerable.Range(0, 500).Select(i => $"nonsense{i}{new string('x', 200)}: 1"));

        string message = Message(Given.Hub($"config: {{{keys}}}"));

        message.Length.ShouldBeLessThan(10_000);
        message.ShouldContain("nonsense0");
    }

    [Fact]
    public void The_group_is_required() // V-1
    {
        Given given = Given.From("{kind: VirtualMCPServer, metadata: {name: hub}, spec: {incomingAuth: {type: anonymous}}}");
        Message(given).ShouldBe("spec.groupRef.name: required");
    }

    [Fact]
    public void Incoming_auth_is_required() =>
        Message(Given.From("{kind: VirtualMCPServer, metadata: {name: hub}, spec: {groupRef: {name: team}}}"))
            .ShouldBe("spec.incomingAuth: required; write type: anonymous to let everybody in");

    [Theory]
    [InlineData(58, true)]
    [InlineData(59, false)]
    public void A_name_must_leave_room_for_the_service(int length, bool good)
    {
        Given hub = Given.Hub();
        CheckResult result = Check(hub with { Server = hub.Server with { Metadata = hub.Server.Metadata with { Name = new string('a', length) } } });

        (result.Verdict is Verdict.Continue).ShouldBe(good);
        if (!good)
            result.Conditions.Single(c => c.Type == "Valid").Message.ShouldStartWith("metadata.name: has 59 characters; at most 58, because Service vmcp-");
    }

    [Theory]
    [InlineData("1hub")]
    [InlineData("hub.one")]
    [InlineData("Hub")]
    public void A_name_must_be_a_dns_label(string name)
    {
        Given hub = Given.Hub();
        Message(hub with { Server = hub.Server with { Metadata = hub.Server.Metadata with { Name = name } } })
            .ShouldBe($"metadata.name: \"{name}\" is no DNS-1035 label; use lower-case letters, digits and '-', a letter first");
    }

    [Fact]
    public void A_secret_written_into_the_config_is_not_repeated_in_the_message() =>
        Message(Given.Hub("outgoingAuth: {source: inline}\nconfig: {backends: [{name: a, url: 'http://a', auth: {type: header_injection, headerInjection: {headerName: X, headerValue: hunter2}}}]}"))
            .ShouldNotContain("hunter2");

    [Fact]
    public void The_embedded_authorization_server_is_refused_until_it_is_built()
    {
        CheckResult result = Check(Given.Hub("authServerConfig: {issuer: 'https://i', upstreamProviders: [{name: one, type: oidc}]}"));

        result.Verdict.ShouldBeOfType<Verdict.StopTerminal>().Reason.ShouldBe("AuthServerConfigInvalid");
        result.Conditions.ShouldContain(c => c.Type == "AuthServerConfigValidated" && c.Status == "False");
    }

    private static CheckResult Check(Given given) => ServerChecks.Check(given.Server, given.World, given.Settings);

    private static string Message(Given given)
    {
        CheckResult result = Check(given);
        result.Verdict.ShouldBeOfType<Verdict.StopTerminal>();
        return result.Conditions.Single(c => c.Type == "Valid").Message;
    }
}
