using Vmcp.Core.Backends;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>Which objects become backends, and what of them.</summary>
public sealed class KindsTests
{
    [Fact]
    [Trait("Scenario", "DISC-04")]
    public async Task Three_kinds_become_backends()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ServerAsync("alpha", new Uri("http://mcp-alpha-proxy.demo.svc.cluster.local:8080/mcp#alpha"));
            await c.ProxyAsync("proxied", "http://mcp-proxied.demo.svc.cluster.local:8080/mcp");
            await c.EntryAsync("remote", "https://remote.example.com/mcp");
        });

        world.Served.ShouldBe("alpha, proxied, remote");
        world.Unserved.ShouldBeEmpty();
        (Backend alpha, Backend proxied, Backend remote) = (world.Backend("alpha"), world.Backend("proxied"), world.Backend("remote"));
        alpha.Url.AbsoluteUri.ShouldBe("http://mcp-alpha-proxy.demo.svc.cluster.local:8080/mcp");
        Metadata(alpha).ShouldBe("group=team, namespace=demo, tool_type=mcp, workload_type=mcp_server");
        Metadata(proxied).ShouldBe("group=team, namespace=demo, remote_url=https://remote.example.com/proxied, tool_type=mcp, workload_type=remote_proxy");
        Metadata(remote).ShouldBe("group=team, namespace=demo, remote_url=https://remote.example.com/mcp, tool_type=mcp, workload_type=server_entry");
        (alpha.IsEntry, proxied.IsEntry, remote.IsEntry).ShouldBe((false, false, true));
        remote.Url.ShouldBe(new Uri("https://remote.example.com/mcp"));
    }

    [Theory]
    [InlineData("stdio", "", BackendTransport.StreamableHttp)]
    [InlineData("stdio", "proxyMode: streamable-http", BackendTransport.StreamableHttp)]
    [InlineData("stdio", "proxyMode: sse", BackendTransport.Sse)]
    [InlineData("sse", "proxyMode: streamable-http", BackendTransport.Sse)]
    [InlineData("streamable-http", "proxyMode: sse", BackendTransport.StreamableHttp)]
    public async Task A_server_is_spoken_to_as_its_proxy_offers(string transport, string more, BackendTransport expected)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.ApplyAsync($$"""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServer
            metadata: {name: alpha}
            spec:
              image: i
              transport: {{transport}}
              groupRef: {name: team}
              {{more}}
            status: {phase: Ready, url: "http://alpha.demo/sse"}
            """));

        world.Backend("alpha").Transport.ShouldBe(expected);
    }

    [Fact]
    public async Task Proxies_and_entries_may_speak_sse_and_nothing_unknown()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ProxyAsync("proxied", "http://proxied.demo/sse", "sse");
            await c.EntryAsync("remote", "https://remote.example.com/sse", transport: "sse");
            await c.EntryAsync("odd", "https://odd.example.com/mcp", transport: "carrier-pigeon");
        });

        world.Backend("proxied").Transport.ShouldBe(BackendTransport.Sse);
        world.Backend("remote").Transport.ShouldBe(BackendTransport.Sse);
        world.UnservedOne("odd").ShouldBe(new UnservedBackend(
            "odd", "NoTransport", "MCPServerEntry/odd: \"carrier-pigeon\" is no transport a gateway speaks; use streamable-http or sse"));
    }

    [Fact]
    [Trait("Scenario", "DISC-05")]
    public async Task Only_members_of_the_same_namespace_and_group_count()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
            await c.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"), group: "other");
            await c.ApplyAsync("""
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: MCPServer
                metadata: {name: delta, namespace: demo2}
                spec: {image: i, transport: streamable-http, groupRef: {name: team}}
                status: {phase: Ready, url: "http://delta.demo2/mcp"}
                ---
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: MCPServer
                metadata: {name: loner}
                spec: {image: i, transport: streamable-http}
                status: {phase: Ready, url: "http://loner.demo/mcp"}
                """);
        });

        world.Served.ShouldBe("alpha");
        world.Unserved.ShouldBeEmpty();
        world.Cluster.Api.Requests.ShouldAllBe(r => r.IsWrite || r.Key.Namespace == Cluster.Namespace);
    }

    [Fact]
    [Trait("Scenario", "LIVE-07")]
    public async Task Entries_come_change_and_go()
    {
        await using SourceWorld world = await SourceWorld.StartAsync();
        await world.Cluster.EntryAsync("ctx", "https://one.example.com/mcp");
        await world.Cluster.EntryAsync("not-ours", "https://one.example.com/mcp", group: "other");
        await world.ServedBecomesAsync("ctx");

        await world.Cluster.EntryAsync("ctx", "https://two.example.com/mcp");
        await world.Time.UntilAsync(() => world.Backend("ctx").Url.Host == "two.example.com", "the edit is taken");

        await world.Cluster.DeleteAsync(ToolHive.MCPServerEntry, "ctx");
        await world.ServedBecomesAsync();
    }

    [Fact]
    [Trait("Scenario", "LIVE-03")]
    public async Task A_member_that_moves_leaves_one_gateway_and_reaches_the_other()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"), group: "other"));
        world.Served.ShouldBeEmpty();
        long version = world.Source.Current.Backends.Version;

        await world.Cluster.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
        await world.ServedBecomesAsync("alpha");
        world.Source.Current.Backends.Version.ShouldBeGreaterThan(version);
    }

    [Fact]
    [Trait("Scenario", "LIVE-04")]
    public async Task A_new_address_or_transport_is_an_edit_of_the_same_backend()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.ProxyAsync("alpha", "http://one.demo/mcp"));

        await world.Cluster.ProxyAsync("alpha", "http://two.demo/sse", "sse");

        await world.Time.UntilAsync(
            () => world.Source.Current.Backends.Backends is [{ Name: "alpha", Transport: BackendTransport.Sse, Url.Host: "two.demo" }], "the edit is taken");
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("0x7f.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("kubernetes.default.svc", true)]
    [InlineData("10.0.0.7", false)]
    public async Task An_entry_never_reaches_into_the_cluster_whatever_its_phase_says(string host, bool allowPrivate)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(
            c => c.EntryAsync("evil", $"http://{host}/mcp", $"allowPrivateEndpoint: {(allowPrivate ? "true" : "false")}"));

        world.Served.ShouldBeEmpty();
        world.Unserved.ShouldBe("evil: EntryNotValid");

        // And not for a moment by way of an edit of one that was good.
        await world.Cluster.EntryAsync("good", "https://good.example.com/mcp");
        await world.ServedBecomesAsync("good");
        List<string> hosts = [];
        world.Source.Changed += () => hosts.AddRange(world.Source.Current.Backends.Backends.Select(b => b.Url.Host));
        await world.Cluster.EntryAsync("good", $"http://{host}/mcp", $"allowPrivateEndpoint: {(allowPrivate ? "true" : "false")}");
        await world.ServedBecomesAsync();
        hosts.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_allowed_private_address_is_served_until_it_is_allowed_no_more()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.EntryAsync("inner", "http://10.0.0.7/mcp", "allowPrivateEndpoint: true"));
        world.Served.ShouldBe("inner");

        await world.Cluster.EntryAsync("inner", "http://10.0.0.7/mcp", "allowPrivateEndpoint: false", phase: "Pending");

        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_address_that_is_none_or_holds_a_password_is_not_served_and_not_repeated()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ProxyAsync("garbage", "not a url");
            await c.ProxyAsync("ftp", "ftp://files.demo/mcp");
            await c.ProxyAsync("user", "http://admin:hunter2@user.demo/mcp");
            await c.EntryAsync("entry", "https://admin:hunter2@entry.example.com/mcp");
            await c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
        });

        world.Served.ShouldBe("alpha");
        world.Source.Current.Unserved.Select(u => u.Name).ShouldBe(["entry", "ftp", "garbage", "user"]);
        string said = string.Join('\n', [.. world.Log, .. world.Source.Current.Unserved.Select(u => u.Message)]);
        said.ShouldNotContain("hunter2");
        world.Source.FactsOf("user")?.Url.ShouldBeNull();
    }

    [Fact]
    public async Task An_update_that_changes_nothing_of_a_backend_tells_nobody()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
            await c.EntryAsync("remote", "https://remote.example.com/mcp");
        });
        (int changes, SourcePicture before) = (world.Changes, world.Source.Current);
        for (int i = 0; i < 10; i++)
        {
            await world.Cluster.ApplyAsync($$"""
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: MCPServer
                metadata: {name: alpha, labels: {turn: "{{i}}"}, annotations: {unrelated: "{{i}}"} }
                spec: {image: "example.com/alpha:{{i}}", transport: streamable-http, groupRef: {name: team}, replicas: {{i}} }
                status: {phase: {{(i % 2 == 0 ? "Pending" : "Ready")}}, url: "http://alpha.demo/mcp", readyReplicas: {{i}} }
                """);
            await world.Time.PassAsync(TimeSpan.FromSeconds(1));
        }

        world.Changes.ShouldBe(changes);
        world.Source.Current.Backends.Version.ShouldBe(before.Backends.Version);
        world.Source.Current.Backends.Backends.ShouldBe(before.Backends.Backends);
    }

    [Fact]
    [Trait("Scenario", "NEW-LIVE-04")]
    public async Task Of_three_kinds_with_one_name_the_first_keeps_it_even_while_it_cannot_be_served()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.EntryAsync("dup", "https://dup.example.com/mcp");
            await c.ProxyAsync("dup", "http://proxy.demo/mcp");
            await c.ServerAsync("dup", null);
        });
        world.Served.ShouldBeEmpty();
        world.Unserved.ShouldBe("MCPRemoteProxy/dup: NameTaken, MCPServerEntry/dup: NameTaken, dup: NoUrl");

        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "dup");
        await world.ServedBecomesAsync("dup");
        world.Backend("dup").Url.Host.ShouldBe("proxy.demo");
        world.Unserved.ShouldBe("MCPServerEntry/dup: NameTaken");

        await world.Cluster.DeleteAsync(ToolHive.MCPRemoteProxy, "dup");
        await world.Time.UntilAsync(() => world.Source.Current.Backends.Backends is [{ IsEntry: true }], "the entry takes over");
        world.Unserved.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_object_that_does_not_fit_its_kind_costs_nobody_else_anything()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"));
            await c.ApplyAsync("""
                {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: odd}, spec: {image: i, groupRef: team, transport: [hunter2]}}
                ---
                {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPExternalAuthConfig, metadata: {name: odd}, spec: {type: {is: hunter2}}}
                ---
                {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServerEntry, metadata: {name: odd}, spec: {remoteUrl: 7, headerForward: [hunter2]}}
                """);
        });
        world.Served.ShouldBe("alpha, beta");

        // One that was good keeps what it had.
        await world.Cluster.ApplyAsync("{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: beta}, spec: {image: i, groupRef: {name: team}, transport: {hunter2: x}}}");
        await world.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"), "odd");
        await world.Time.UntilAsync(() => world.Unserved == "gamma: ConfigNotFound", "gamma names what cannot be read");
        world.Served.ShouldBe("alpha, beta");
        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "beta");
        await world.ServedBecomesAsync("alpha");
        world.Log.ShouldAllBe(l => !l.Contains("hunter2", StringComparison.Ordinal));
    }

    private static string Metadata(Backend backend) => string.Join(", ", backend.Metadata.Select(m => $"{m.Key}={m.Value}"));
}
