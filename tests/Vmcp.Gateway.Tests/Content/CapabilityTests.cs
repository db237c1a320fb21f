using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Content;

/// <summary>What a client can do is told to the backend as it is, and tools that run as tasks pass.</summary>
public sealed class CapabilityTests
{
    [Theory]
    [InlineData(Eras.Latest, """{"sampling":{}}""")]
    [InlineData(Eras.Latest, """{"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true}}""")]
    [InlineData(Eras.Latest, "{}")]
    [InlineData(Eras.Modern, """{"sampling":{}}""")]
    [InlineData(Eras.Modern, "{}")]
    public async Task The_clients_capabilities_reach_both_kinds_of_backend_and_no_more(string revision, string capabilities)
    {
        JsonElement? seen = null;
        CallHandler note = call =>
        {
            seen = call.ClientCapabilities;
            return Task.FromResult(Handlers.TextResult("noted"));
        };
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("old", s => s.Tool("note", note))
            .Backend("sse", s => { Eras.Apply(s, "http-sse"); s.Tool("note", note); })
            .Backend("new", s => { Eras.Apply(s, "modern"); s.Tool("note", note); }));
        Front client = await world.ConnectAsync(revision, capabilities);
        string[] declared = [.. JsonDocument.Parse(capabilities).RootElement.EnumerateObject().Select(p => p.Name)];
        foreach (string tool in (string[])["old_note", "sse_note", "new_note"])
        {
            seen = null;
            (await client.CallToolAsync(tool)).Text().ShouldBe("noted");
            seen!.Value.EnumerateObject().Select(p => p.Name).ShouldBe(declared, ignoreOrder: true, tool);
        }
    }

    [Fact]
    public async Task A_task_of_a_legacy_backend_can_be_followed_by_a_legacy_client()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.OneAsync("legacy", s => s.TaskTool("long", async call =>
        {
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("finished");
        }));
        LegacyClient client = await world.LegacyAsync(capabilities: """{"tasks":{}}""");
        JsonElement started = (await client.CallAsync("tools/call", """{"name":"alpha_long","arguments":{},"task":{"ttl":60000}}""")).Success();
        string id = started.GetProperty("task").GetProperty("taskId").GetString()!;
        string asked = $$"""{"taskId":{{JsonSerializer.Serialize(id)}}}""";
        (await client.CallAsync("tasks/get", asked)).Success().GetProperty("status").GetString().ShouldBe("working");
        go.SetResult();
        (await client.CallAsync("tasks/result", asked)).Text().ShouldBe("finished");
        (await client.CallAsync("tasks/get", """{"taskId":"nobody"}""")).ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    public async Task A_task_of_a_modern_backend_can_be_followed_by_a_modern_client()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.OneAsync("modern", s => s.TaskTool("long", async call =>
        {
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("finished");
        }));
        ModernClient client = world.Modern("""{"extensions":{"io.modelcontextprotocol/tasks":{}}}""");
        JsonElement started = (await client.CallToolAsync("alpha_long")).Success();
        started.GetProperty("resultType").GetString().ShouldBe("task");
        string asked = $$"""{"taskId":{{started.GetProperty("taskId").GetRawText()}}}""";
        (await client.SendAsync("tasks/get", asked)).Success().GetProperty("status").GetString().ShouldBe("working");
        go.SetResult();
        JsonElement done = await Eventually.ReadsAsync(
            async () => (await client.SendAsync("tasks/get", asked)).Success(), t => t.GetProperty("status").GetString() == "completed", "completed");
        done.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("finished");
    }

    [Fact]
    public async Task Mirrored_arguments_are_recomputed_for_a_modern_backend()
    {
        const string Raw = """{"name":"t","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer","x-mcp-header":"Count"}}}}""";
        await using TestWorld world = await TestWorld.OneAsync("modern", s => s.Tool("t", rawJson: Raw));
        LegacyClient legacy = await world.LegacyAsync();
        (await legacy.CallToolAsync("alpha_t", """{"region":"Zürich","n":7}""")).Success();
        ModernClient modern = world.Modern();
        await modern.ListToolNamesAsync();
        (await modern.CallToolAsync("alpha_t", """{"region":"eu","n":7}""")).Success();
        RecordedRequest[] calls = [.. world["alpha"].RequestsFor("tools/call")];
        ModernWire.Decode(calls[0].Header("Mcp-Param-Region")!).ShouldBe("Zürich");
        calls[1].Header("Mcp-Param-Region").ShouldBe("eu");
        calls.ShouldAllBe(c => c.Header("Mcp-Param-Count") == "7");
    }
}
