using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit.Tests.Backends;

public sealed class ModernBackendTests
{
    private const string AllCapabilities = """{"elicitation":{},"sampling":{},"roots":{}}""";

    [Theory]
    [InlineData(AnswerAs.Json)]
    [InlineData(AnswerAs.Sse)]
    public async Task A_client_discovers_lists_and_calls(AnswerAs form)
    {
        await using ScriptedBackend backend = await Modern(s =>
        {
            s.Answers = form;
            s.PageSize = 1;
            s.Instructions = "be kind";
            s.Tool("echo").Tool("ünï").Resource("mem://é", "hello");
        });
        await using var client = new ModernClient(backend.Url);

        JsonElement found = (await client.DiscoverAsync()).Success();
        found.GetProperty("supportedVersions")[0].GetString().ShouldBe("2026-07-28");
        found.GetProperty("instructions").GetString().ShouldBe("be kind");
        (await client.ListToolNamesAsync()).ShouldBe(["echo", "ünï"]);
        RpcAnswer list = await client.SendAsync("tools/list");
        list.Success().GetProperty("ttlMs").GetInt32().ShouldBe(60_000);
        list.Success().GetProperty("cacheScope").GetString().ShouldBe("public");
        RpcAnswer answer = await client.CallToolAsync("ünï", """{"input":"x"}""");
        answer.IsStream.ShouldBe(form == AnswerAs.Sse);
        answer.Text().ShouldBe("x");
        answer.Success().GetProperty("resultType").GetString().ShouldBe("complete");
        backend.RequestsFor("tools/call")[0].Header("Mcp-Name").ShouldBe("=?base64?w7xuw68=?=");
        (await client.SendAsync("resources/read", """{"uri":"mem://é"}""")).RawText.ShouldContain("hello");
        (await client.SendAsync("resources/read", """{"uri":"mem://no"}""")).ErrorCode.ShouldBe(-32602);
        backend.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_rule_of_the_headers_is_enforced()
    {
        await using ScriptedBackend backend = await Modern(s => s.Tool("echo"));
        await using var client = new ModernClient(backend.Url);

        await Refused(400, -32020, e => e.Headers.Remove("MCP-Protocol-Version"));
        await Refused(400, -32020, e => e.Headers.Remove("Mcp-Method"));
        await Refused(400, -32020, e => e.Headers["Mcp-Method"] = "tools/list");
        await Refused(400, -32020, e => e.Headers.Remove("Mcp-Name"));
        await Refused(400, -32020, e => e.Headers["Mcp-Name"] = "other");
        await Refused(400, -32020, e => e.Headers["MCP-Protocol-Version"] = "2025-11-25");
        await Refused(400, -32602, e => e.Meta = null);
        await Refused(400, -32602, e => e.Meta!.Remove("io.modelcontextprotocol/clientCapabilities"));
        await Refused(400, -32022, e =>
        {
            e.Headers["MCP-Protocol-Version"] = "2099-01-01";
            e.Meta!["io.modelcontextprotocol/protocolVersion"] = JsonValue.Create("2099-01-01");
        });
        RpcAnswer unknown = await client.SendAsync("ping");
        (unknown.HttpStatus, unknown.ErrorCode).ShouldBe((404, -32601));
        (await client.SendRawAsync(HttpMethod.Get)).HttpStatus.ShouldBe(405);
        (await client.SendRawAsync(HttpMethod.Delete)).Header("Allow").ShouldBe("POST");
        await client.SendAsync("tools/list", edit: e => e.Headers["Mcp-Session-Id"] = "s");
        backend.Faults[^1].ShouldContain("Mcp-Session-Id");

        async Task Refused(int status, int code, Action<ModernEnvelope> edit)
        {
            RpcAnswer answer = await client.CallToolAsync("echo", edit: edit);
            (answer.HttpStatus, answer.ErrorCode).ShouldBe((status, code));
        }
    }

    [Fact]
    public async Task Argument_headers_are_sent_and_checked()
    {
        const string Raw = """{"name":"t","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}""";
        await using ScriptedBackend backend = await Modern(s => s.Tool("t", Handlers.Text("ok"), Raw));
        await using var client = new ModernClient(backend.Url);

        (await client.CallToolAsync("t", """{"region":"süd"}""")).ErrorCode.ShouldBe(-32020);
        await client.ListToolNamesAsync();
        (await client.CallToolAsync("t", """{"region":"süd"}""")).Text().ShouldBe("ok");
        (await client.CallToolAsync("t")).Text().ShouldBe("ok");
        (await client.CallToolAsync("t", edit: e => e.Headers["Mcp-Param-Region"] = "x")).ErrorCode.ShouldBe(-32020);
    }

    [Fact]
    public async Task Progress_and_wanted_logs_come_in_order_on_the_answer()
    {
        await using ScriptedBackend backend = await Modern(s => s.Tool("count", async call =>
        {
            await call.LogAsync("info", "\"begin\"");
            return await Handlers.Progress(200)(call);
        }));
        await using var client = new ModernClient(backend.Url);

        RpcAnswer quiet = await client.CallToolAsync("count", edit: e => e.Meta!["progressToken"] = 7);
        quiet.Progress().ShouldBe(Enumerable.Range(1, 200).Select(i => (double)i));
        quiet.Notifications.Count.ShouldBe(200);
        client.LogLevel = "info";
        (await client.CallToolAsync("count")).Notifications.ShouldHaveSingleItem().GetRawText().ShouldContain("begin");
    }

    [Fact]
    public async Task Questions_are_rounds_of_input_required()
    {
        int runs = 0;
        await using ScriptedBackend backend = await Modern(s => s.Tool("all", async call =>
        {
            runs++;
            string a = (await call.ElicitAsync("""{"message":"who?"}""")).GetRawText();
            JsonElement[] both = await call.AskManyAsync(("sampling/createMessage", "{}"), ("roots/list", "{}"));
            return Handlers.TextResult(a + both[0].GetRawText() + both[1].GetRawText());
        }));
        await using var client = new ModernClient(backend.Url, AllCapabilities);
        client.OnRequest = (method, _) => $$"""{"for":"{{method}}"}""";

        InputCall call = await client.CallWithInputAsync("all");

        call.Final.Text().ShouldBe("""{"for":"elicitation/create"}{"for":"sampling/createMessage"}{"for":"roots/list"}""");
        call.Rounds.Count.ShouldBe(3);
        runs.ShouldBe(3);
        backend.RequestsFor("tools/call").Select(r => r.IdRaw).Distinct().Count().ShouldBe(3);
        client.ReceivedRequests.Select(r => r.Method).ShouldBe(["elicitation/create", "sampling/createMessage", "roots/list"]);
    }

    [Fact]
    public async Task A_changed_or_borrowed_request_state_is_refused()
    {
        await using ScriptedBackend backend = await Modern(s => s.Tool("a", Handlers.Ask("roots/list", "{}")).Tool("b"));
        await using var client = new ModernClient(backend.Url, AllCapabilities) { OnRequest = (_, _) => "{}" };

        JsonElement first = (await client.CallToolAsync("a")).Success();
        first.GetProperty("resultType").GetString().ShouldBe("input_required");
        string retry = client.WithInput("""{"name":"b","arguments":{}}""", first);
        (await client.SendAsync("tools/call", retry)).Error!.Value.GetRawText().ShouldContain("another request");
        (await client.SendAsync("tools/call", """{"name":"a","requestState":"forged"}""")).ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    public async Task Asking_without_the_capability_is_refused_with_what_is_needed()
    {
        await using ScriptedBackend backend = await Modern(s => s.Tool("ask", Handlers.Ask("sampling/createMessage", "{}")));
        await using var client = new ModernClient(backend.Url);

        RpcAnswer answer = await client.CallToolAsync("ask");

        (answer.HttpStatus, answer.ErrorCode).ShouldBe((400, -32021));
        answer.Error!.Value.GetProperty("data").GetProperty("requiredCapabilities").TryGetProperty("sampling", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Leaving_cancels_the_call()
    {
        await using ScriptedBackend backend = await Modern(s => s.Tool("never", Handlers.Never));
        await using var client = new ModernClient(backend.Url);
        using var leave = new CancellationTokenSource();

        Task<RpcAnswer> call = client.CallToolAsync("never", cancellationToken: leave.Token);
        await Eventually.BecomesAsync(() => backend.RunningCalls == 1, "the call runs");
        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Eventually.BecomesAsync(() => backend.RunningCalls == 0, "the call is cancelled");
        await Eventually.BecomesAsync(() => backend.CancelledIds.Count == 1, "the cancel is noted");
    }

    [Fact]
    public async Task Listeners_get_what_they_asked_for_and_a_graceful_end()
    {
        await using ScriptedBackend backend = await Modern(s => s.Tool("a").Resource("mem://a"));
        await using var client = new ModernClient(backend.Url);
        await using ListenStream tools = await client.ListenAsync("""{"toolsListChanged":true}""", e => e.IdRaw = "\"sub\"");
        await using ListenStream updates = await client.ListenAsync("""{"resourceSubscriptions":["mem://a"]}""");

        tools.Acknowledged.GetProperty("notifications").GetProperty("toolsListChanged").GetBoolean().ShouldBeTrue();
        backend.OpenStreams.ShouldBe(2);
        (await backend.NotifyListChangedAsync(ItemKind.Tools)).ShouldBe(1);
        (await backend.NotifyListChangedAsync(ItemKind.Prompts)).ShouldBe(0);
        (await backend.NotifyResourceUpdatedAsync("mem://a")).ShouldBe(1);
        JsonElement changed = await tools.NextAsync("notifications/tools/list_changed");
        changed.GetProperty("params").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetRawText().ShouldBe("\"sub\"");
        await updates.NextAsync("notifications/resources/updated");
        backend.SendKeepAlive().ShouldBe(2);
        await Eventually.BecomesAsync(() => tools.Comments == 1 && updates.Comments == 1, "the keep-alives arrive");
        backend.EndSubscriptions();
        await Eventually.BecomesAsync(() => tools.HasEnded, "the stream ends");
        tools.Final!.Value.GetProperty("id").GetString().ShouldBe("sub");
        await updates.DisposeAsync();
        await Eventually.BecomesAsync(() => backend.OpenStreams == 0, "both streams are closed");
    }

    [Fact]
    public async Task A_task_is_polled_to_its_result()
    {
        await using ScriptedBackend backend = await Modern(s => s.TaskTool("slow", Handlers.Text("done")));
        await using var client = new ModernClient(backend.Url, """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""");

        JsonElement started = (await client.CallToolAsync("slow")).Success();
        started.GetProperty("resultType").GetString().ShouldBe("task");
        string id = $$"""{"taskId":"{{started.GetProperty("taskId").GetString()}}"}""";
        RpcAnswer done = await Eventually.ReadsAsync(
            () => client.SendAsync("tasks/get", id), a => a.Success().GetProperty("status").GetString() == "completed", "the task ends");

        done.Success().GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("done");
        await using var plain = new ModernClient(backend.Url);
        (await plain.CallToolAsync("slow")).Text().ShouldBe("done");
    }

    private static Task<ScriptedBackend> Modern(Action<BackendScript> script) => ScriptedBackend.StartAsync(s =>
    {
        s.Era = BackendEra.Modern;
        script(s);
    });
}
