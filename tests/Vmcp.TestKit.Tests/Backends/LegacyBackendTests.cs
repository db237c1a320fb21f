using System.Text.Json;

namespace Vmcp.TestKit.Tests.Backends;

public sealed class LegacyBackendTests
{
    public static TheoryData<AnswerAs> Forms => [AnswerAs.Json, AnswerAs.Sse];

    [Theory]
    [InlineData("2025-03-26", AnswerAs.Json)]
    [InlineData("2025-06-18", AnswerAs.Json)]
    [InlineData("2025-11-25", AnswerAs.Json)]
    [InlineData("2025-11-25", AnswerAs.Sse)]
    public async Task A_client_of_each_revision_lists_and_calls(string revision, AnswerAs form)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Answers = form;
            s.Tool("echo").Prompt("greet").Resource("mem://a", "hello").Template("mem://{x}/y");
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url, revision);

        client.InitializeResult.GetProperty("protocolVersion").GetString().ShouldBe(revision);
        client.SessionId.ShouldNotBeNull();
        (await client.ListToolNamesAsync()).ShouldBe(["echo"]);
        RpcAnswer answer = await client.CallToolAsync("echo", """{"input":"hé"}""");
        answer.IsStream.ShouldBe(form == AnswerAs.Sse);
        answer.Text().ShouldBe("hé");
        answer.Success().GetProperty("structuredContent").GetProperty("output").GetString().ShouldBe("hé");
        (await client.CallAsync("prompts/get", """{"name":"greet"}""")).RawText.ShouldContain("greet");
        (await client.CallAsync("resources/read", """{"uri":"mem://a"}""")).RawText.ShouldContain("hello");
        (await client.CallAsync("resources/read", """{"uri":"mem://b/y"}""")).RawText.ShouldContain("mem://b/y");
        (await client.CallAsync("resources/read", """{"uri":"mem://c"}""")).ErrorCode.ShouldBe(-32002);
        (await client.CallAsync("nope")).ErrorCode.ShouldBe(-32601);
        backend.Faults.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Two_hundred_progress_events_arrive_in_order(AnswerAs form)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Answers = form;
            s.Tool("count", Handlers.Progress(200));
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        RpcAnswer answer = await client.CallToolAsync("count", metaJson: """{"progressToken":"p"}""");

        answer.Progress().ShouldBe(Enumerable.Range(1, 200).Select(i => (double)i));
        answer.Text().ShouldBe("200 steps");
    }

    [Theory]
    [InlineData(ServerRequestsOn.Post)]
    [InlineData(ServerRequestsOn.Get)]
    public async Task Elicitation_sampling_and_roots_are_real_requests(ServerRequestsOn on)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.ServerRequests = on;
            s.Tool("all", async call =>
            {
                string a = (await call.ElicitAsync("""{"message":"who?","requestedSchema":{"type":"object","properties":{}}}""")).GetRawText();
                string b = (await call.SampleAsync("""{"messages":[],"maxTokens":1}""")).GetRawText();
                string c = (await call.ListRootsAsync()).GetRawText();
                return Handlers.TextResult(a + b + c);
            });
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(
            backend.Url, capabilitiesJson: """{"elicitation":{},"sampling":{},"roots":{}}""");
        client.OnRequest = (method, _) => $$"""{"for":"{{method}}"}""";
        if (on == ServerRequestsOn.Get)
            await client.OpenStreamAsync();

        RpcAnswer answer = await client.CallToolAsync("all");

        answer.Text().ShouldBe("""{"for":"elicitation/create"}{"for":"sampling/createMessage"}{"for":"roots/list"}""");
        client.ReceivedRequests.Select(r => r.Method).ShouldBe(["elicitation/create", "sampling/createMessage", "roots/list"]);
        client.ReceivedRequests.ShouldAllBe(r => r.Stream == (on == ServerRequestsOn.Get ? "GET" : "POST"));
        backend.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Asking_without_the_capability_is_a_tool_error()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s => s.Tool("ask", Handlers.Ask("sampling/createMessage", "{}")));
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        RpcAnswer answer = await client.CallToolAsync("ask");

        answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        answer.Text().ShouldContain("sampling");
        client.ReceivedRequests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_call_ends_without_an_answer()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s => s.Tool("never", Handlers.Never));
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        Task<RpcAnswer> call = client.CallToolAsync("never", id: "\"call-1\"");
        await Eventually.BecomesAsync(() => backend.RunningCalls == 1, "the call runs");
        (await client.CancelAsync("\"call-1\"")).HttpStatus.ShouldBe(202);

        (await call).Message.ShouldBeNull();
        backend.CancelledIds.ShouldBe(["\"call-1\""]);
    }

    [Fact]
    public async Task List_changes_logs_and_updates_reach_the_open_stream()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s => s.Tool("a").Resource("mem://a").Resource("mem://b"));
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);
        ServerStream stream = await client.OpenStreamAsync();
        await client.CallAsync("resources/subscribe", """{"uri":"mem://a"}""");
        await client.CallAsync("logging/setLevel", """{"level":"error"}""");

        backend.AddTool("b");
        (await backend.NotifyListChangedAsync(ItemKind.Tools)).ShouldBe(1);
        (await backend.NotifyResourceUpdatedAsync("mem://b")).ShouldBe(0);
        (await backend.NotifyResourceUpdatedAsync("mem://a")).ShouldBe(1);
        (await backend.LogAsync("info", "\"quiet\"")).ShouldBe(0);
        (await backend.LogAsync("error", "\"loud\"")).ShouldBe(1);

        await stream.NextAsync("notifications/tools/list_changed");
        (await stream.NextAsync("notifications/resources/updated")).GetProperty("params").GetProperty("uri").GetString().ShouldBe("mem://a");
        (await stream.NextAsync("notifications/message")).GetProperty("params").GetProperty("data").GetString().ShouldBe("loud");
        (await client.ListToolNamesAsync()).ShouldBe(["a", "b"]);
        backend.RemoveTool("a").ShouldBeTrue();
        (await client.ListToolNamesAsync()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task Lists_come_in_pages_and_a_foreign_cursor_is_refused()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.PageSize = 3;
            for (int i = 0; i < 10; i++)
                s.Tool($"t{i}");
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        (await client.ListToolNamesAsync()).ShouldBe(Enumerable.Range(0, 10).Select(i => $"t{i}"));
        backend.RequestsFor("tools/list").Count.ShouldBe(4);
        (await client.CallAsync("tools/list", """{"cursor":"mine"}""")).ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    public async Task What_is_listed_depends_on_capabilities_and_headers()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(
            s => s.Tool("all").ToolWhen("roots", "rooted").ToolWhenHeader("X-Role", "admin", "admin"));
        await using LegacyClient plain = await LegacyClient.ConnectAsync(backend.Url);
        await using LegacyClient rich = await LegacyClient.ConnectAsync(
            backend.Url, capabilitiesJson: """{"roots":{}}""", headers: new Dictionary<string, string> { ["X-Role"] = "admin" });

        (await plain.ListToolNamesAsync()).ShouldBe(["all"]);
        (await rich.ListToolNamesAsync()).ShouldBe(["all", "rooted", "admin"]);
        (await plain.CallToolAsync("rooted")).ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    public async Task Sessions_are_demanded_forgotten_and_deleted()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        (await client.SendRawAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""u8.ToArray(), new Dictionary<string, string> { ["Mcp-Session-Id"] = "" }))
            .HttpStatus.ShouldBe(400);
        backend.ForgetSessions();
        (await client.CallAsync("tools/list")).HttpStatus.ShouldBe(404);
        await client.InitializeAsync();
        (await client.CallAsync("tools/list")).HttpStatus.ShouldBe(200);
        (await client.DeleteAsync()).HttpStatus.ShouldBe(200);
        backend.DeletesSeen.ShouldBe(1);
        backend.OpenSessions.ShouldBe(0);
        (await client.CallAsync("tools/list")).HttpStatus.ShouldBe(404);
    }

    [Fact]
    public async Task Raw_items_travel_byte_for_byte()
    {
        const string Raw = """{"name":"r\u00e9","inputSchema":{"type":"object"},"x-vendor":1.10, "é":"<&>"}""";
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s => s.Tool("ré", rawJson: Raw));
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        (await client.CallAsync("tools/list")).RawText.ShouldContain(Raw);
    }

    [Fact]
    public async Task Misuse_is_noted_as_a_fault()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.RequiresVersionHeader = true;
            s.Tool("echo");
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        await client.CallToolAsync("echo", metaJson: """{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}""");
        backend.Faults.ShouldHaveSingleItem().ShouldContain("modern _meta key");
        await client.CallAsync("prompts/list");
        backend.Faults[^1].ShouldContain("did not advertise prompts");
        client.ProtocolVersion = null;
        (await client.CallAsync("ping")).HttpStatus.ShouldBe(400);
        client.ProtocolVersion = "1999-01-01";
        (await client.CallAsync("ping")).HttpStatus.ShouldBe(400);
        backend.Faults.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_tool_can_run_as_a_task()
    {
        var release = new TaskCompletionSource();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s => s.TaskTool("slow", async call =>
        {
            await release.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("done");
        }));
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        JsonElement task = (await client.CallAsync("tools/call", """{"name":"slow","task":{"ttl":1000}}""")).Success().GetProperty("task");
        string id = $$"""{"taskId":"{{task.GetProperty("taskId").GetString()}}"}""";
        task.GetProperty("status").GetString().ShouldBe("working");
        (await client.CallAsync("tasks/list")).Success().GetProperty("tasks").GetArrayLength().ShouldBe(1);
        release.SetResult();

        RpcAnswer result = await client.CallAsync("tasks/result", id);
        result.Text().ShouldBe("done");
        result.RawText.ShouldContain("io.modelcontextprotocol/related-task");
        (await client.CallAsync("tasks/get", id)).Success().GetProperty("status").GetString().ShouldBe("completed");
    }
}
