using System.Globalization;
using Vmcp.E2E.Discovered;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Server;
using Vmcp.TestKit;

namespace Vmcp.E2E.Foreign;

/// <summary>A server that is not ours: <c>server-everything</c>, as <c>tests/interop</c> installs it.</summary>
public sealed class EverythingTests(DiscoveredHub hub) : IClassFixture<DiscoveredHub>
{
    [Fact]
    [Trait("Scenario", "DISC-02")]
    public async Task A_foreign_server_joins_and_clients_of_both_eras_call_it()
    {
        string modules = Path.Combine(Repository.Root, "tests", "interop", "node_modules");
        int port = FreePort.Find();
        await using TestProcess everything = TestProcess.Start(
            Path.Combine(modules, ".bin", "node"),
            [Path.Combine(modules, "@modelcontextprotocol", "server-everything", "dist", "index.js"), "streamableHttp"],
            new Dictionary<string, string?> { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) });
        await everything.WaitForLineAsync("listening on port", Space.Limit);

        await hub.Space.MemberAsync("team", "everything", new Uri($"http://127.0.0.1:{port}/mcp"));

        await hub.ToolsBecomeAsync("everything_echo", "everything_get-sum", "alpha_echo");
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(hub.Pod));
        (await legacy.CallToolAsync("everything_echo", """{"message":"grüße"}""")).Text().ShouldBe("Echo: grüße");
        await using ModernClient modern = new(Space.At(hub.Pod));
        (await modern.CallToolAsync("everything_get-sum", """{"a":2,"b":40}""")).Text().ShouldContain("42");
        hub.IsTheSamePod();
    }
}
