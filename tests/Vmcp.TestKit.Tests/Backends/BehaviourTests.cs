using System.Diagnostics;
using System.Text.Json;

namespace Vmcp.TestKit.Tests.Backends;

public sealed class BehaviourTests
{
    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    public async Task A_status_comes_with_its_headers_until_the_behaviour_is_normal_again(BackendEra era)
    {
        await using Pair pair = await Pair.StartAsync(era);

        pair.Backend.Behaviour = Behaviour.Status(429, "busy", headers: ("Retry-After", "7"));
        RpcAnswer busy = await pair.ListAsync();
        (busy.HttpStatus, busy.Header("Retry-After"), busy.RawText).ShouldBe((429, "7", "busy"));
        pair.Backend.Behaviour = Behaviour.Normal;

        (await pair.ListAsync()).HttpStatus.ShouldBe(200);
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    public async Task A_hanging_method_leaves_the_others_alone_and_ends_with_the_backend(BackendEra era)
    {
        await using Pair pair = await Pair.StartAsync(era);
        pair.Backend.Behaviour = Behaviour.Hang.For("tools/list");

        Task<RpcAnswer> hanging = pair.ListAsync();
        (await pair.CallAsync("echo")).HttpStatus.ShouldBe(200);
        await Eventually.BecomesAsync(() => pair.Backend.InFlight == 1, "one request hangs");
        hanging.IsCompleted.ShouldBeFalse();

        await pair.Backend.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(() => hanging);
        pair.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_behaviour_can_be_meant_for_one_tool()
    {
        await using Pair pair = await Pair.StartAsync(BackendEra.Legacy);
        pair.Backend.Behaviour = Behaviour.Status(500).ForTools("other");

        (await pair.CallAsync("echo")).HttpStatus.ShouldBe(200);
        (await pair.CallAsync("other")).HttpStatus.ShouldBe(500);
        (await pair.ListAsync()).HttpStatus.ShouldBe(200);
    }

    [Fact]
    public async Task Garbage_pages_redirects_and_cut_streams_look_as_they_should()
    {
        await using Pair pair = await Pair.StartAsync(BackendEra.Legacy);

        pair.Backend.Behaviour = Behaviour.Garbage;
        RpcAnswer garbage = await pair.ListAsync();
        (garbage.HttpStatus, garbage.ContentType, garbage.Message is null).ShouldBe((200, "application/json", true));
        pair.Backend.Behaviour = Behaviour.Html;
        (await pair.ListAsync()).ContentType.ShouldBe("text/html");
        pair.Backend.Behaviour = Behaviour.RedirectTo("/elsewhere");
        RpcAnswer redirect = await pair.ListAsync();
        (redirect.HttpStatus, redirect.Header("Location")).ShouldBe((307, "/elsewhere"));
        pair.Backend.Behaviour = Behaviour.DropAfterHeaders;
        RpcAnswer dropped = await pair.ListAsync();
        (dropped.HttpStatus, dropped.Broken is null, dropped.RawBytes.Length).ShouldBe((200, false, 0));
        pair.Backend.Behaviour = Behaviour.DropMidEvent;
        RpcAnswer cut = await pair.ListAsync();
        cut.Broken.ShouldNotBeNull();
        cut.RawText.ShouldEndWith("\"id\":");
        cut.Message.ShouldBeNull();
    }

    [Fact]
    public async Task A_silent_backend_sends_headers_and_nothing_more()
    {
        await using Pair pair = await Pair.StartAsync(BackendEra.Legacy);
        pair.Backend.Behaviour = Behaviour.Silent;

        ServerStream silent = await pair.Legacy!.OpenStreamAsync();
        Task<RpcAnswer> list = pair.ListAsync();
        await Eventually.BecomesAsync(() => pair.Backend.InFlight == 2, "both requests wait");

        (silent.HttpStatus, silent.HasEnded, list.IsCompleted).ShouldBe((200, false, false));
        await pair.Backend.StopAsync();
        await Eventually.BecomesAsync(() => silent.HasEnded && list.IsCompleted, "both end with the backend");
        silent.Messages.ShouldBeEmpty();
        Exception? failure = await Record.ExceptionAsync(() => list);
        (failure ?? (await list).Broken).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_slow_backend_answers_late_but_right()
    {
        await using Pair pair = await Pair.StartAsync(BackendEra.Legacy);
        pair.Backend.Behaviour = Behaviour.Slow(TimeSpan.FromMilliseconds(150));

        long start = Stopwatch.GetTimestamp();
        (await pair.CallAsync("echo")).HttpStatus.ShouldBe(200);
        Stopwatch.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(140));
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    public async Task A_huge_list_has_the_size_asked_for_and_is_valid(BackendEra era)
    {
        await using Pair pair = await Pair.StartAsync(era);
        pair.Backend.Behaviour = Behaviour.HugeList(3_000_000);

        RpcAnswer huge = await pair.ListAsync();

        huge.RawBytes.Length.ShouldBeInRange(3_000_000, 3_200_000);
        huge.Success().GetProperty("tools").GetArrayLength().ShouldBeGreaterThan(40);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endless_list_always_has_one_more_page(bool sameCursor)
    {
        await using Pair pair = await Pair.StartAsync(BackendEra.Legacy);
        pair.Backend.Behaviour = Behaviour.EndlessList(sameCursor);
        var cursors = new List<string?>();
        for (int i = 0; i < 5; i++)
        {
            string parameters = i == 0 ? "{}" : $$"""{"cursor":"{{cursors[^1]}}"}""";
            JsonElement page = (await pair.Legacy!.CallAsync("tools/list", parameters)).Success();
            cursors.Add(page.GetProperty("nextCursor").GetString());
        }

        cursors.Distinct().Count().ShouldBe(sameCursor ? 1 : 5);
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    public async Task A_stopped_backend_refuses_and_a_restarted_one_serves_on_the_same_port(BackendEra era)
    {
        await using Pair pair = await Pair.StartAsync(era);
        int port = pair.Backend.Port;

        await pair.Backend.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(pair.ListAsync);
        await pair.Backend.RestartAsync();

        pair.Backend.Port.ShouldBe(port);
        (await pair.ListAsync()).HttpStatus.ShouldBe(era == BackendEra.Legacy ? 404 : 200);
    }

    private sealed record Pair(ScriptedBackend Backend, LegacyClient? Legacy, ModernClient? Modern) : IAsyncDisposable
    {
        public static async Task<Pair> StartAsync(BackendEra era)
        {
            ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
            {
                s.Era = era;
                s.Tool("echo").Tool("other");
            });
            return era == BackendEra.Legacy
                ? new Pair(backend, await LegacyClient.ConnectAsync(backend.Url), null)
                : new Pair(backend, null, new ModernClient(backend.Url));
        }

        public Task<RpcAnswer> ListAsync() => Legacy?.CallAsync("tools/list") ?? Modern!.SendAsync("tools/list");

        public Task<RpcAnswer> CallAsync(string tool) => Legacy?.CallToolAsync(tool) ?? Modern!.CallToolAsync(tool);

        public async ValueTask DisposeAsync()
        {
            if (Legacy is not null)
                await Legacy.DisposeAsync();
            if (Modern is not null)
                await Modern.DisposeAsync();
            await Backend.DisposeAsync();
        }
    }
}
