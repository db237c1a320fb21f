namespace Vmcp.Cli.Tests.Commands;

/// <summary>What is wrong with a file is said the same way by <c>validate</c> and <c>serve</c>.</summary>
public sealed class BrokenFileTests
{
    [Theory]
    [Trait("Scenario", "VAL-03")]
    [InlineData("aggregation: {conflictResolution: random}", "aggregation.conflictResolution")]
    [InlineData("aggregation: {conflictResolution: priority}", "aggregation.conflictResolutionConfig.priorityOrder")]
    [InlineData("aggregation: {tools: [{filter: [a]}]}", "aggregation.tools[0].workload")]
    [InlineData("aggregation: {tools: [{workload: a, toolConfigRef: {name: ''}}]}", "aggregation.tools[0].toolConfigRef.name")]
    [InlineData("aggregation: {tools: [{workload: a}, {workload: a}]}", "aggregation.tools[1].workload")]
    public Task Aggregation_mistakes_are_refused_with_their_path(string yaml, string path) => IsRefusedAsync(yaml, path);

    [Theory]
    [Trait("Scenario", "VAL-04")]
    [InlineData("operational: {failureHandling: {healthCheckInterval: 5s, healthCheckTimeout: 5s}}", "healthCheckTimeout", "less than healthCheckInterval")]
    [InlineData("operational: {failureHandling: {circuitBreaker: {enabled: true, failureThreshold: 0}}}", "failureThreshold", ">= 1")]
    [InlineData("operational: {failureHandling: {circuitBreaker: {enabled: true, timeout: 500ms}}}", "circuitBreaker.timeout", ">= 1s")]
    [InlineData("operational: {failureHandling: {partialFailureMode: maybe}}", "partialFailureMode", "best_effort")]
    public Task Health_mistakes_are_refused_with_the_field_and_the_rule(string yaml, string field, string rule) => IsRefusedAsync(yaml, field, rule);

    [Fact]
    public async Task All_problems_come_together_with_their_lines_and_the_near_match()
    {
        const string Yaml = """
            backends:
              - {name: a, url: "ftp://127.0.0.1/"}
            agregation: {}
            operational: {timeouts: {default: soon}}
            """;
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", Yaml);

        foreach (string command in (string[])["validate", "serve"])
        {
            Ran ran = await Vmcp.RunAsync(command, "-c", file);

            ran.ShouldFailSaying($"{file}:2: backends[0].url", $"{file}:3: ", "aggregation", $"{file}:4: operational.timeouts.default");
        }
    }

    [Theory]
    [InlineData("optimizer: {}", "optimizer")]
    [InlineData("audit: {enabled: true}", "audit.enabled")]
    [InlineData("rateLimiting: {shared: {maxTokens: 1, refillPeriod: 1m}}\nsessionStorage: {provider: redis, address: 'r:6379'}", "rateLimiting")]
    [InlineData("telemetry: {endpoint: 'otel:4317', tracingEnabled: true}", "telemetry.tracingEnabled")]
    [InlineData("incomingAuth: {type: anonymous, authz: {type: cedar, policies: [p]}}", "incomingAuth.authz.type")]
    public async Task Serve_refuses_what_it_cannot_do_yet(string yaml, string path)
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", WithBackend(yaml));

        Ran ran = await Vmcp.RunAsync("serve", "-c", file, "--port", "0");

        ran.ShouldFailSaying("not supported yet: " + path);
    }

    [Fact]
    public async Task Serve_refuses_an_authorization_server_beside_the_file()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", WithBackend(""));
        folder.Write("authserver-config.yaml", "issuer: https://idp.example");

        (await Vmcp.RunAsync("serve", "-c", file, "--port", "0")).ShouldFailSaying("not supported yet: the embedded authorization server");
    }

    private static async Task IsRefusedAsync(string yaml, params string[] parts)
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", WithBackend(yaml));

        (await Vmcp.RunAsync("validate", "-c", file)).ShouldFailSaying(parts);
        (await Vmcp.RunAsync("serve", "-c", file, "--port", "0")).ShouldFailSaying(parts);
    }

    private static string WithBackend(string yaml) => "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]\n" + yaml + "\n";
}
