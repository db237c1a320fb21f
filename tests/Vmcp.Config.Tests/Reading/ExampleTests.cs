using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Tests.Reading;

public sealed class ExampleTests
{
    private const string OlderSpelling = """
        outgoing_auth:
          source: inline
        backends:
          - name: github-mcp
            url: http://github-mcp.default.svc:8080
            auth:
              type: token_exchange
        """;

    [Fact]
    public void The_annotated_example_of_the_specification_loads_without_a_word()
    {
        ConfigResult result = Samples.Load(Samples.Full, Samples.FullEnv);

        result.Problems.ShouldBeEmpty();
        GatewayConfig config = result.Config.ShouldNotBeNull();
        config.Name.ShouldBe("eng-gateway");
        config.Backends.Count.ShouldBe(2);
        config.Backends[1].Type.ShouldBe(BackendKind.Entry);
        config.Backends[1].Metadata["tier"].ShouldBe("gold");
        config.OutgoingAuth!.Backends["github"].HeaderInjection!.HeaderValueEnv.ShouldBe("GITHUB_AUTH");
        config.Aggregation!.Tools[0].Overrides["create_issue"].Annotations!.DestructiveHint.ShouldBe(false);
        config.Operational!.Timeouts!.PerWorkload["github"].ShouldBe(TimeSpan.FromSeconds(45));
        config.Operational.FailureHandling!.FailsOnPartialFailure.ShouldBeTrue();
        config.Telemetry!.SamplingRate.ShouldBe(0.05m);
        config.Optimizer.ShouldBeNull();
    }

    [Fact]
    public void The_older_spelling_says_exactly_what_token_exchange_lacks()
    {
        ConfigReader.Read(OlderSpelling, "vmcp.yaml").Config.ShouldNotBeNull("the file itself must load");

        Samples.Report(OlderSpelling).ShouldBe(["vmcp.yaml:6: backends[0].auth.tokenUrl: required for token_exchange (RFC 8693 token endpoint)"]);
    }

    [Fact]
    public void The_older_spelling_means_the_same_as_the_usual_one()
    {
        const string Usual = """
            outgoingAuth:
              source: inline
              backends:
                github-mcp:
                  type: token_exchange
            backends:
              - name: github-mcp
                url: http://github-mcp.default.svc:8080
            """;

        ConfigReader.Read(OlderSpelling, "a").Config.ShouldBe(ConfigReader.Read(Usual, "a").Config);
        Samples.Report(Usual).ShouldBe(
            ["vmcp.yaml:4: outgoingAuth.backends.github-mcp.tokenExchange.tokenUrl: required for token_exchange (RFC 8693 token endpoint)"]);
    }

    [Fact]
    public void What_is_not_supported_yet_is_named_where_the_file_has_it()
    {
        ConfigResult result = ConfigReader.Read("group_ref: eng\ncode_mode:\n  enabled: true\nbackends: [{name: a, url: 'http://a/mcp'}]", "vmcp.yaml");

        ImmutableArray<ConfigProblem> notes = NotSupportedYet.Find(result.Config!, result.Source);

        notes.Select(n => n.ToString()).ShouldBe(["vmcp.yaml:3: codeMode.enabled: not supported yet: codeMode.enabled"]);
    }

    [Fact]
    public void A_file_with_only_backends_gets_sensible_defaults()
    {
        ConfigResult result = Samples.Load("backends: [{name: a, url: 'http://127.0.0.1:9000/sse'}]");

        result.Problems.ShouldBeEmpty();
        GatewayConfig config = result.Config!;
        config.EffectiveName.ShouldBe("vmcp");
        config.EffectiveGroup.ShouldBe("default");
        config.EffectiveIncomingAuth.ShouldBe(IncomingAuthType.Anonymous);
        config.EffectiveSource.ShouldBe(OutgoingAuthSource.Inline);
        config.EffectiveAggregation.EffectivePrefixFormat.ShouldBe("{workload}_");
        config.Backends[0].EffectiveTransport.ShouldBe(BackendTransport.Sse);
        NotSupportedYet.Find(config).ShouldBeEmpty();
    }
}
