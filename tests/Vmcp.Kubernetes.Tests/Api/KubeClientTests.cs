using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;

namespace Vmcp.Kubernetes.Tests.Api;

/// <summary>What goes over the wire.</summary>
public sealed class KubeClientTests
{
    private static readonly ObjectKey Key = new("team a", "x");
    private static readonly string One = """{"kind":"ConfigMap","metadata":{"name":"x","namespace":"team a","resourceVersion":"1"}}""";

    [Fact]
    public async Task A_request_names_path_program_and_what_it_takes()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Answer(200, One));
        using KubeClient client = api.Client();

        KubeObject? got = await client.GetAsync(BuiltIn.Deployment, Key, CancellationToken.None);

        got!.Meta.ResourceVersion.ShouldBe("1");
        ScriptedApi.Asked asked = api.Requests.Single();
        asked.Url.ShouldBe("/apis/apps/v1/namespaces/team%20a/deployments/x");
        asked.UserAgent.ShouldBe("vmcp/0.1.0");
        asked.Accept.ShouldBe("application/json");
        asked.Authorization.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_carries_its_selection_and_its_page()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.Answer(200, $$"""{"metadata":{"resourceVersion":"9","continue":"more"},"items":[{{One}}]}"""));
        using KubeClient client = api.Client();

        ObjectPage page = await client.ListAsync(
            BuiltIn.Secret,
            new ListOptions { LabelSelector = "a in (b,c)", FieldSelector = "metadata.name!=y", Limit = 2, Continue = "t/1", MetadataOnly = true },
            CancellationToken.None);

        page.Continue.ShouldBe("more");
        page.ResourceVersion.ShouldBe("9");
        page.Items.Single().Key.ShouldBe(Key);
        ScriptedApi.Asked asked = api.Requests.Single();
        asked.Url.ShouldBe("/api/v1/secrets?labelSelector=a%20in%20%28b%2Cc%29&fieldSelector=metadata.name%21%3Dy&limit=2&continue=t%2F1");
        asked.Accept.ShouldBe("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    }

    [Fact]
    public async Task Writes_name_verb_content_manager_and_subresource()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Answer(200, One));
        using KubeClient client = api.Client();
        WriteOptions options = new() { FieldManager = "vmcp", DryRun = true };
        JsonObject body = JsonNode.Parse(One)!.AsObject();

        await client.CreateAsync(BuiltIn.ConfigMap, body, options, CancellationToken.None);
        await client.ReplaceAsync(BuiltIn.ConfigMap, body, options with { Subresource = "status" }, CancellationToken.None);
        await client.PatchAsync(BuiltIn.ConfigMap, Key, new Patch.Apply(body), options, CancellationToken.None);
        await client.PatchAsync(BuiltIn.ConfigMap, Key, new Patch.Merge([]), WriteOptions.Default, CancellationToken.None);
        await client.PatchAsync(BuiltIn.ConfigMap, Key, new Patch.Json([]), WriteOptions.Default, CancellationToken.None);
        await client.DeleteAsync(BuiltIn.ConfigMap, Key, new DeleteOptions { Uid = "u", ResourceVersion = "7" }, CancellationToken.None);

        api.Requests.Select(r => $"{r.Method} {r.Url} {r.ContentType}").ShouldBe(
        [
            "POST /api/v1/namespaces/team%20a/configmaps?fieldManager=vmcp&dryRun=All application/json",
            "PUT /api/v1/namespaces/team%20a/configmaps/x/status?fieldManager=vmcp&dryRun=All application/json",
            "PATCH /api/v1/namespaces/team%20a/configmaps/x?fieldManager=vmcp&force=true&dryRun=All application/apply-patch+yaml",
            "PATCH /api/v1/namespaces/team%20a/configmaps/x application/merge-patch+json",
            "PATCH /api/v1/namespaces/team%20a/configmaps/x application/json-patch+json",
            "DELETE /api/v1/namespaces/team%20a/configmaps/x application/json",
        ]);
        JsonNode.Parse(api.Requests[^1].Body)!["preconditions"]!.ToJsonString().ShouldBe("""{"uid":"u","resourceVersion":"7"}""");
    }

    [Fact]
    public async Task A_watch_asks_for_bookmarks_and_an_end()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Watch(
            ScriptedApi.Event("ADDED", "x", "8"), "\n", ScriptedApi.Event("MODIFIED", "x", "9"), ScriptedApi.Event("DELETED", "x", "10"),
            ScriptedApi.Event("BOOKMARK", "", "11")));
        using KubeClient client = api.Client();

        List<WatchEvent> events = await WatchAsync(client);

        events.Select(e => $"{e.Kind} {e.Object.Meta.ResourceVersion}").ShouldBe(["Added 8", "Modified 9", "Deleted 10", "Bookmark 11"]);
        string url = api.Requests.Single().Url;
        url.ShouldStartWith("/api/v1/namespaces/a/configmaps?watch=1&resourceVersion=7&allowWatchBookmarks=true&timeoutSeconds=");
        int.Parse(url.Split('=')[^1]).ShouldBeInRange(300, 450);
    }

    [Fact]
    public async Task An_event_split_over_many_packets_is_one()
    {
        string text = ScriptedApi.Event("ADDED", "x", "8") + ScriptedApi.Event("ADDED", "y", "9");
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Watch([.. text.Chunk(7).Select(c => new string(c))]));
        using KubeClient client = api.Client();

        (await WatchAsync(client)).Select(e => e.Object.Meta.Name).ShouldBe(["x", "y"]);
    }

    [Fact]
    public async Task A_delete_without_a_name_never_leaves_the_house()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Answer(200, "{}"));
        using KubeClient client = api.Client();

        foreach (ObjectKey key in (ObjectKey[])[new("a", ""), new("", "x")])
        {
            KubeException e = await Should.ThrowAsync<KubeException>(() => client.DeleteAsync(BuiltIn.ConfigMap, key, DeleteOptions.Default, CancellationToken.None));
            e.Error.ShouldBe(KubeError.Invalid);
        }

        api.Requests.ShouldBeEmpty();
    }

    internal static async Task<List<WatchEvent>> WatchAsync(KubeClient client, List<WatchEvent>? into = null, CancellationToken cancellationToken = default)
    {
        List<WatchEvent> events = into ?? [];
        await foreach (WatchEvent e in client.WatchAsync(BuiltIn.ConfigMap, new WatchOptions { Namespace = "a", ResourceVersion = "7" }, cancellationToken))
        {
            lock (events)
                events.Add(e);
        }

        return events;
    }
}
