using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Api;

/// <summary>What a server or a network can do to us.</summary>
public sealed class KubeClientFaultTests
{
    private static readonly ObjectKey Key = new("a", "x");

    [Theory]
    [InlineData(401, "Unauthorized", KubeError.Unauthorized)]
    [InlineData(403, "Forbidden", KubeError.Forbidden)]
    [InlineData(404, "NotFound", KubeError.NotFound)]
    [InlineData(409, "AlreadyExists", KubeError.AlreadyExists)]
    [InlineData(409, "Conflict", KubeError.Conflict)]
    [InlineData(410, "Expired", KubeError.Expired)]
    [InlineData(410, "Gone", KubeError.Expired)]
    [InlineData(400, "BadRequest", KubeError.Invalid)]
    [InlineData(422, "Invalid", KubeError.Invalid)]
    [InlineData(429, "TooManyRequests", KubeError.TooManyRequests)]
    [InlineData(500, "InternalError", KubeError.ServerError)]
    [InlineData(504, "Timeout", KubeError.ServerError)]
    [InlineData(415, "UnsupportedMediaType", KubeError.Other)]
    public async Task A_refusal_says_why_in_the_servers_words(int code, string reason, KubeError error)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Status(code, reason, "the words"));
        using KubeClient client = api.Client();

        KubeException e = await Should.ThrowAsync<KubeException>(() => client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None));

        e.Error.ShouldBe(error);
        e.Message.ShouldBe($"get ConfigMap a/x: {code} {reason}: the words");
        e.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task When_to_come_back_is_taken_from_the_header_or_the_details()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.Answer(429, "slow down", ("Retry-After", "7")),
            ScriptedApi.Status(500, "ServerTimeout", "later", ""","details":{"retryAfterSeconds":3}"""),
            ScriptedApi.Answer(503, "", ("Retry-After", "86400")));
        using KubeClient client = api.Client();

        (await FailsAsync(client)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        (await FailsAsync(client)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
        (await FailsAsync(client)).RetryAfter.ShouldBe(TimeSpan.FromMinutes(5), "a day would be a mistake");
    }

    [Fact]
    public async Task A_missing_object_is_no_error_and_a_missing_kind_is()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.Status(404, "NotFound", "no x", ""","details":{"name":"x","kind":"configmaps"}"""),
            ScriptedApi.Answer(404, "404 page not found\n"));
        using KubeClient client = api.Client();

        (await client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None)).ShouldBeNull();
        (await FailsAsync(client)).Message.ShouldBe("get ConfigMap a/x: 404 404 page not found");
    }

    [Fact]
    public async Task A_redirect_is_not_followed_for_our_token_would_go_along()
    {
        await using ScriptedApi elsewhere = await ScriptedApi.StartAsync(ScriptedApi.Answer(200, "{}"));
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Answer(302, "", ("Location", elsewhere.Url.ToString())));
        using KubeClient client = api.Client(token: TokenSource.Fixed("hush-token"));

        KubeException e = await FailsAsync(client);

        e.Error.ShouldBe(KubeError.Other);
        e.ToString().ShouldNotContain("hush-token");
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_newer_token_is_shown_once_when_the_old_one_is_refused()
    {
        string path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "one");
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            async http =>
            {
                await File.WriteAllTextAsync(path, "two");
                await ScriptedApi.Status(401, "Unauthorized", "expired")(http);
            },
            ScriptedApi.Answer(200, """{"metadata":{"name":"x"}}"""),
            ScriptedApi.Status(401, "Unauthorized", "expired"));
        using KubeClient client = api.Client(token: TokenSource.OfFile(path, null, new FakeTimeProvider()));

        (await client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None)).ShouldNotBeNull();
        (await FailsAsync(client)).Error.ShouldBe(KubeError.Unauthorized);

        api.Requests.Select(r => r.Authorization).ShouldBe(["Bearer one", "Bearer two", "Bearer two"]);
        File.Delete(path);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_unreachable()
    {
        FakeTimeProvider time = new();
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.ThenSilence(ScriptedApi.Watch("{\"metadata\":")));
        using KubeClient client = api.Client(time);
        Task<KubeObject?> get = client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None);
        await Eventually.BecomesAsync(() => api.Requests.Length == 1, "the request");

        time.Advance(TimeSpan.FromSeconds(29));
        await Task.Delay(50);
        get.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(2));

        KubeException e = await Should.ThrowAsync<KubeException>(() => get);
        e.Error.ShouldBe(KubeError.Unreachable);
        e.Message.ShouldContain("in 30 s");
    }

    [Fact]
    public async Task A_caller_who_cancels_gets_a_cancellation()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.ThenSilence(ScriptedApi.Watch(ScriptedApi.Event("ADDED", "x", "8"))));
        using KubeClient client = api.Client();
        using CancellationTokenSource stop = new();
        List<WatchEvent> seen = [];
        Task watch = KubeClientTests.WatchAsync(client, seen, stop.Token);
        Task get = client.GetAsync(BuiltIn.ConfigMap, Key, stop.Token);
        await Eventually.BecomesAsync(() => seen.Count == 1 && api.Requests.Length == 2, "the event");

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => watch);
        await Should.ThrowAsync<OperationCanceledException>(() => get);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_unreachable_and_named()
    {
        using KubeClient client = new(
            new KubeConfig { Server = new Uri($"http://127.0.0.1:{FreePort.Find()}"), Source = "some file" }, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        KubeException e = await FailsAsync(client);

        e.Error.ShouldBe(KubeError.Unreachable);
        e.Message.ShouldContain("some file");
    }

    [Fact]
    public async Task Too_large_an_answer_is_refused_whether_announced_or_not()
    {
        string large = new('x', 2000);
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            async http =>
            {
                http.Response.ContentLength = 2000;
                await ScriptedApi.Answer(200, large)(http);
            },
            ScriptedApi.Watch(large));
        using KubeClient client = api.Client(options: new KubeClientOptions { MaxBody = 1000 });

        for (int i = 0; i < 2; i++)
            (await FailsAsync(client)).Message.ShouldBe("get ConfigMap a/x: the answer is larger than 1000 bytes; ask for fewer objects at once");
    }

    [Fact]
    public async Task An_answer_that_is_no_json_is_not_quoted()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Answer(200, "{\"data\":hush}"), ScriptedApi.Answer(200, "[]"));
        using KubeClient client = api.Client();

        for (int i = 0; i < 2; i++)
        {
            KubeException e = await FailsAsync(client);
            e.Error.ShouldBe(KubeError.Unreachable);
            e.ToString().ShouldNotContain("hush");
        }
    }

    [Fact]
    public async Task A_watch_cut_within_an_event_gives_the_whole_ones_and_then_fails()
    {
        TaskCompletionSource seenFirst = new();
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.ThenCut(ScriptedApi.Watch(ScriptedApi.Event("ADDED", "x", "8"), "{\"type\":\"ADD"), seenFirst.Task),
            ScriptedApi.Watch(ScriptedApi.Event("ADDED", "x", "8"), "{\"type\":\"ADD"));
        using KubeClient client = api.Client();

        List<WatchEvent> cut = [];
        Task watch = KubeClientTests.WatchAsync(client, cut);
        await Eventually.BecomesAsync(() => cut.Count == 1, "the first event");
        seenFirst.SetResult();
        (await Should.ThrowAsync<KubeException>(() => watch)).Error.ShouldBe(KubeError.Unreachable);

        List<WatchEvent> half = [];
        KubeException e = await Should.ThrowAsync<KubeException>(() => KubeClientTests.WatchAsync(client, half));
        half.Count.ShouldBe(1);
        e.Message.ShouldContain("within an event");
    }

    [Theory]
    [InlineData("no json, hush\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    [InlineData("{\"type\":\"SURPRISE\",\"object\":{\"metadata\":{}}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":\"hush\"}}\n")]
    [InlineData("[1]\n")]
    public async Task A_line_that_is_no_event_breaks_the_watch_off_and_is_not_quoted(string line)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Watch(line));
        using KubeClient client = api.Client();

        KubeException e = await Should.ThrowAsync<KubeException>(() => KubeClientTests.WatchAsync(client));

        e.Error.ShouldBe(KubeError.Unreachable);
        e.ToString().ShouldNotContain("hush");
    }

    [Fact]
    public async Task A_line_without_end_is_given_up()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.ThenSilence(ScriptedApi.Watch([.. Enumerable.Repeat(new string('x', 1 << 16), 20)])));
        using KubeClient client = api.Client(options: new KubeClientOptions { MaxEvent = 1 << 20 });

        KubeException e = await Should.ThrowAsync<KubeException>(() => KubeClientTests.WatchAsync(client));

        e.Message.ShouldContain("longer than 1048576 bytes");
    }

    [Fact]
    public async Task An_expired_version_is_known_by_answer_and_by_event()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.Status(410, "Expired", "too old"),
            ScriptedApi.Watch("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""" + "\n"));
        using KubeClient client = api.Client();

        for (int i = 0; i < 2; i++)
        {
            KubeException e = await Should.ThrowAsync<KubeException>(() => KubeClientTests.WatchAsync(client));
            e.Error.ShouldBe(KubeError.Expired);
            e.Message.ShouldBe("watch ConfigMap in a: 410 Expired: too old");
        }
    }

    [Fact]
    public async Task A_silent_watch_is_broken_off_after_its_timeout_and_a_margin()
    {
        FakeTimeProvider time = new();
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.ThenSilence(ScriptedApi.Watch(ScriptedApi.Event("BOOKMARK", "", "8"))));
        using KubeClient client = api.Client(time);
        List<WatchEvent> seen = [];
        Task watch = KubeClientTests.WatchAsync(client, seen);
        await Eventually.BecomesAsync(() => seen.Count == 1, "the bookmark");

        time.Advance(TimeSpan.FromSeconds(329));
        await Task.Delay(50);
        watch.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(152));

        KubeException e = await Should.ThrowAsync<KubeException>(() => watch.WaitAsync(Eventually.DefaultLimit));
        e.Error.ShouldBe(KubeError.Unreachable);
        e.Message.ShouldContain("silent for");
    }

    private static async Task<KubeException> FailsAsync(KubeClient client) =>
        await Should.ThrowAsync<KubeException>(() => client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None));
}
