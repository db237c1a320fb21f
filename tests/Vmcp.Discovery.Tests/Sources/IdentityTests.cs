using System.Text;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Tests.Worlds;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>As whom backends are called: what wins is all there is, and who cannot be called as himself is not called.</summary>
public sealed class IdentityTests
{
    private static Task HubAsync(Cluster cluster, string outgoing) => cluster.ApplyAsync($$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: anonymous}
          outgoingAuth: {source: discovered, {{outgoing}} }
        """);

    private static string Ref(string config) => $"{{type: externalAuthConfigRef, externalAuthConfigRef: {{name: {config}}}}}";

    private static async Task KeyAsync(Cluster cluster, string name)
    {
        await cluster.SecretAsync(name, $"value-of-{name}");
        await cluster.AuthAsync(name, "X-Key");
    }

    private static Task ConfigAsync(Cluster cluster, string name, string spec) => cluster.ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPExternalAuthConfig, metadata: {{name: {name}}}, spec: {spec}}}");

    private static Task BytesAsync(Cluster cluster, string name, string key, byte[] value) => cluster.ApplyAsync(
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, data: {{{key}: '{Convert.ToBase64String(value)}'}}}}");

    [Fact]
    public async Task The_servers_word_for_a_backend_comes_before_its_own_before_the_default()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            foreach (string key in (string[])["shared", "own", "chosen"])
                await KeyAsync(c, key);
            await HubAsync(c, $"default: {Ref("shared")}, backends: {{both: {Ref("chosen")}, asks: {{type: discovered}}, mute: {{type: discovered}}}}");
            await c.ServerAsync("both", new Uri("http://both.demo/mcp"), "own");
            await c.ServerAsync("asks", new Uri("http://asks.demo/mcp"), "own");
            await c.ServerAsync("mute", new Uri("http://mute.demo/mcp"));
            await c.ServerAsync("owner", new Uri("http://owner.demo/mcp"), "own");
            await c.ServerAsync("plain", new Uri("http://plain.demo/mcp"));
        });

        foreach ((string name, string header, string source) in ((string, string, string)[])
            [
                ("both", "X-Key: value-of-chosen", "explicit"), ("asks", "X-Key: value-of-own", "workload"), ("mute", "unauthenticated", "explicit"),
                ("owner", "X-Key: value-of-own", "workload"), ("plain", "X-Key: value-of-shared", "default"),
            ])
        {
            Header.Of(world.Backend(name)).ShouldBe(header, name);
            world.Backend(name).AuthSource.ShouldBe(source, name);
            world.Source.FactsOf(name)!.AuthSource.ShouldBe(source, name);
        }
    }

    [Fact]
    [Trait("Scenario", "DISC-06")]
    public async Task A_broken_default_takes_away_exactly_who_would_use_it()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyAsync(c, "own");
            await HubAsync(c, $"default: {Ref("nowhere")}, backends: {{mute: {{type: discovered}}}}");
            await c.ServerAsync("mute", new Uri("http://mute.demo/mcp"));
            await c.ServerAsync("owner", new Uri("http://owner.demo/mcp"), "own");
            await c.ServerAsync("plain", new Uri("http://plain.demo/mcp"));
        });

        world.Served.ShouldBe("mute, owner");
        world.UnservedOne("plain").ShouldBe(new UnservedBackend("plain", "ConfigNotFound", "MCPExternalAuthConfig \"nowhere\" does not exist"));
    }

    [Fact]
    [Trait("Scenario", "DISC-06")]
    public async Task A_broken_own_credential_never_falls_back_to_the_default()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyAsync(c, "shared");
            await HubAsync(c, $"default: {Ref("shared")}");
            await c.AuthAsync("own", "X-Key");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "own");
        });

        world.Unserved.ShouldBe("beta: SecretNotFound");
        world.UnservedOne("beta").Message.ShouldContain("Secret \"own\" does not exist");

        await world.Cluster.SecretAsync("own", "mine");
        await world.ServedBecomesAsync("beta");
        Header.Of(world.Backend("beta")).ShouldBe("X-Key: mine");
    }

    [Theory]
    [InlineData("{type: tokenExchange, tokenExchange: {tokenUrl: 'https://idp.example.com/token', clientId: me, audience: you}}", "token_exchange", "CallerIdentityRequired")]
    [InlineData("{type: upstreamInject, upstreamInject: {providerName: okta}}", "embedded authorization server", "UnsupportedType")]
    [InlineData("{type: obo}", "obo", "EnterpriseRequired")]
    [InlineData("{type: embeddedAuthServer, embeddedAuthServer: {}}", "embeddedAuthServer", "UnsupportedType")]
    [InlineData("{type: carrierPigeon}", "carrierPigeon", "UnsupportedType")]
    [InlineData("{type: headerInjection}", "headerInjection", "InvalidConfig")]
    [InlineData("{type: headerInjection, headerInjection: {headerName: Host, valueSecretRef: {name: shared, key: token}}}", "header", "InvalidConfig")]
    public async Task What_a_gateway_cannot_do_leaves_the_member_out_with_the_reason(string spec, string named, string reason)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyAsync(c, "shared");
            await HubAsync(c, $"default: {Ref("shared")}");
            await ConfigAsync(c, "odd", spec);
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "odd");
            await c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
        });

        world.Served.ShouldBe("alpha");
        world.UnservedOne("beta").Reason.ShouldBe(reason);
        world.UnservedOne("beta").Message.ShouldContain(named, Case.Insensitive);
    }

    [Fact]
    public async Task A_bearer_token_is_one_fixed_header_and_nothing_in_it_is_expanded()
    {
        const string Token = "a$(TOKEN)$$b$(PATH)c";
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await BytesAsync(c, "s1", "t", Encoding.UTF8.GetBytes(Token));
            await ConfigAsync(c, "bearer", "{type: bearerToken, bearerToken: {tokenSecretRef: {name: s1, key: t}}}");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "bearer");
        });

        Header.Of(world.Backend("beta")).ShouldBe($"Authorization: Bearer {Token}");
        world.Log.ShouldAllBe(l => !l.Contains("PATH", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("jam\n", "InvalidConfig", "a line break at its end, perhaps")]
    [InlineData("", "InvalidConfig", "empty")]
    [InlineData("a\r\nX-Evil: b", "InvalidConfig", "control characters")]
    [InlineData("\u00ff\u00fe", "SecretKeyMissing", "holds no text in UTF-8")]
    public async Task A_value_no_header_can_carry_leaves_the_member_out_and_is_not_repeated(string value, string reason, string said)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await BytesAsync(c, "key1", "token", Encoding.Latin1.GetBytes(value));
            await c.AuthAsync("key1", "X-Key");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        });

        world.Served.ShouldBeEmpty();
        world.UnservedOne("beta").ShouldSatisfyAllConditions(
            u => u.Reason.ShouldBe(reason), u => u.Message.ShouldContain(said), u => u.Message.ShouldNotContain("jam"), u => u.Message.ShouldNotContain("Evil"));

        await world.Cluster.SecretAsync("key1", "good");
        (await world.ServedBecomesAsync("beta")).ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_key_that_is_missing_is_told_with_those_that_are_there()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.ApplyAsync("{apiVersion: v1, kind: Secret, metadata: {name: key1}, data: {apiKey: c2VjcmV0, user: YWRtaW4=}}");
            await c.AuthAsync("key1", "X-Key");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        });

        world.UnservedOne("beta").ShouldBe(new UnservedBackend(
            "beta", "SecretKeyMissing", "MCPExternalAuthConfig \"key1\": Secret \"key1\" is missing key \"token\"; keys found: apiKey, user"));
    }

    [Fact]
    [Trait("Scenario", "LIVE-05")]
    public async Task Members_that_share_a_config_follow_it_and_others_stay_as_they_are()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyAsync(c, "key1");
            await KeyAsync(c, "key2");
            await c.ServerAsync("one", new Uri("http://one.demo/mcp"), "key1");
            await c.ProxyAsync("two", "http://two.demo/mcp", more: "externalAuthConfigRef: {name: key1}");
            await c.EntryAsync("three", "https://three.example.com/mcp", "externalAuthConfigRef: {name: key1}");
            await c.ServerAsync("other", new Uri("http://other.demo/mcp"), "key2");
        });
        Backend other = world.Backend("other");

        await world.Cluster.AuthAsync("key1", "X-New");

        await world.Time.UntilAsync(
            () => world.Source.Current.Backends.Backends.Count(b => Header.Of(b) == "X-New: value-of-key1") == 3, "all three follow");
        world.Backend("other").ShouldBe(other);
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task A_Secret_that_is_deleted_withdraws_who_needs_it_within_a_minute()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyAsync(c, "key1");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        });

        await world.Cluster.DeleteAsync(Kubernetes.Objects.BuiltIn.Secret, "key1");

        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        world.Unserved.ShouldBe("beta: SecretNotFound");
    }
}
