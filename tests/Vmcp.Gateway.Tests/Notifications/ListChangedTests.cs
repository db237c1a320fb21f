using System.Diagnostics;
using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Notifications;

/// <summary>Changes of lists reach whoever listens.</summary>
public sealed class ListChangedTests
{
    private const string Everything = """{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true}""";

    [Theory]
    [MemberData(nameof(Eras.LegacyRevisions), MemberType = typeof(Eras))]
    [Trait("Scenario", "NOTIF-01")]
    public async Task Initialize_promises_notifications(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync();
        JsonElement capabilities = (await world.LegacyAsync(revision)).InitializeResult.GetProperty("capabilities");
        capabilities.GetProperty("tools").GetProperty("listChanged").GetBoolean().ShouldBeTrue();
        capabilities.GetProperty("resources").GetProperty("listChanged").GetBoolean().ShouldBeTrue();
        capabilities.GetProperty("resources").GetProperty("subscribe").GetBoolean().ShouldBeTrue();
        capabilities.GetProperty("prompts").GetProperty("listChanged").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    [Trait("Scenario", "NOTIF-02")]
    [Trait("Scenario", "NEW-NOTIF-01")]
    public async Task Additions_and_removals_of_every_kind_reach_both_eras(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("echo").Resource("file:///a").Template("a://{x}").Prompt("p"));
        LegacyClient legacy = await world.LegacyAsync();
        ServerStream stream = await legacy.OpenStreamAsync();
        await using ListenStream listen = await world.Modern().ListenAsync(Everything);
        ScriptedBackend alpha = world["alpha"];
        await Eventually.BecomesAsync(() => alpha.OpenStreams > 0, "the gateway listens to the backend");

        await StepAsync("tools", ItemKind.Tools, () => alpha.AddTool("second"), "tools/list", "tools", "name", ["alpha_echo", "alpha_second"]);
        await StepAsync("tools", ItemKind.Tools, () => alpha.RemoveTool("echo"), "tools/list", "tools", "name", ["alpha_second"]);
        await StepAsync("tools", ItemKind.Tools, () => alpha.RemoveTool("second"), "tools/list", "tools", "name", []);
        await StepAsync(
            "resources", ItemKind.Resources, () => alpha.Add(ItemOf.Resource("file:///b")), "resources/list", "resources", "uri", ["file:///a", "file:///b"]);
        await StepAsync("resources", ItemKind.Resources, () => alpha.RemoveResource("file:///a"), "resources/list", "resources", "uri", ["file:///b"]);
        await StepAsync("resources", ItemKind.Resources, () => alpha.RemoveResource("file:///b"), "resources/list", "resources", "uri", []);
        await StepAsync(
            "resources", ItemKind.Templates, () => alpha.RemoveTemplate("a://{x}"), "resources/templates/list", "resourceTemplates", "uriTemplate", []);
        await StepAsync("prompts", ItemKind.Prompts, () => alpha.Add(ItemOf.Prompt("q")), "prompts/list", "prompts", "name", ["alpha_p", "alpha_q"]);
        await StepAsync("prompts", ItemKind.Prompts, () => alpha.RemovePrompt("p"), "prompts/list", "prompts", "name", ["alpha_q"]);
        await StepAsync("prompts", ItemKind.Prompts, () => alpha.RemovePrompt("q"), "prompts/list", "prompts", "name", []);

        async Task StepAsync(string part, ItemKind kind, Action change, string method, string field, string key, string[] expected)
        {
            change();
            (await alpha.NotifyListChangedAsync(kind)).ShouldBeGreaterThan(0);
            await stream.NextAsync($"notifications/{part}/list_changed");
            await listen.NextAsync($"notifications/{part}/list_changed");
            (await legacy.ListAsync(method, field, key)).Order(StringComparer.Ordinal).ShouldBe(expected);
        }
    }

    [Fact]
    [Trait("Scenario", "NOTIF-03")]
    public async Task A_listen_stream_is_acknowledged_with_what_is_really_honoured_and_ends_with_its_result()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").Resource("file:///a")));
        ModernClient client = world.Modern();
        await using ListenStream listen = await client.ListenAsync(
            """{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["file:///a"]}""",
            e => e.IdRaw = "\"sub-1\"");
        listen.HttpStatus.ShouldBe(200);
        JsonElement first = listen.Messages[0];
        first.GetProperty("method").GetString().ShouldBe("notifications/subscriptions/acknowledged");
        first.TryGetProperty("id", out _).ShouldBeFalse();
        Subscription(listen.Acknowledged).ShouldBe("\"sub-1\"");
        JsonElement honoured = listen.Acknowledged.GetProperty("notifications");
        honoured.GetProperty("toolsListChanged").GetBoolean().ShouldBeTrue();
        honoured.GetProperty("promptsListChanged").GetBoolean().ShouldBeTrue();
        honoured.GetProperty("resourcesListChanged").GetBoolean().ShouldBeTrue();
        honoured.GetProperty("resourceSubscriptions").EnumerateArray().Select(u => u.GetString()).ShouldBe(["file:///a"]);
        listen.HasEnded.ShouldBeFalse();
        world["alpha"].AddTool("second");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        Subscription((await listen.NextAsync("notifications/tools/list_changed")).GetProperty("params")).ShouldBe("\"sub-1\"");

        await world.StopGatewayAsync();
        await Eventually.BecomesAsync(() => listen.HasEnded, "ended");
        JsonElement final = listen.Final!.Value;
        final.GetProperty("id").GetRawText().ShouldBe("\"sub-1\"");
        final.GetProperty("result").GetProperty("resultType").GetString().ShouldBe("complete");
        Subscription(final.GetProperty("result")).ShouldBe("\"sub-1\"");
    }

    [Fact]
    [Trait("Scenario", "NOTIF-03")]
    public async Task A_listen_stream_gets_only_what_it_asked_for()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").Prompt("p")));
        ModernClient client = world.Modern();
        await using ListenStream prompts = await client.ListenAsync("""{"promptsListChanged":true}""", e => e.IdRaw = "41");
        await using ListenStream tools = await client.ListenAsync("""{"toolsListChanged":true}""", e => e.IdRaw = "42");
        await Eventually.BecomesAsync(() => world["alpha"].OpenStreams > 0, "the gateway listens to the backend");
        world["alpha"].AddTool("second");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        Subscription((await tools.NextAsync("notifications/tools/list_changed")).GetProperty("params")).ShouldBe("42");
        world["alpha"].Add(ItemOf.Prompt("q"));
        await world["alpha"].NotifyListChangedAsync(ItemKind.Prompts);
        Subscription((await prompts.NextAsync("notifications/prompts/list_changed")).GetProperty("params")).ShouldBe("41");
        prompts.Count("notifications/tools/list_changed").ShouldBe(0);
        RpcAnswer refused = await client.SendAsync("subscriptions/listen");
        refused.ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    public async Task Without_a_change_nobody_is_told_anything()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient legacy = await world.LegacyAsync();
        ServerStream stream = await legacy.OpenStreamAsync();
        await Eventually.BecomesAsync(() => world["alpha"].OpenStreams > 0, "the gateway listens to the backend");
        int lists = world["alpha"].RequestsFor("tools/list").Count;
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await Eventually.BecomesAsync(() => world["alpha"].RequestsFor("tools/list").Count > lists, "the list was read again");
        world["alpha"].AddTool("second");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await stream.NextAsync("notifications/tools/list_changed");
        stream.Count("notifications/tools/list_changed").ShouldBe(1, "the first notification changed nothing");
    }

    [Fact]
    public async Task A_storm_is_coalesced_and_ends_with_the_last_state()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient legacy = await world.LegacyAsync();
        ServerStream stream = await legacy.OpenStreamAsync();
        await Eventually.BecomesAsync(() => world["alpha"].OpenStreams > 0, "the gateway listens to the backend");
        for (int i = 0; i < 200; i++)
        {
            world["alpha"].AddTool($"t{i}");
            await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        }

        await Eventually.BecomesAsync(async () => (await legacy.ListToolNamesAsync()).Count == 201, "the last state");
        await stream.NextAsync("notifications/tools/list_changed");
        stream.Count("notifications/tools/list_changed").ShouldBeLessThan(100);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Updates_of_a_subscribed_resource_arrive(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("echo").Resource("file:///a").Resource("file:///b"));
        Front client = await world.ConnectAsync(revision);
        Func<string?, Task<JsonElement>> next;
        Func<string, int> count;
        if (client.IsModern)
        {
            ListenStream listen = await client.Modern!.ListenAsync("""{"resourceSubscriptions":["file:///a"]}""");
            (next, count) = (m => listen.NextAsync(m), listen.Count);
        }
        else
        {
            ServerStream stream = await client.Legacy!.OpenStreamAsync();
            (await client.CallAsync("resources/subscribe", """{"uri":"file:///a"}""")).Success();
            (next, count) = (m => stream.NextAsync(m), stream.Count);
        }

        await Eventually.BecomesAsync(async () => await world["alpha"].NotifyResourceUpdatedAsync("file:///a") > 0, "the backend knows a subscriber");
        JsonElement update = await next("notifications/resources/updated");
        update.GetProperty("params").GetProperty("uri").GetString().ShouldBe("file:///a");
        await world["alpha"].NotifyResourceUpdatedAsync("file:///b");
        if (client.IsModern)
            return;
        (await client.CallAsync("resources/unsubscribe", """{"uri":"file:///a"}""")).Success();
        await Eventually.BecomesAsync(async () => await world["alpha"].NotifyResourceUpdatedAsync("file:///a") == 0, "unsubscribed");
        (await client.CallAsync("resources/subscribe", """{"uri":"file:///nowhere"}""")).Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_backend_that_comes_and_goes_is_told_within_two_seconds()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Backend("beta"));
        LegacyClient legacy = await world.LegacyAsync();
        ServerStream stream = await legacy.OpenStreamAsync();
        await world["beta"].StopAsync();
        await stream.NextAsync("notifications/tools/list_changed");
        (await legacy.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
        await world["beta"].RestartAsync();
        await world.AreListedAsync("beta");
        long listed = Stopwatch.GetTimestamp();
        await stream.NextAsync("notifications/tools/list_changed");
        Stopwatch.GetElapsedTime(listed).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (await legacy.ListToolNamesAsync()).ShouldBe(["alpha_echo", "beta_echo"]);
    }

    private static string Subscription(JsonElement carrier) =>
        carrier.GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetRawText();
}
