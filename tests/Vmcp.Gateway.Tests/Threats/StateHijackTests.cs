using System.Security.Cryptography;
using System.Text.Json;

using Vmcp.Auth.Incoming;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>What a call leaves with its client besides a session: states, tasks and subscriptions, in the hands of somebody else.</summary>
[Trait("Threat", "8.3 Session hijack and cross-route sessions")]
public sealed class StateHijackTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    [Theory]
    [InlineData("legacy")]
    [InlineData("legacy-sse")]
    [InlineData("modern")]
    public async Task The_request_state_of_another_user_is_refused_and_stays_good_for_its_owner(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(
            back,
            s => s.Tool("ask", Handlers.Ask("elicitation/create", """{"message":"m","requestedSchema":{"type":"object","properties":{}}}""")),
            WithDoor);
        const string Call = """{"name":"alpha_ask","arguments":{}}""";
        ModernClient ada = world.Modern("""{"elicitation":{}}""", NamedDoor.As("ada.1"));
        ModernClient eve = world.Modern("""{"elicitation":{}}""", NamedDoor.As("eve.1"));
        ada.OnRequest = (_, _) => """{"action":"accept","content":{"by":"ada"}}""";
        eve.OnRequest = (_, _) => """{"action":"accept","content":{"by":"eve"}}""";
        JsonElement round = (await ada.SendAsync("tools/call", Call)).Success();
        round.GetProperty("resultType").GetString().ShouldBe("input_required");
        RpcAnswer stolen = await eve.SendAsync("tools/call", eve.WithInput(Call, round));
        stolen.Error.ShouldNotBeNull(stolen.ToString());
        world["alpha"].Requests.ShouldAllBe(r => !r.BodyText.Contains("\"by\":\"eve\"", StringComparison.Ordinal));
        ModernClient refreshed = world.Modern("""{"elicitation":{}}""", NamedDoor.As("ada.2"));
        refreshed.OnRequest = ada.OnRequest;
        (await refreshed.SendAsync("tools/call", refreshed.WithInput(Call, round))).Text().ShouldContain("ada");
    }

    [Fact]
    public async Task A_backends_request_state_is_good_at_every_replica_and_untouched_where_nobody_proves_anything()
    {
        const string Call = """{"name":"alpha_ask","arguments":{}}""";
        foreach (bool proven in (bool[])[true, false])
        {
            await using TestWorld world = await TestWorld.OneAsync(
                "modern",
                s => s.Tool("ask", Handlers.Ask("elicitation/create", """{"message":"m","requestedSchema":{"type":"object","properties":{}}}""")),
                w =>
                {
                    WithDoor(w);
                    if (!proven)
                        w.Incoming = OpenDoor.Anonymous;
                });
            await using GatewayServer replica = await world.StartGatewayAsync();
            ModernClient ada = world.Modern("""{"elicitation":{}}""", NamedDoor.As("ada.1"));
            ModernClient there = world.Modern("""{"elicitation":{}}""", NamedDoor.As("ada.2"), replica.McpUrl);
            ada.OnRequest = there.OnRequest = (_, _) => """{"action":"accept","content":{"by":"ada"}}""";
            JsonElement round = (await ada.SendAsync("tools/call", Call)).Success();
            (await there.SendAsync("tools/call", there.WithInput(Call, round))).Text().ShouldContain("ada");
            string held = round.GetProperty("requestState").GetString()!;
            string returned = world["alpha"].RequestsFor("tools/call")[^1].Params.GetProperty("requestState").GetString()!;
            (held == returned).ShouldBe(!proven);
        }
    }

    [Fact]
    public async Task A_task_of_another_user_is_unknown_in_the_modern_era()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.OneAsync("modern", s => s.TaskTool("long", WaitFor(go)), WithDoor);
        const string Tasks = """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""";
        ModernClient ada = world.Modern(Tasks, NamedDoor.As("ada.1"));
        ModernClient eve = world.Modern(Tasks, NamedDoor.As("eve.1"));
        JsonElement started = (await ada.CallToolAsync("alpha_long")).Success();
        string asked = $$"""{"taskId":{{started.GetProperty("taskId").GetRawText()}}}""";
        foreach (string method in (string[])["tasks/get", "tasks/cancel"])
        {
            RpcAnswer stolen = await eve.SendAsync(method, asked);
            stolen.Error.ShouldNotBeNull($"{method} {stolen}");
            world["alpha"].RequestsFor(method).ShouldBeEmpty(method);
        }

        (await eve.SendAsync("tasks/update", asked[..^1] + ""","inputResponses":{}}""")).Error.ShouldNotBeNull();
        world["alpha"].RequestsFor("tasks/update").ShouldBeEmpty();
        (await ada.SendAsync("tasks/get", asked)).Success().GetProperty("status").GetString().ShouldBe("working");
        go.SetResult();
    }

    [Fact]
    public async Task A_task_of_another_user_is_unknown_in_the_legacy_era()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.OneAsync("legacy", s => s.TaskTool("long", WaitFor(go)), WithDoor);
        LegacyClient ada = await world.LegacyAsync(capabilities: """{"tasks":{}}""", headers: NamedDoor.As("ada.1"));
        LegacyClient eve = await world.LegacyAsync(capabilities: """{"tasks":{}}""", headers: NamedDoor.As("eve.1"));
        JsonElement started = (await ada.CallAsync("tools/call", """{"name":"alpha_long","arguments":{},"task":{"ttl":60000}}""")).Success();
        string asked = $$"""{"taskId":{{started.GetProperty("task").GetProperty("taskId").GetRawText()}}}""";
        foreach (string method in (string[])["tasks/get", "tasks/result", "tasks/cancel"])
        {
            (await eve.CallAsync(method, asked)).Error.ShouldNotBeNull(method);
            world["alpha"].RequestsFor(method).ShouldBeEmpty(method);
        }

        RpcAnswer list = await eve.CallAsync("tasks/list");
        list.RawText.ShouldNotContain(started.GetProperty("task").GetProperty("taskId").GetString()!);
        (await ada.CallAsync("tasks/get", asked)).Success().GetProperty("status").GetString().ShouldBe("working");
        go.SetResult();
        (await ada.CallAsync("tasks/result", asked)).Text().ShouldBe("finished");
    }

    [Fact]
    public async Task A_listener_is_told_only_what_it_subscribed_to_itself()
    {
        const string Mine = "mem://ada";
        const string Theirs = "mem://eve";
        await using TestWorld world = await TestWorld.OneAsync("modern", s => s.Tool("echo").Resource(Mine).Resource(Theirs), WithDoor);
        ModernClient ada = world.Modern(headers: NamedDoor.As("ada.1"));
        ModernClient eve = world.Modern(headers: NamedDoor.As("eve.1"));
        string mine = (await ada.ListAsync("resources/list", "resources", "uri")).Single(u => u.Contains("ada", StringComparison.Ordinal));
        string theirs = (await ada.ListAsync("resources/list", "resources", "uri")).Single(u => u.Contains("eve", StringComparison.Ordinal));
        ListenStream adas = await ada.ListenAsync($$"""{"resourceSubscriptions":["{{mine}}"]}""", e => e.IdRaw = "\"same\"");
        ListenStream eves = await eve.ListenAsync($$"""{"resourceSubscriptions":["{{theirs}}"]}""", e => e.IdRaw = "\"same\"");
        (adas.HttpStatus, eves.HttpStatus).ShouldBe((200, 200));
        await Eventually.BecomesAsync(
            async () =>
            {
                await world["alpha"].NotifyResourceUpdatedAsync(Mine);
                await world["alpha"].NotifyResourceUpdatedAsync(Theirs);
                return adas.Count("notifications/resources/updated") > 0 && eves.Count("notifications/resources/updated") > 0;
            },
            "each hears its own");
        adas.Messages.ShouldAllBe(m => !m.GetRawText().Contains(theirs, StringComparison.Ordinal));
        eves.Messages.ShouldAllBe(m => !m.GetRawText().Contains(mine, StringComparison.Ordinal));
        (await world.Modern().ListenAsync("""{"toolsListChanged":true}""")).HttpStatus.ShouldBe(401);
    }

    private static void WithDoor(WorldScript world)
    {
        world.Incoming = new NamedDoor();
        world.Options = o => o with { SessionSecret = Key };
    }

    private static CallHandler WaitFor(TaskCompletionSource go) => async call =>
    {
        await go.Task.WaitAsync(call.CancellationToken);
        return Handlers.TextResult("finished");
    };
}
