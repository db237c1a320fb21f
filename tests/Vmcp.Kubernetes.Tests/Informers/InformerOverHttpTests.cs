using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Informers;

/// <summary>Informer and client together, through one trouble after the other.</summary>
public sealed class InformerOverHttpTests
{
    [Fact]
    public async Task Nothing_is_lost_and_nothing_told_twice_through_cuts_garbage_refusals_and_an_expired_version()
    {
        // A connection cut at once would take what was sent before along.
        TaskCompletionSource seenC = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.Answer(503, "not yet"),
            ScriptedApi.Answer(200, List("7", ("a", "5"), ("b", "6"))),
            ScriptedApi.ThenCut(ScriptedApi.Watch(ScriptedApi.Event("ADDED", "c", "8"), "{\"type\":\"MODI"), seenC.Task),
            ScriptedApi.Watch(ScriptedApi.Event("MODIFIED", "a", "9"), "garbage\n"),
            ScriptedApi.Status(429, "TooManyRequests", "slow", ""","details":{"retryAfterSeconds":1}"""),
            ScriptedApi.Watch(ScriptedApi.Event("BOOKMARK", "", "12")),
            ScriptedApi.Status(410, "Expired", "too old"),
            ScriptedApi.Answer(200, List("20", ("a", "9"), ("d", "15"))),
            ScriptedApi.ThenSilence(ScriptedApi.Watch(ScriptedApi.Event("DELETED", "d", "21"))));
        using KubeClient client = api.Client();
        Informer<string> informer = new(
            client, BuiltIn.ConfigMap, new Selection { Namespace = "a" }, o => o.Meta.ResourceVersion, TimeProvider.System, NullLogger.Instance);
        List<string> told = [];
        informer.OnChange(c =>
        {
            told.Add($"{c.Key.Name}: {c.Old ?? "-"} > {c.New ?? "-"}");
            if (c.Key.Name == "c")
                seenC.TrySetResult();
        });
        using CancellationTokenSource end = new();

        Task run = informer.RunAsync(end.Token);
        await Eventually.BecomesAsync(() => api.Requests.Length == 9 && informer.Snapshot.Count == 1, "the last event");
        await end.CancelAsync();
        await run.WaitAsync(Eventually.DefaultLimit);

        told[..4].ShouldBe(["a: - > 5", "b: - > 6", "c: - > 8", "a: 5 > 9"]);
        told[4..7].Order().ShouldBe(["b: 6 > -", "c: 8 > -", "d: - > 15"]);
        told[7..].ShouldBe(["d: 15 > -"]);
        api.Requests.Select(r => r.Url.Contains("watch=1", StringComparison.Ordinal) ? r.Url.Split('&')[1] : "list").ShouldBe(
        [
            "list", "list", "resourceVersion=7", "resourceVersion=8", "resourceVersion=9", "resourceVersion=9", "resourceVersion=12", "list",
            "resourceVersion=20",
        ]);
    }

    private static string List(string version, params (string Name, string Version)[] items) =>
        $$"""{"kind":"ConfigMapList","metadata":{"resourceVersion":"{{version}}"},"items":[{{string.Join(',', items.Select(Item))}}]}""";

    private static string Item((string Name, string Version) item) =>
        $$"""{"metadata":{"name":"{{item.Name}}","namespace":"a","uid":"u","resourceVersion":"{{item.Version}}"} }""";
}
