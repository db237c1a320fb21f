using System.Text.Json;

namespace Vmcp.TestKit.Tests.Backends;

public sealed class HttpSseBackendTests
{
    [Fact]
    public async Task All_answers_come_back_on_the_one_stream()
    {
        await using ScriptedBackend backend = await Start(s => s.Tool("echo").Tool("count", Handlers.Progress(200)));
        await using HttpSseClient client = await HttpSseClient.ConnectAsync(backend.Url);

        backend.Url.AbsolutePath.ShouldBe("/sse");
        client.EndpointData.ShouldStartWith("/message?sessionId=");
        client.InitializeResult.GetProperty("protocolVersion").GetString().ShouldBe("2024-11-05");
        JsonElement answer = await client.CallAsync("tools/call", """{"name":"echo","arguments":{"input":"x"}}""");
        answer.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("x");
        await client.CallAsync("tools/call", """{"name":"count","_meta":{"progressToken":1}}""");
        client.Notifications.All.Select(n => n.GetProperty("params").GetProperty("progress").GetInt32()).ShouldBe(Enumerable.Range(1, 200));
        backend.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_server_asks_and_notifies_on_the_stream()
    {
        await using ScriptedBackend backend = await Start(s => s.Tool("ask", Handlers.Ask("sampling/createMessage", "{}")));
        await using HttpSseClient client = await HttpSseClient.ConnectAsync(backend.Url, """{"sampling":{}}""");
        client.OnRequest = (_, _) => """{"said":"yes"}""";

        (await client.CallAsync("tools/call", """{"name":"ask"}""")).GetRawText().ShouldContain("yes");
        (await backend.NotifyListChangedAsync(ItemKind.Tools)).ShouldBe(1);
        await client.Notifications.NextAsync("notifications/tools/list_changed");
    }

    [Fact]
    public async Task Losing_the_stream_loses_the_session()
    {
        await using ScriptedBackend backend = await Start(s => s.Tool("echo"));
        HttpSseClient client = await HttpSseClient.ConnectAsync(backend.Url);
        backend.OpenSessions.ShouldBe(1);

        await client.DisposeAsync();

        await Eventually.BecomesAsync(() => backend.OpenSessions == 0, "the session ends");
        using var http = new HttpClient();
        using HttpResponseMessage late = await http.PostAsync(new Uri(backend.Url, client.EndpointData), new StringContent("{}"));
        ((int)late.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task A_post_to_the_stream_url_is_not_allowed()
    {
        await using ScriptedBackend backend = await Start(s => s.Tool("echo"));
        await using LegacyClient client = LegacyClient.Unconnected(backend.Url);

        (await client.InitializeAsync()).HttpStatus.ShouldBe(405);
    }

    private static Task<ScriptedBackend> Start(Action<BackendScript> script) => ScriptedBackend.StartAsync(s =>
    {
        s.Era = BackendEra.HttpSse;
        script(s);
    });
}
