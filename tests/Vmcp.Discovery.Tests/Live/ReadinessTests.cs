using System.Net;
using System.Text.Json.Nodes;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Kubernetes.Api;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Live;

public sealed class ReadinessTests
{
    [Fact]
    [Trait("Scenario", "DISC-03")]
    public async Task It_is_ready_when_the_first_look_is_complete_and_each_backend_was_tried()
    {
        TaskCompletionSource lists = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(async w =>
        {
            await w.Cluster.ServerAsync("alpha", (await w.BackendAsync()).Url);
            // The last kind's list is what is missing.
            w.Cluster.Api.Before = (r, stop) =>
                r.Verb == "list" && r.Type == ToolHive.MCPExternalAuthConfig ? lists.Task.WaitAsync(stop) : Task.CompletedTask;
        });
        using HttpClient http = new() { BaseAddress = new Uri(world.Gateway.McpUrl, "/") };

        for (int i = 0; i < 5; i++)
        {
            (HttpStatusCode code, JsonNode body) = await GetAsync(http, "readyz");
            code.ShouldBe(HttpStatusCode.ServiceUnavailable);
            JsonNode.DeepEquals(body, JsonNode.Parse("""{"status":"not_ready","mode":"dynamic","reason":"cache_sync_pending"}""")).ShouldBeTrue(body.ToJsonString());
            (await GetAsync(http, "health")).Code.ShouldBe(HttpStatusCode.OK);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        lists.SetResult();

        await Eventually.BecomesAsync(async () => (await GetAsync(http, "readyz")).Code == HttpStatusCode.OK, "it is ready");
        // Ready means that its lists are there.
        await using ModernClient client = world.Modern();
        (await client.ListToolNamesAsync()).Order(StringComparer.Ordinal).ShouldBe(["alpha_echo"]);
        JsonNode.DeepEquals((await GetAsync(http, "readyz")).Body, JsonNode.Parse("""{"status":"ready","mode":"dynamic"}""")).ShouldBeTrue();
    }

    [Fact]
    [Trait("Scenario", "DISC-03")]
    public async Task Once_ready_it_stays_ready_and_says_what_is_wrong_without_an_address()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(async w => await w.Cluster.ServerAsync("alpha", (await w.BackendAsync()).Url));
        await world.ToolsBecomeAsync("alpha_echo");
        using HttpClient http = new() { BaseAddress = new Uri(world.Gateway.McpUrl, "/") };

        world.Cluster.Api.Before = (r, _) =>
            r.IsWrite ? Task.CompletedTask : throw new KubeException(KubeError.Unreachable, "https://10.1.2.3:6443: connection refused");
        world.Cluster.Api.CloseWatches(new KubeException(KubeError.Unreachable, "https://10.1.2.3:6443: cut"));

        await Eventually.BecomesAsync(
            async () => (await http.GetStringAsync(new Uri("status", UriKind.Relative))).Contains("the API server cannot be reached", StringComparison.Ordinal), "the trouble is told");
        (await http.GetStringAsync(new Uri("status", UriKind.Relative))).ShouldNotContain("10.1.2.3");
        (await GetAsync(http, "readyz")).Code.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(http, "health")).Code.ShouldBe(HttpStatusCode.OK);
        await world.ToolsBecomeAsync("alpha_echo");

        world.Cluster.Api.Before = null;
        await Eventually.BecomesAsync(() => world.Status.Source?.Trouble is null, "all is well", TimeSpan.FromMinutes(1));
    }

    private static async Task<(HttpStatusCode Code, JsonNode Body)> GetAsync(HttpClient http, string path)
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
