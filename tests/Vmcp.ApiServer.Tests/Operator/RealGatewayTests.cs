using System.Net;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

public sealed class RealGatewayTests
{
    private const string Key = "planted-header-value";
    private const string Token = "planted-bearer-token";

    [Fact]
    [Trait("Scenario", "INL-01")]
    [Trait("Scenario", "NEW-INL-02")]
    public async Task An_inline_gateway_starts_as_deployed_brings_its_credentials_and_its_health_reaches_the_resource()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync(b => b.Tool("echo"));
        await using ScriptedBackend beta = await ScriptedBackend.StartAsync(b => b.Tool("echo"));
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        TestProcess vmcpOperator = world.StartOperator();
        IPAddress address = await world.TakeAddressAsync();
        await world.ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: s1}}, stringData: {{key: {Key}, token: {Token}}}}}");
        await AuthConfigAsync(world, "key1", "headerInjection, headerInjection: {headerName: X-Api-Key, valueSecretRef: {name: s1, key: key}}");
        await AuthConfigAsync(world, "key2", "bearerToken, bearerToken: {tokenSecretRef: {name: s1, key: token}}");
        await AuthConfigAsync(world, "broken", "bearerToken, bearerToken: {tokenSecretRef: {name: missing, key: token}}");
        await world.GroupAsync("team");
        await world.MemberAsync("team", "alpha", "key1", alpha.Url);
        await world.MemberAsync("team", "beta", "key2", beta.Url);
        await world.MemberAsync("team", "gamma", "broken");
        const string quick = ", config: {operational: {failureHandling: {healthCheckInterval: 1s, unhealthyThreshold: 1}}}";
        await world.ServerAsync("hub", "team", "inline", quick);
        await Eventually.BecomesAsync(
            async () => await world.FindAsync(BuiltIn.Deployment, "hub") is not null
                && (await world.FindAsync(BuiltIn.ConfigMap, "hub-vmcp-config"))?.Body.GetRawText().Contains("name: beta", StringComparison.Ordinal) == true,
            "the document has both backends",
            TimeSpan.FromMinutes(1));

        await using TestProcess gateway = await GatewayPod.StartAsync(world, "hub", address);

        await StatusAsync(world, "alpha", "ready");
        VirtualMCPServer hub = await StatusAsync(world, "beta", "ready");
        DiscoveredBackend gamma = hub.Status.DiscoveredBackends.Single(b => b.Name == "gamma");
        gamma.Status.ShouldBe("unavailable");
        gamma.Message.ShouldNotBeNull().ShouldContain("missing");
        gamma.AuthSource.ShouldBe("workload");
        await using (LegacyClient client = await LegacyClient.ConnectAsync(new Uri($"http://{address}:4483/mcp")))
        {
            (await client.CallAsync("tools/list", "{}")).Success().GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString())
                .ShouldBe(["alpha_echo", "beta_echo"], ignoreOrder: true);
        }

        alpha.Requests.ShouldAllBe(r => r.Headers["X-Api-Key"] == Key);
        beta.Requests.ShouldAllBe(r => r.Headers["Authorization"] == $"Bearer {Token}");

        await alpha.StopAsync();
        await StatusAsync(world, "alpha", "unavailable");
        await alpha.RestartAsync();
        await StatusAsync(world, "alpha", "ready");

        string said = string.Join('\n', vmcpOperator.Lines.Concat(gateway.Lines))
            + (await world.Server.KubectlAsync("get", "vmcp,deployments,configmaps,events.events.k8s.io,mcpexternalauthconfigs", "-n", world.Namespace, "-o", "yaml"));
        said.ShouldNotContain(Key);
        said.ShouldNotContain(Token);
    }

    private static Task AuthConfigAsync(OperatorWorld world, string name, string spec) => world.ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPExternalAuthConfig, metadata: {{name: {name}}}, spec: {{type: {spec}}}}}");

    private static Task<VirtualMCPServer> StatusAsync(OperatorWorld world, string backend, string status) => Eventually.ReadsAsync(
        () => world.ReadServerAsync("hub"),
        s => s.Status.DiscoveredBackends.Any(b => b.Name == backend && b.Status == status),
        $"{backend} is {status} in the resource",
        TimeSpan.FromMinutes(1));
}
