using System.Net;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs.Verdicts;
using Vmcp.Core.Status;
using Vmcp.Gateway.Explaining;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Explaining;

/// <summary><c>/api/catalog</c>: what became of each tool, for those who may know.</summary>
public sealed class CatalogEndpointTests
{
    [Fact]
    public async Task Each_tool_of_each_backend_has_its_verdict()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("github", s => s.Tool("create").Tool("fork"))
            .Backend("jira", s => s.Tool("create").Tool("search").Tool("delete"))
            .Block("""
                aggregation:
                  conflictResolution: priority
                  conflictResolutionConfig: {priorityOrder: [github, jira]}
                  tools:
                    - workload: jira
                      filter: [create, find]
                      overrides: {search: {name: find}}
                """));

        JsonElement catalog = await world.GetJsonAsync("/api/catalog");

        catalog.GetProperty("mode").GetString().ShouldBe("inline");
        Verdicts(catalog, "github").ShouldBe(["create=visible as create", "fork=visible as fork"]);
        Verdicts(catalog, "jira").ShouldBe(["create=lost_conflict", "delete=filtered_out as delete", "search=visible as find"]);
        JsonElement create = Item(catalog, "jira", "create");
        create.GetProperty("lost_to").GetString().ShouldBe("github");
        create.GetProperty("reason").GetString()!.ShouldContain("priorityOrder");
        Item(catalog, "jira", "search").GetProperty("renamed_by").EnumerateArray().Select(w => w.GetString()).ShouldBe(["override"]);
        LegacyClient client = await world.LegacyAsync();
        (await client.ListToolNamesAsync()).ShouldBe(["create", "find", "fork"], ignoreOrder: true);
    }

    [Fact]
    public async Task Tools_of_a_dead_backend_are_there_with_its_health()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha"));
        await world["alpha"].StopAsync();
        await world.HealthBecomesAsync("alpha", "unhealthy");

        JsonElement catalog = await Eventually.ReadsAsync(
            () => world.GetJsonAsync("/api/catalog"), c => Verdicts(c, "alpha").SequenceEqual(["echo=backend_away as alpha_echo"]), "echo away");

        JsonElement alpha = catalog.GetProperty("backends")[0];
        alpha.GetProperty("health").GetString().ShouldBe("unhealthy");
        alpha.GetProperty("listed").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_tool_for_clients_that_can_be_asked_says_so()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").ToolWhen("sampling", "think")));

        JsonElement catalog = await Eventually.ReadsAsync(
            () => world.GetJsonAsync("/api/catalog"), c => Item(c, "alpha", "think").TryGetProperty("depends_on_client", out _), "the lists are known");

        Item(catalog, "alpha", "echo").TryGetProperty("depends_on_client", out _).ShouldBeFalse();
        Item(catalog, "alpha", "think").GetProperty("reason").GetString()!.ShouldContain("only to clients");
    }

    [Fact]
    public async Task A_change_of_the_rules_is_a_change_of_the_verdicts()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha"));
        Verdicts(await world.GetJsonAsync("/api/catalog"), "alpha").ShouldBe(["echo=visible as alpha_echo"]);

        await world.EditAndApplyAsync(w => w.Block("aggregation: {excludeAllTools: true}"));

        await Eventually.ReadsAsync(() => world.GetJsonAsync("/api/catalog"), c => Verdicts(c, "alpha").SequenceEqual(["echo=excluded as alpha_echo"]), "hidden");
    }

    [Fact]
    public async Task Whoever_asks_through_somebody_else_is_told_where_to_ask()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        foreach (string header in (string[])["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.Gateway.BaseUrl, "/api/catalog"));
            request.Headers.TryAddWithoutValidation(header, header == "Forwarded" ? "for=192.0.2.7" : "192.0.2.7");
            using HttpResponseMessage answer = await world.SendAsync(request);
            ((int)answer.StatusCode).ShouldBe(403, header);
            string body = await answer.Content.ReadAsStringAsync();
            body.ShouldContain("kubectl port-forward");
            body.ShouldNotContain("echo");
        }
    }

    [Fact]
    public async Task The_option_shows_it_to_everybody()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Options = o => o with { ShowCatalog = true };
        });
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.Gateway.BaseUrl, "/api/catalog"));
        request.Headers.Add("X-Forwarded-For", "192.0.2.7");
        using HttpResponseMessage answer = await world.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(200);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost:4483", true)]
    [InlineData("::1", "[::1]:4483", true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1:4483", true)]
    [InlineData("10.0.0.5", "localhost:4483", false)]
    [InlineData("::ffff:10.0.0.5", "localhost:4483", false)]
    [InlineData("127.0.0.1", "rebound.example:4483", false)]
    [InlineData(null, "localhost", false)]
    public void Near_is_this_machine_under_its_own_name(string? remote, string host, bool near)
    {
        DefaultHttpContext context = new();
        context.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        context.Request.Host = new HostString(host);
        CatalogEndpoint.IsNear(context).ShouldBe(near);
    }

    [Fact]
    public void Unserved_backends_are_listed_with_their_reason()
    {
        StatusReport report = new()
        {
            Name = "vmcp",
            Version = "1",
            GroupRef = "team",
            Mode = GatewayMode.Discovered,
            Source = new SourceState { Kind = "kubernetes", Synced = true },
            Unserved = [new UnservedBackend("jira", "SecretNotFound", "Secret \"jira-token\" does not exist")],
        };
        using JsonDocument catalog = JsonDocument.Parse(CatalogJson.Catalog(report, []));
        JsonElement jira = catalog.RootElement.GetProperty("unserved")[0];
        jira.GetProperty("reason").GetString().ShouldBe("SecretNotFound");
    }

    [Fact]
    public void A_catalog_that_is_too_long_says_what_it_leaves_out()
    {
        StatusReport report = new() { Name = "vmcp", Version = "1", GroupRef = "team", Backends = [new BackendReport { Name = "b" }] };
        ItemVerdict verdict = new() { Kind = Vmcp.Core.Capabilities.CapabilityKind.Tools, Backend = "b", OriginalName = "t", ExposedName = "t" };
        using JsonDocument catalog = JsonDocument.Parse(CatalogJson.Catalog(report, [.. Enumerable.Repeat(verdict, CatalogJson.MaxItems + 7)]));
        catalog.RootElement.GetProperty("items_left_out").GetInt32().ShouldBe(7);
        catalog.RootElement.GetProperty("backends")[0].GetProperty("items").GetArrayLength().ShouldBe(CatalogJson.MaxItems);
    }

    [Fact]
    public async Task Nothing_secret_is_in_it()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha", s => s.Tool("echo").Resource("https://user:hidden-word@files.example/x"));
            w.Env["ALPHA_TOKEN"] = "t0ken-value";
            w.Block("""
                outgoingAuth:
                  source: inline
                  backends:
                    alpha: {type: header_injection, headerInjection: {headerName: X-Hidden-Name, headerValueEnv: ALPHA_TOKEN}}
                """);
        });
        string text = (await world.GetJsonAsync("/api/catalog")).GetRawText();
        text.ShouldContain("\"resources\"");
        foreach (string secret in (string[])["http://", "127.0.0.1", "hidden-word", "files.example", "X-Hidden-Name", "t0ken-value", "ALPHA_TOKEN"])
            text.ShouldNotContain(secret, Case.Insensitive);
    }

    private static string[] Verdicts(JsonElement catalog, string backend) =>
    [
        .. Items(catalog, backend).Select(i =>
            $"{i.GetProperty("name").GetString()}={i.GetProperty("outcome").GetString()}"
            + (i.TryGetProperty("exposed_name", out JsonElement name) ? " as " + name.GetString() : "")),
    ];

    private static JsonElement Item(JsonElement catalog, string backend, string name) =>
        Items(catalog, backend).Single(i => i.GetProperty("name").GetString() == name);

    private static IEnumerable<JsonElement> Items(JsonElement catalog, string backend) => catalog.GetProperty("backends").EnumerateArray()
        .Single(b => b.GetProperty("name").GetString() == backend).GetProperty("items").EnumerateArray();
}
