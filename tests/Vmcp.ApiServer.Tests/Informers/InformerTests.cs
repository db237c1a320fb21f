using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.ApiServer.Tests.Ring;
using Vmcp.KubeKit.Audit;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Informers;

public sealed class InformerTests(SharedApiServer shared)
{
    private static readonly KubeClientOptions ShortWatches = new() { WatchTimeout = TimeSpan.FromSeconds(2) };

    private readonly Server _server = shared.Server;

    [Fact]
    public async Task It_lists_page_by_page_and_follows_every_change()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        foreach (string name in (string[])["a", "b", "c", "d", "e"])
            await Kube.PutAsync(client, space, name);

        await using RunningInformer informer = Kube.Watch(client, new Selection { Namespace = space }, pageSize: 2);
        await informer.SyncedAsync();
        informer.Known.ShouldBe(["a=1", "b=1", "c=1", "d=1", "e=1"]);

        await Kube.PutAsync(client, space, "f");
        await Kube.PutAsync(client, space, "a", "2");
        (await Kube.DeleteAsync(client, space, "b")).ShouldBeTrue();

        await informer.KnowsAsync("a=2", "c=1", "d=1", "e=1", "f=1");
        informer.Told[^3..].ShouldBe(["f: - > 1", "a: 1 > 2", "b: 1 > -"]);
        informer.Informer.Health.LastError.ShouldBeNull();
        (await ListsAsync(space)).Count(u => u.Contains("limit=2", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_watch_the_server_ends_goes_on_where_it_was_without_a_new_list()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server, ShortWatches);
        await using RunningInformer informer = Kube.Watch(client, new Selection { Namespace = space });
        await informer.SyncedAsync();
        await Kube.PutAsync(client, space, "a");

        await Eventually.BecomesAsync(async () => (await WatchesAsync(space)).Length >= 3, "three watches");
        await Kube.PutAsync(client, space, "a", "2");

        await informer.KnowsAsync("a=2");
        informer.Told.Where(t => t.StartsWith("a:", StringComparison.Ordinal)).ShouldBe(["a: - > 1", "a: 1 > 2"]);
        (await ListsAsync(space)).Length.ShouldBe(1);
        informer.Informer.Health.LastError.ShouldBeNull();
    }

    [Fact]
    public async Task Bookmarks_move_the_version_on_while_nothing_of_ours_changes()
    {
        string space = await _server.CreateNamespaceAsync();
        string elsewhere = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server, new KubeClientOptions { WatchTimeout = TimeSpan.FromSeconds(5) });
        ObjectPage page = await client.ListAsync(
            BuiltIn.ConfigMap, new ListOptions { Namespace = space, FieldSelector = "metadata.name=nothing" }, CancellationToken.None);
        WatchOptions options = new() { Namespace = space, FieldSelector = "metadata.name=nothing", ResourceVersion = page.ResourceVersion };

        // The server sends one some two seconds before it ends a watch, when something happened during it.
        List<WatchEvent> seen = [];
        using CancellationTokenSource quiet = new();
        Task busy = BusyAsync(quiet.Token);
        for (int watch = 0; watch < 5 && seen.Count == 0; watch++)
        {
            await foreach (WatchEvent change in client.WatchAsync(BuiltIn.ConfigMap, options, CancellationToken.None))
                seen.Add(change);
        }

        await quiet.CancelAsync();
        await busy;
        seen.ShouldAllBe(e => e.Kind == WatchEventKind.Bookmark);
        seen.ShouldContain(e => long.Parse(e.Object.Meta.ResourceVersion) > long.Parse(page.ResourceVersion));

        async Task BusyAsync(CancellationToken end)
        {
            for (int n = 0; !end.IsCancellationRequested; n++)
            {
                await Kube.PutAsync(client, elsewhere, "a", $"{n}");
                await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task Selectors_of_labels_and_fields_choose_and_an_object_that_leaves_is_gone()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        await Kube.PutAsync(client, space, "front", label: "web");
        await Kube.PutAsync(client, space, "back", label: "db");
        await using RunningInformer byLabel = Kube.Watch(client, new Selection { Namespace = space, LabelSelector = "tier=web" });
        await using RunningInformer byField = Kube.Watch(client, new Selection { Namespace = space, FieldSelector = "metadata.name=back" });
        await byLabel.KnowsAsync("front=1");
        await byField.KnowsAsync("back=1");

        await Kube.PutAsync(client, space, "back", "2", label: "web");
        await Kube.PutAsync(client, space, "front", "2", label: "old");

        await byLabel.KnowsAsync("back=2");
        await byField.KnowsAsync("back=2");
        byLabel.Told.ShouldBe(["front: - > 1", "back: - > 2", "front: 1 > -"]);
        byField.Told.ShouldBe(["back: - > 1", "back: 1 > 2"]);
    }

    [Fact]
    public async Task Secrets_watched_by_metadata_never_bring_their_data()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        await client.CreateAsync(BuiltIn.Secret, Secret(space, "listed"), WriteOptions.Default, CancellationToken.None);
        Informer<string> informer = new(
            client, BuiltIn.Secret, new Selection { Namespace = space, MetadataOnly = true }, s => s.Body.GetRawText(), TimeProvider.System,
            NullLogger.Instance);
        await using RunningInformer running = new(informer);
        await running.SyncedAsync();

        await client.CreateAsync(BuiltIn.Secret, Secret(space, "watched"), WriteOptions.Default, CancellationToken.None);

        await Eventually.BecomesAsync(() => informer.Snapshot.Count == 2, "both secrets");
        foreach (string json in informer.Snapshot.Values)
        {
            json.ShouldContain("resourceVersion");
            json.ShouldNotContain("aHVzaA==");
            json.ShouldNotContain("\"data\"");
        }
    }

    [Fact]
    public async Task A_delete_missed_while_away_is_told_after_the_version_expired()
    {
        await using Server server = await Server.StartAsync(new ApiServerOptions { WatchCache = false });
        string space = await server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(server);
        BreakableCluster breakable = new(client);
        await Kube.PutAsync(client, space, "stays");
        await Kube.PutAsync(client, space, "goes");
        await using RunningInformer informer = Kube.Watch(breakable, new Selection { Namespace = space });
        await informer.KnowsAsync("goes=1", "stays=1");

        breakable.Break();
        await Kube.DeleteAsync(client, space, "goes");
        await Kube.PutAsync(client, space, "comes");
        await server.CompactAsync();
        informer.Known.ShouldBe(["goes=1", "stays=1"]);
        breakable.Mend();

        await informer.KnowsAsync("comes=1", "stays=1");
        informer.Told.ShouldContain("goes: 1 > -");
        informer.Told.Count(t => t.StartsWith("stays:", StringComparison.Ordinal)).ShouldBe(1);
        breakable.Lists.ShouldBe(2);
        await Kube.PutAsync(client, space, "stays", "2");
        await informer.KnowsAsync("comes=1", "stays=2");
    }

    [Fact]
    public async Task An_old_version_and_an_old_page_token_are_expired()
    {
        await using Server server = await Server.StartAsync(new ApiServerOptions { WatchCache = false });
        string space = await server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(server);
        await Kube.PutAsync(client, space, "a");
        ObjectPage page = await client.ListAsync(BuiltIn.ConfigMap, new ListOptions { Namespace = space, Limit = 1 }, CancellationToken.None);
        page.Continue.ShouldNotBeNull();
        await Kube.PutAsync(client, space, "b");
        await Kube.PutAsync(client, space, "c");
        await server.CompactAsync();

        KubeException watch = await Should.ThrowAsync<KubeException>(async () =>
        {
            WatchOptions options = new() { Namespace = space, ResourceVersion = page.ResourceVersion };
            await foreach (WatchEvent _ in client.WatchAsync(BuiltIn.ConfigMap, options, CancellationToken.None))
            {
            }
        });
        KubeException list = await Should.ThrowAsync<KubeException>(() => client.ListAsync(
            BuiltIn.ConfigMap, new ListOptions { Namespace = space, Limit = 1, Continue = page.Continue }, CancellationToken.None));

        watch.Error.ShouldBe(KubeError.Expired);
        list.Error.ShouldBe(KubeError.Expired);
    }

    private static JsonObject Secret(string space, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["namespace"] = space, ["name"] = name },
        // "hush"
        ["data"] = new JsonObject { ["password"] = "aHVzaA==" },
    };

    private async Task<string[]> ListsAsync(string space) => await UrisAsync(space, "list");

    private async Task<string[]> WatchesAsync(string space) => await UrisAsync(space, "watch");

    private async Task<string[]> UrisAsync(string space, string verb) =>
        [.. (await _server.ReadAuditAsync())
            .Where(e => e.Namespace == space && e.Verb == verb && e.Resource == "configmaps" && UserAgent(e).StartsWith("vmcp/", StringComparison.Ordinal))
            .DistinctBy(e => e.Body["auditID"]!.GetValue<string>())
            .Select(e => e.Uri)];

    private static string UserAgent(AuditEvent e) => e.Body["userAgent"]?.GetValue<string>() ?? "";
}
