using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Config.Writing;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Tests.Writing;

public sealed class ConfigWriterTests
{
    [Fact]
    public void What_is_written_reads_back_equal()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            GatewayConfig config = new RandomConfig(seed).Next();
            string yaml = ConfigWriter.Write(config);
            ConfigResult back = ConfigReader.Read(yaml, "w");
            back.Problems.ShouldBeEmpty($"seed {seed}\n{yaml}");
            ConfigWriter.Write(back.Config!).ShouldBe(yaml, $"seed {seed}");
            (back.Config == config).ShouldBeTrue($"seed {seed}\n{yaml}");
        }
    }

    [Fact]
    public void Two_ways_to_the_same_configuration_give_the_same_bytes()
    {
        KeyValuePair<string, string>[] entries = [.. Enumerable.Range(0, 40).Select(i => KeyValuePair.Create($"k{i}", $"v{i}"))];
        string expected = ConfigWriter.Write(new GatewayConfig { Metadata = SortedMap.Create(entries) });
        for (int seed = 0; seed < 20; seed++)
        {
            new Random(seed).Shuffle(entries);
            ConfigWriter.Write(new GatewayConfig { Metadata = SortedMap.Create(entries) }).ShouldBe(expected);
        }

        string shuffled = ConfigWriter.Write(ConfigReader.Read("telemetry: {samplingRate: '0.50'}\nname: a\noutgoingAuth: {source: inline}", "a").Config!);
        shuffled.ShouldBe(ConfigWriter.Write(ConfigReader.Read("outgoing_auth: {source: inline}\nname: \"a\"\ntelemetry: {samplingRate: 0.5}", "a").Config!));
    }

    [Fact]
    public void The_file_looks_as_a_person_would_write_it()
    {
        GatewayConfig config = new()
        {
            Name = "eng",
            Backends =
            [
                new BackendConfig { Name = "git", Url = "http://git:8080/mcp", Transport = BackendTransport.StreamableHttp, Metadata = SortedMap.Create([KeyValuePair.Create("tier", "1")]) },
            ],
            OutgoingAuth = new OutgoingAuthConfig
            {
                Source = OutgoingAuthSource.Inline,
                Backends = SortedMap.Create(
                [
                    KeyValuePair.Create("git", new StrategyConfig { Type = StrategyType.HeaderInjection, HeaderInjection = new HeaderInjectionConfig { HeaderName = "X-Key", HeaderValueEnv = "KEY" } }),
                ]),
            },
            Aggregation = new AggregationConfig { ConflictResolutionConfig = new ConflictResolutionConfig { PrefixFormat = "{workload}_" } },
            Optimizer = new OptimizerConfig(),
            PassthroughHeaders = ["X-Tenant", "yes"],
        };

        ConfigWriter.Write(config).ShouldBe("""
            name: eng
            backends:
              - name: git
                url: http://git:8080/mcp
                transport: streamable-http
                metadata:
                  tier: "1"
            outgoingAuth:
              source: inline
              backends:
                git:
                  type: header_injection
                  headerInjection:
                    headerName: X-Key
                    headerValueEnv: KEY
            aggregation:
              conflictResolutionConfig:
                prefixFormat: "{workload}_"
            optimizer: {}
            passthroughHeaders:
              - X-Tenant
              - "yes"

            """.ReplaceLineEndings("\n"));
        ConfigWriter.Write(new GatewayConfig()).ShouldBe("{}\n");
    }

    [Fact]
    [Trait("Scenario", "CM-04")]
    public void Defaults_can_be_written_out_and_what_was_set_is_kept()
    {
        GatewayConfig config = ConfigReader.Read("operational: {failureHandling: {unhealthyThreshold: 7, circuitBreaker: {enabled: true}}}", "a").Config!;

        string yaml = ConfigWriter.Write(config, new ConfigWriterOptions { WriteDefaults = true });

        yaml.ShouldBe("""
            operational:
              timeouts:
                default: 30s
              failureHandling:
                healthCheckInterval: 30s
                healthCheckTimeout: 10s
                unhealthyThreshold: 7
                statusReportingInterval: 30s
                partialFailureMode: best_effort
                circuitBreaker:
                  enabled: true
                  failureThreshold: 5
                  timeout: 1m0s

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Written_defaults_change_nothing()
    {
        foreach (string yaml in new[] { "name: a", "operational: {failureHandling: {healthCheckInterval: 4s}}", "operational: {failureHandling: {partialFailureMode: fail}}" })
        {
            GatewayConfig config = ConfigReader.Read(yaml, "a").Config!;
            string written = ConfigWriter.Write(config, new ConfigWriterOptions { WriteDefaults = true });
            HealthSettings.From(ConfigReader.Read(written, "a").Config!).ShouldBe(HealthSettings.From(config));
        }
    }

    [Fact]
    public void A_printed_record_shows_no_secret() =>
        new HeaderInjectionConfig { HeaderName = "X-Key", HeaderValue = new Secret("hunter2") }.ToString().ShouldNotContain("hunter2");
}
