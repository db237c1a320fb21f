using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Discovered;

public sealed class MembershipTests(DiscoveredHub hub) : IClassFixture<DiscoveredHub>
{
    private const string ListChanged = "notifications/tools/list_changed";

    [Fact]
    [Trait("Scenario", "DISC-02")]
    public async Task Two_backends_in_a_group_become_one_endpoint()
    {
        await using LegacyClient client = await LegacyClient.ConnectAsync(Space.At(hub.Pod));

        new[] { "alpha_echo", "beta_echo" }.Except(await client.ListToolNamesAsync()).ShouldBeEmpty();
        (await client.CallToolAsync("alpha_echo", """{"input":"ping1"}""")).Text().ShouldBe("ping1");
        (await client.CallToolAsync("beta_echo", """{"input":"ping2"}""")).Text().ShouldBe("ping2");
        KubeObject service = (await hub.Space.FindAsync(BuiltIn.Service, "vmcp-hub"))!;
        service.At("spec", "ports")!.Value[0].GetProperty("port").GetInt32().ShouldBe(4483);
        KubeObject map = (await hub.Space.FindAsync(BuiltIn.ConfigMap, "hub-vmcp-config"))!;
        map.Body.GetRawText().ShouldNotContain("alpha");
        (await ProcessView.CredentialsAsync(hub.Pod)).ShouldNotBeEmpty("a discovered pod has its token");
    }

    [Fact]
    [Trait("Scenario", "LIVE-01")]
    [Trait("Scenario", "NEW-LIVE-01")]
    public async Task An_added_backend_reaches_clients_of_both_eras_in_their_open_sessions()
    {
        string gamma = hub.NewName("gamma");
        ScriptedBackend backend = await hub.BackendAsync();
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(hub.Pod));
        await using ServerStream stream = await legacy.OpenStreamAsync();
        await using ModernClient modern = new(Space.At(hub.Pod));
        await using ListenStream listen = await modern.ListenAsync("""{"toolsListChanged":true}""");
        (await legacy.ListToolNamesAsync()).ShouldNotContain($"{gamma}_echo");

        await hub.Space.MemberAsync("team", gamma, backend.Url);

        await ToldAsync(stream.NextAsync, async () => (await legacy.ListToolNamesAsync()).Contains($"{gamma}_echo"));
        await ToldAsync(listen.NextAsync, async () => (await modern.ListToolNamesAsync()).Contains($"{gamma}_echo"));
        (await legacy.CallToolAsync($"{gamma}_echo", """{"input":"same session"}""")).Text().ShouldBe("same session");
        (await modern.CallToolAsync($"{gamma}_echo", """{"input":"no session"}""")).Text().ShouldBe("no session");
        hub.IsTheSamePod();
    }

    [Fact]
    [Trait("Scenario", "LIVE-02")]
    public async Task A_removed_backend_leaves_open_sessions_and_a_call_that_runs_on_it_finishes()
    {
        string delta = hub.NewName("delta");
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedBackend backend = await hub.BackendAsync(b => b.Tool("echo").Tool("wait", async call =>
        {
            await release.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("finished");
        }));
        await hub.Space.MemberAsync("team", delta, backend.Url);
        await hub.ToolsBecomeAsync($"{delta}_wait");
        await using LegacyClient client = await LegacyClient.ConnectAsync(Space.At(hub.Pod));
        await using ServerStream stream = await client.OpenStreamAsync();
        Task<RpcAnswer> running = client.CallToolAsync($"{delta}_wait");
        await Eventually.BecomesAsync(() => backend.RunningCalls == 1, "the call runs", Space.Limit);

        await hub.Space.RemoveAsync(delta);

        await ToldAsync(stream.NextAsync, async () => !(await client.ListToolNamesAsync()).Any(t => t.StartsWith(delta, StringComparison.Ordinal)));
        RpcAnswer refused = await client.CallToolAsync($"{delta}_echo", """{"input":"too late"}""");
        (refused.Error is not null || refused.Success().GetProperty("isError").GetBoolean()).ShouldBeTrue(refused.ToString());
        release.SetResult();
        (await running).Text().ShouldBe("finished");
        (await StatusAsync()).Select(b => b.GetProperty("name").GetString()).ShouldNotContain(delta);
        (await client.CallToolAsync("alpha_echo", """{"input":"still here"}""")).Text().ShouldBe("still here");
        hub.IsTheSamePod();
    }

    [Fact]
    [Trait("Scenario", "NEW-LIVE-03")]
    [Trait("Scenario", "NEW-SEC-02")]
    [Trait("Acceptance", "operator.md 10.9")]
    public async Task A_backend_with_a_credential_joins_and_its_secret_is_rotated_without_a_restart()
    {
        const string old = "planted-old-value", fresh = "planted-fresh-value";
        string name = hub.NewName("keyed");
        ScriptedBackend backend = await hub.BackendAsync();
        long generation = (await hub.Space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation;
        await hub.Space.SecretAsync($"{name}-secret", old);
        await hub.Space.HeaderAsync($"{name}-auth", "X-Api-Key", $"{name}-secret");

        await hub.Space.MemberAsync("team", name, backend.Url, $"{name}-auth");

        await hub.ToolsBecomeAsync($"{name}_echo");
        await using ModernClient client = new(Space.At(hub.Pod));
        (await client.CallToolAsync($"{name}_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        backend.Requests.ShouldAllBe(r => r.Headers["X-Api-Key"] == old);

        // From now on the old value is refused, as by a server whose key was rotated.
        backend.Behaviour = Behaviour.Demand("X-Api-Key", fresh);
        await hub.Space.SecretAsync($"{name}-secret", fresh);

        await Eventually.BecomesAsync(
            async () => (await client.CallToolAsync($"{name}_echo", """{"input":"2"}""")) is { Result: not null } answer && answer.RawText.Contains("\"2\"", StringComparison.Ordinal),
            "the new value is used",
            Space.Limit);
        hub.IsTheSamePod();
        (await hub.Space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(generation);
        await hub.Space.IsNowhereAsync(old, fresh);
    }

    [Fact]
    [Trait("Scenario", "LIVE-09")]
    public async Task The_status_of_the_resource_follows_the_members()
    {
        string[] names = [hub.NewName("status"), hub.NewName("status")];
        ScriptedBackend backend = await hub.BackendAsync();
        foreach (string name in names)
            await hub.Space.MemberAsync("team", name, backend.Url);
        await ListsAsync(present: names, absent: []);

        await hub.Space.RemoveAsync(names[0]);

        await ListsAsync(present: [names[1]], absent: [names[0]]);
        await hub.Space.RemoveAsync(names[1]);
        await ListsAsync(present: ["alpha", "beta"], absent: names);
        (await hub.Space.RunsAsync("hub", "discovered")).Status.Conditions.Single(c => c.Type == "BackendsDiscovered").Status.ShouldBe("True");
        hub.IsTheSamePod();
    }

    [Fact]
    [Trait("Scenario", "EP-05")]
    public async Task Status_and_health_endpoints_tell_the_same_of_a_broken_backend()
    {
        string name = hub.NewName("broken");
        ScriptedBackend backend = await hub.BackendAsync();
        await hub.Space.MemberAsync("team", name, backend.Url);
        await hub.ToolsBecomeAsync($"{name}_echo");

        await backend.StopAsync();

        using HttpClient http = new();
        await Eventually.BecomesAsync(
            async () => (await StatusAsync()).Single(b => b.GetProperty("name").GetString() == name).GetProperty("health").GetString() is not "healthy",
            "the broken backend is not healthy",
            Space.Limit);
        using JsonDocument health = JsonDocument.Parse(await http.GetStringAsync(Space.At(hub.Pod, "/api/backends/health")));
        health.RootElement.GetProperty("monitoring_enabled").GetBoolean().ShouldBeTrue();
        foreach (string count in (string[])["Total", "Healthy", "Degraded", "Unhealthy", "Unknown", "Unauthenticated"])
            health.RootElement.GetProperty("summary").TryGetProperty(count, out _).ShouldBeTrue(count);
        foreach (JsonElement told in (await StatusAsync()).Where(b => b.GetProperty("name").GetString() is "alpha" or "beta" || b.GetProperty("name").GetString() == name))
        {
            string id = told.GetProperty("name").GetString()!;
            health.RootElement.GetProperty("backends").GetProperty(id).GetProperty("Status").GetString().ShouldBe(told.GetProperty("health").GetString(), id);
        }

        await hub.Space.RemoveAsync(name);
    }

    private async Task ListsAsync(string[] present, string[] absent)
    {
        VirtualMCPServer server = await hub.Space.ServerBecomesAsync(
            "hub",
            s => present.All(n => s.Status.DiscoveredBackends.Any(b => b.Name == n && b.Status == "ready")) && s.Status.DiscoveredBackends.All(b => !absent.Contains(b.Name)),
            $"the status has {string.Join(", ", present)} and not {string.Join(", ", absent)}");
        string[] listed = [.. server.Status.DiscoveredBackends.Select(b => b.Name)];
        listed.ShouldBe(listed.Order(StringComparer.Ordinal));
        server.Status.BackendCount.ShouldBe(listed.Length);
    }

    private async Task<IReadOnlyList<JsonElement>> StatusAsync()
    {
        using HttpClient http = new();
        using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync(Space.At(hub.Pod, "/status")));
        return [.. status.RootElement.GetProperty("backends").Clone().EnumerateArray()];
    }

    /// <summary>Reads notifications until what is waited for is true; other tests change the list too.</summary>
    private static async Task ToldAsync(Func<string?, TimeSpan?, Task<JsonElement>> next, Func<Task<bool>> holds)
    {
        do
        {
            await next(ListChanged, Space.Limit);
        }
        while (!await holds());
    }
}
