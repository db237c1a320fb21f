using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests.Validation;

public sealed class HealthDefaultTests
{
    [Theory]
    [Trait("Scenario", "NEW-VAL-01")]
    [InlineData("10s", 5)]
    [InlineData("4s", 2)]
    [InlineData("30s", 10)]
    [InlineData("5m", 10)]
    public void An_interval_alone_is_valid_and_the_timeout_stays_below_it(string interval, int timeout)
    {
        ConfigResult result = Load($"healthCheckInterval: {interval}");

        result.Problems.ShouldBeEmpty();
        HealthSettings.From(result.Config!).Timeout.ShouldBe(TimeSpan.FromSeconds(timeout));
    }

    [Fact]
    [Trait("Scenario", "NEW-VAL-01")]
    public void Written_equal_values_are_refused_with_both_names()
    {
        string report = Load("healthCheckInterval: 10s, healthCheckTimeout: 10s").Problems.ShouldHaveSingleItem().ToString();

        report.ShouldContain("healthCheckTimeout");
        report.ShouldContain("healthCheckInterval");
    }

    [Fact]
    public void Without_a_word_the_documented_defaults_apply() =>
        HealthSettings.From(new GatewayConfig()).ShouldBe(new HealthSettings
        {
            Interval = TimeSpan.FromSeconds(30),
            Timeout = TimeSpan.FromSeconds(10),
            UnhealthyThreshold = 3,
            BreakerEnabled = false,
            BreakerFailureThreshold = 5,
            BreakerTimeout = TimeSpan.FromSeconds(60),
            FailOnPartialFailure = false,
        });

    [Theory]
    [InlineData("partialFailureMode: fail", true)]
    [InlineData("partialFailureMode: best_effort", false)]
    [InlineData("unhealthyThreshold: 2", false)]
    public void Only_a_written_fail_is_enforced(string yaml, bool enforced) =>
        HealthSettings.From(Load(yaml).Config!).FailOnPartialFailure.ShouldBe(enforced);

    private static ConfigResult Load(string failureHandling) =>
        Samples.Load($"backends: [{{name: a, url: 'http://a/mcp'}}]\noperational: {{failureHandling: {{{failureHandling}}}}}");
}
