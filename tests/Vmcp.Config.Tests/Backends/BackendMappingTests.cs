using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs;

namespace Vmcp.Config.Tests.Backends;

public sealed class BackendMappingTests
{
    private const string Three = """
        groupRef: eng
        backends:
          - {name: jira, url: 'https://j/mcp', type: entry, caBundlePath: /ca.pem, metadata: {tier: gold}}
          - {name: git-hub, url: 'http://g/sse'}
          - {name: open, url: 'http://o/sse', transport: streamable-http}
        outgoingAuth:
          default: {type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: KEY}}
          backends:
            jira: {type: header_injection, headerInjection: {headerName: Authorization, headerValue: Bearer j}}
            open: {type: unauthenticated}
        operational: {timeouts: {default: 20s, perWorkload: {jira: 90s}}}
        """;

    [Fact]
    public void Backends_come_with_strategy_deadline_and_transport_resolved()
    {
        MappedBackends mapped = Map(Three, ("KEY", "k"));

        mapped.Problems.ShouldBeEmpty();
        mapped.Backends.Version.ShouldBe(1);
        mapped.Backends.Backends.Select(b => b.Name).ShouldBe(["git-hub", "jira", "open"]);
        mapped.Backends.Backends[0].ShouldBe(new Backend
        {
            Name = "git-hub",
            Url = new Uri("http://g/sse"),
            Transport = BackendTransport.Sse,
            Strategy = new HeaderInjectionStrategy("X-Key", new Secret("k")),
            AuthSource = "default",
            Timeout = TimeSpan.FromSeconds(20),
            Metadata = EquatableMap.Create([KeyValuePair.Create("group", "eng")]),
        });
        mapped.Backends.Backends[1].ShouldBe(new Backend
        {
            Name = "jira",
            Url = new Uri("https://j/mcp"),
            IsEntry = true,
            CaBundlePath = "/ca.pem",
            Strategy = new HeaderInjectionStrategy("Authorization", new Secret("Bearer j")),
            AuthSource = "explicit",
            Timeout = TimeSpan.FromSeconds(90),
            Metadata = EquatableMap.Create([KeyValuePair.Create("group", "eng"), KeyValuePair.Create("tier", "gold")]),
        });
        mapped.Backends.Backends[2].Strategy.ShouldBe(Strategy.None);
        mapped.Backends.Backends[2].Transport.ShouldBe(BackendTransport.StreamableHttp);
    }

    [Fact]
    public void A_backend_whose_credential_is_missing_is_left_out_and_never_served_without()
    {
        MappedBackends mapped = Map(Three);

        mapped.Backends.Backends.Select(b => b.Name).ShouldBe(["jira", "open"]);
        mapped.Problems.ShouldHaveSingleItem().ToString()
            .ShouldBe("vmcp.yaml:7: outgoingAuth.default.headerInjection: backend \"git-hub\" cannot be served: the environment variable KEY is not set");
    }

    [Fact]
    public void A_value_with_a_reference_that_Kubernetes_could_not_fill_in_is_never_sent()
    {
        MappedBackends mapped = Map(Three, ("KEY", "Bearer $(TOOLHIVE_BEARER_TOKEN_K)"));

        mapped.Backends.Backends.Select(b => b.Name).ShouldBe(["jira", "open"]);
        mapped.Problems.ShouldHaveSingleItem().Message.ShouldBe(
            "backend \"git-hub\" cannot be served: the environment variable KEY refers to another one that is not set; does its Secret exist?");
    }

    [Fact]
    public void Static_headers_come_from_the_environment()
    {
        MappedBackends mapped = Map(
            "backends: [{name: my-api.v2, url: 'http://a/mcp'}]",
            ("TOOLHIVE_HEADER_FORWARD_MY_API_V2", """{"addPlaintextHeaders":{"X-Region":"eu"},"addHeadersFromSecret":{"X-Api-Key":"HEADER_FORWARD_X_API_KEY_MY_API_V2"}}"""),
            ("TOOLHIVE_SECRET_HEADER_FORWARD_X_API_KEY_MY_API_V2", "s3cret"));

        mapped.Problems.ShouldBeEmpty();
        mapped.Backends.Backends[0].StaticHeaders.ShouldBe(
            EquatableMap.Create([KeyValuePair.Create("X-Region", "eu"), KeyValuePair.Create("X-Api-Key", "s3cret")]));
        HeaderForward.SecretVariable("my-api.v2", "X-Api-Key").ShouldBe("TOOLHIVE_SECRET_HEADER_FORWARD_X_API_KEY_MY_API_V2");
    }

    [Theory]
    [InlineData("no json", "TOOLHIVE_HEADER_FORWARD_A is not JSON")]
    [InlineData("[]", "TOOLHIVE_HEADER_FORWARD_A is not a JSON object")]
    [InlineData("""{"addPlainHeaders":{}}""", "\"addPlainHeaders\" is not one of the maps addPlaintextHeaders, addHeadersFromSecret")]
    [InlineData("""{"addPlaintextHeaders":{"X-A":5}}""", "header X-A: the value is not a string")]
    [InlineData("""{"addPlaintextHeaders":{"Host":"x"}}""", "the header Host belongs to the gateway")]
    [InlineData("""{"addPlaintextHeaders":{"X-A":"a\nb"}}""", "header X-A: a header value must not hold control characters")]
    [InlineData("""{"addHeadersFromSecret":{"X-A":"TOP_SECRET_ID"}}""", "header X-A: the secret for backend \"a\" is not set")]
    [InlineData("""{"addPlaintextHeaders":{"X-A":"v"},"addHeadersFromSecret":{"x-a":"GIVEN"}}""", "header x-a is given twice")]
    public void A_manifest_that_cannot_be_followed_takes_the_backend_out(string manifest, string problem)
    {
        (string, string)[] variables = [("TOOLHIVE_HEADER_FORWARD_A", manifest), ("TOOLHIVE_SECRET_GIVEN", "v")];
        const string Yaml = "backends: [{name: a, url: 'http://a/mcp'}]";

        MappedBackends mapped = Map(Yaml, variables);

        mapped.Backends.Backends.ShouldBeEmpty();
        string report = mapped.Problems.ShouldHaveSingleItem().ToString();
        report.ShouldContain(problem);
        report.ShouldNotContain("TOP_SECRET_ID");
        Samples.Report(Yaml, Samples.Env(variables)).ShouldHaveSingleItem().ShouldContain(problem);
    }

    [Fact]
    public void A_header_cannot_be_both_passed_through_and_static() =>
        Samples.Report(
            "backends: [{name: a, url: 'http://a/mcp'}]\npassthroughHeaders: [x-tenant]",
            Samples.Env(("TOOLHIVE_HEADER_FORWARD_A", """{"addPlaintextHeaders":{"X-Tenant":"v"}}""")))
        .ShouldBe(["vmcp.yaml:2: passthroughHeaders[0]: backend \"a\" has a static header X-Tenant already"]);

    [Fact]
    public void Two_backends_cannot_share_one_variable() =>
        Samples.Report(
            "backends:\n  - {name: a-b, url: 'http://a/mcp'}\n  - {name: a.b, url: 'http://b/mcp'}",
            Samples.Env(("TOOLHIVE_HEADER_FORWARD_A_B", "{}")))
        .ShouldBe(["vmcp.yaml:3: backends[1].name: TOOLHIVE_HEADER_FORWARD_A_B is meant for \"a-b\" and \"a.b\" alike; rename one"]);

    [Fact]
    public void Every_aggregation_setting_reaches_the_policy()
    {
        AggregationPolicy policy = Policy("""
            conflictResolution: priority
            conflictResolutionConfig: {prefixFormat: '{workload}.', priorityOrder: [b, a]}
            defaultToolVisibility: deny
            excludeAllTools: true
            tools:
              - workload: a
                filter: [x]
                excludeAll: true
                overrides:
                  x: {name: y, description: d, annotations: {title: t, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false}}
              - workload: b
            """);

        policy.Strategy.ShouldBe(ConflictStrategy.Priority);
        policy.PrefixFormat.ShouldBe("{workload}.");
        policy.PriorityOrder.ShouldBe(["b", "a"]);
        policy.DenyByDefault.ShouldBeTrue();
        policy.ExcludeAllTools.ShouldBeTrue();
        policy.Tools["a"].Filter.ShouldBe(["x"]);
        policy.Tools["a"].ExcludeAll.ShouldBeTrue();
        policy.Tools["a"].Overrides["x"].ShouldBe(new ToolOverride
        {
            Name = "y",
            Description = "d",
            Title = "t",
            ReadOnlyHint = true,
            DestructiveHint = false,
            IdempotentHint = true,
            OpenWorldHint = false,
        });
        policy.Tools["b"].ExcludeAll.ShouldBeFalse();
    }

    [Fact]
    public void Without_aggregation_names_are_prefixed()
    {
        AggregationPolicy policy = BackendMapping.ToPolicy(new GatewayConfig());

        policy.Strategy.ShouldBe(ConflictStrategy.Prefix);
        policy.PrefixFormat.ShouldBe("{workload}_");
        policy.Tools.ShouldBeEmpty();
        policy.DenyByDefault.ShouldBeFalse();
        policy.ExcludeAllTools.ShouldBeFalse();
    }

    private static MappedBackends Map(string yaml, params (string, string)[] env)
    {
        ConfigResult read = ConfigReader.Read(yaml, "vmcp.yaml");
        return BackendMapping.ToBackends(read.Config.ShouldNotBeNull(), Samples.Env(env), source: read.Source);
    }

    private static AggregationPolicy Policy(string aggregation)
    {
        string indented = string.Join('\n', aggregation.Split('\n').Select(l => "  " + l));
        return BackendMapping.ToPolicy(ConfigReader.Read("aggregation:\n" + indented, "a").Config.ShouldNotBeNull());
    }
}
