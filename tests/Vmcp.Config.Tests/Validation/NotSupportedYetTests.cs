using Vmcp.Config.Reading;
using Vmcp.Config.Validation;

namespace Vmcp.Config.Tests.Validation;

public sealed class NotSupportedYetTests
{
    private const string Backend = "backends: [{name: a, url: 'http://a/mcp'}]\n";

    [Theory]
    [InlineData("compositeTools: [{name: t}]", "compositeTools")]
    [InlineData("compositeToolRefs: [{name: t}]", "compositeToolRefs (the operator resolves them)")]
    [InlineData("optimizer: {}", "optimizer")]
    [InlineData("codeMode: {enabled: true}", "codeMode.enabled")]
    [InlineData("rateLimiting: {}", "rateLimiting")]
    [InlineData("audit: {enabled: true}", "audit.enabled")]
    [InlineData("telemetry: {tracingEnabled: true}", "telemetry.tracingEnabled")]
    [InlineData("telemetry: {metricsEnabled: true}", "telemetry.metricsEnabled")]
    [InlineData("telemetry: {enablePrometheusMetricsPath: true}", "telemetry.enablePrometheusMetricsPath")]
    [InlineData("sessionStorage: {provider: redis}", "sessionStorage.provider (redis)")]
    [InlineData("incomingAuth: {type: anonymous, authz: {type: cedar}}", "incomingAuth.authz.type (cedar)")]
    [InlineData("aggregation: {tools: [{workload: a, toolConfigRef: {name: t}}]}", "aggregation.tools[0].toolConfigRef (the operator resolves it)")]
    public void What_has_no_effect_yet_is_refused_by_name(string yaml, string path) =>
        Find(Backend + yaml).ShouldHaveSingleItem().ShouldEndWith($": not supported yet: {path}");

    [Theory]
    [InlineData("compositeTools: []\ncompositeToolRefs: []")]
    [InlineData("codeMode: {enabled: false}\naudit: {enabled: false}\noptimizer: null")]
    [InlineData("sessionStorage: {provider: memory}\nincomingAuth: {type: anonymous, authz: {type: none}}")]
    [InlineData("incomingAuth: {type: local}")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a}}")]
    [InlineData("outgoingAuth: {source: inline, default: {type: unauthenticated}, backends: {a: {type: header_injection}}}")]
    [InlineData("outgoingAuth: {default: {type: token_exchange}, backends: {a: {type: upstream_inject}, b: {type: aws_sts}, c: {type: obo}, d: {type: xaa}}}")]
    [InlineData("operational: {logLevel: debug, failureHandling: {partialFailureMode: fail, statusReportingInterval: 1s}}\npassthroughHeaders: [X-A]")]
    public void What_works_or_is_off_passes(string yaml) => Find(Backend + yaml).ShouldBeEmpty();

    [Theory]
    [InlineData("name: a")]
    [InlineData("outgoingAuth: {source: discovered, default: {type: token_exchange}}")]
    public void Strategies_of_discovered_backends_are_judged_backend_by_backend(string yaml) => Find(yaml).ShouldBeEmpty();

    [Fact]
    public void An_inline_file_may_list_backends_later()
    {
        Find("outgoingAuth: {source: inline}").ShouldBeEmpty();
        Samples.Report("outgoingAuth: {source: inline}")
            .ShouldBe(["vmcp.yaml:1: warning: outgoingAuth.source: inline, but the file lists no backends; add them under backends"]);
    }

    [Fact]
    public void The_authorization_servers_file_beside_the_configuration_is_refused()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vmcp-config-");
        try
        {
            string config = Path.Combine(folder.FullName, "vmcp.yaml");
            NotSupportedYet.FindBeside(config).ShouldBeEmpty();
            File.WriteAllText(Path.Combine(folder.FullName, "authserver-config.yaml"), "issuer: x");
            NotSupportedYet.FindBeside(config).ShouldHaveSingleItem().Message.ShouldBe("not supported yet: the embedded authorization server");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Find(string yaml)
    {
        ConfigResult read = ConfigReader.Read(yaml, "vmcp.yaml");
        return [.. NotSupportedYet.Find(read.Config.ShouldNotBeNull(), read.Source).Select(p => p.ToString())];
    }
}
