using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>One who asks too much, or one service that answers too little, and all the others who must not notice.</summary>
[Trait("Threat", "8.9 Availability")]
public sealed class AvailabilityTests
{
    private const int Flood = 300;

    [Fact]
    public async Task A_flood_of_unknown_key_ids_asks_for_keys_once_and_keeps_nobody_out()
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync();
        LegacyClient ada = await identity.World.LegacyAsync(headers: IdentityWorld.As(identity.Token("ada")));
        int before = identity.Provider.Count(AuthKind.Keys);
        using HttpClient http = new();
        Task<int>[] flood = [.. Enumerable.Range(0, Flood).Select(i => KnockAsync(http, identity.World, Forged(identity, $"kid-{i}")))];
        for (int i = 0; i < 20; i++)
        {
            (await ada.CallToolAsync("plain_echo", $$"""{"input":"{{i}}"}""")).Text().ShouldBe($"{i}");
            (await KnockAsync(http, identity.World, identity.Token($"user{i}"))).ShouldBe(200, "new tokens come in too");
        }

        (await Task.WhenAll(flood)).ShouldAllBe(status => status == 401 || status == 503);
        (identity.Provider.Count(AuthKind.Keys) - before).ShouldBeLessThanOrEqualTo(1, "at most one refresh in a floor of half a minute");
        identity.Provider.Count(AuthKind.Introspection).ShouldBe(0);
    }

    [Fact]
    public async Task A_flood_of_one_bad_opaque_token_is_asked_about_once_or_twice()
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync(more: (w, i) => w.Incoming = i.NewDoor(o => o with
        {
            IntrospectionUrl = i.Provider.IntrospectionUrl,
            ClientId = "gateway",
            ClientSecret = new Core.Backends.Secret(IdentityWorld.ClientSecret),
        }));
        using HttpClient http = new();
        string good = identity.Provider.OpaqueToken("ada");
        (await KnockAsync(http, identity.World, good)).ShouldBe(200);
        int before = identity.Provider.Count(AuthKind.Introspection);
        using (identity.Provider.Hold(AuthKind.Introspection))
        {
            Task<int>[] flood = [.. Enumerable.Range(0, Flood).Select(_ => KnockAsync(http, identity.World, "opaque-nobody"))];
            await Eventually.BecomesAsync(() => identity.Provider.Count(AuthKind.Introspection) > before, "the question");
            (await KnockAsync(http, identity.World, good)).ShouldBe(200, "a known token needs no question");
            (identity.Provider.Count(AuthKind.Introspection) - before).ShouldBe(1);
        }

        await Eventually.BecomesAsync(async () => await KnockAsync(http, identity.World, "opaque-nobody") == 401, "refused");
        (identity.Provider.Count(AuthKind.Introspection) - before).ShouldBeLessThanOrEqualTo(2 + (Flood / 50), "one question and what came after its answer was forgotten");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_token_endpoint_that_hangs_costs_only_those_who_need_a_new_token_of_it(string revision)
    {
        // Else the handshake waits for what the backend lists to eve until her exchange is given up.
        await using IdentityWorld identity = await IdentityWorld.StartAsync(more: static (w, _) => w.Options = o => o with { ListPatience = TimeSpan.FromMilliseconds(200) });
        TestWorld world = identity.World;
        Front ada = await world.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token("ada")));
        await Eventually.BecomesAsync(async () => await ada.EchoAsync("exchange_echo", "first") == "first", "ada has a token");
        Front eve;
        Task<RpcAnswer> waits;
        using (identity.Provider.Hold())
        {
            eve = await world.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token("eve")));
            waits = eve.CallToolAsync("exchange_echo", """{"input":"late"}""");
            await Eventually.BecomesAsync(() => identity.Provider.InFlight > 0, "an exchange hangs");
            for (int i = 0; i < 10; i++)
            {
                (await ada.EchoAsync("exchange_echo", $"{i}")).ShouldBe($"{i}", "a kept token is used");
                (await ada.EchoAsync("plain_echo", $"{i}")).ShouldBe($"{i}");
                (await eve.EchoAsync("plain_echo", $"{i}")).ShouldBe($"{i}", "other backends of the same user");
                (await eve.EchoAsync("header_echo", $"{i}")).ShouldBe($"{i}");
            }

            (await eve.EchoAsync("aws_echo", "x")).ShouldBe("x", "another provider of credentials");
        }

        // What she got depends on when it was released; that she got an answer does not.
        (await waits).HttpStatus.ShouldBe(200);
        await Eventually.BecomesAsync(async () => await eve.EchoAsync("exchange_echo", "then") == "then", "it heals by itself");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_dead_provider_logs_nobody_out_and_one_dead_token_endpoint_costs_only_its_backends(string revision)
    {
        await using IdentityWorld identity = await IdentityWorld.StartAsync();
        TestWorld world = identity.World;
        Front ada = await world.ConnectAsync(revision, headers: IdentityWorld.As(identity.Token("ada")));
        foreach (string name in (string[])["exchange", "plain"])
            await Eventually.BecomesAsync(async () => await ada.EchoAsync($"{name}_echo", "1") == "1", name);
        string fresh = identity.Token("bob");
        await identity.Provider.StopAsync();
        (await ada.EchoAsync("plain_echo", "2")).ShouldBe("2");
        (await ada.EchoAsync("exchange_echo", "2")).ShouldBe("2", "its token is kept");
        Front bob = await world.ConnectAsync(revision, headers: IdentityWorld.As(fresh));
        (await bob.EchoAsync("plain_echo", "3")).ShouldBe("3", "the keys are known: who has a good token comes in");
        (await bob.EchoAsync("header_echo", "3")).ShouldBe("3");
        (await bob.CallToolAsync("exchange_echo", """{"input":"3"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        TestWorld.BackendOf(await world.StatusAsync(), "exchange").GetProperty("health").GetString().ShouldNotBe("unhealthy", "the backend is well, and was not asked");
        await identity.Provider.RestartAsync();
        await Eventually.BecomesAsync(async () => await bob.EchoAsync("exchange_echo", "4") == "4", "it heals by itself");
    }

    [Fact]
    public async Task A_flood_of_sessions_is_bounded_and_ends_nobodys_stream()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new NamedDoor();
            w.Options = o => o with { MaxSessions = 10 };
        });
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        ServerStream stream = await ada.OpenStreamAsync();
        using HttpClient http = new();
        int[] statuses = await Task.WhenAll(Enumerable.Range(0, Flood).Select(_ => KnockAsync(http, world, "eve.1")));
        statuses.ShouldAllBe(s => s == 200 || s == 503 || s == 429);
        world.Gateway.Sessions.Count.ShouldBeLessThanOrEqualTo(10);
        (await ada.CallToolAsync("alpha_echo", """{"input":"x"}""")).Text().ShouldBe("x");
        stream.HasEnded.ShouldBeFalse();
        world["alpha"].AddTool("new");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await stream.NextAsync("notifications/tools/list_changed");
    }

    [Fact]
    public async Task Large_bodies_at_once_are_answered_and_a_strangers_are_not_even_read()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha", s => s.Tool("length", call => Task.FromResult(Handlers.TextResult($"{call.Text("input").Length}"))));
            w.Incoming = new NamedDoor();
        });
        Front[] clients = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => world.ConnectAsync(i % 2 == 0 ? Eras.Latest : Eras.Modern, headers: NamedDoor.As($"user{i}.1"))));
        string large = new('x', 7 << 20);
        string[] lengths = await Task.WhenAll(clients.Select(async c => (await c.CallToolAsync("alpha_length", $$"""{"input":"{{large}}"}""")).Text()));
        lengths.ShouldAllBe(l => l == $"{large.Length}");

        // Eight megabytes are announced and none is sent: the answer is there all the same.
        RawAnswer stranger = await RawHttp.SendAsync(world.Url, RawHttp.Compose(
            "POST", "/mcp",
            ["Host: localhost", "Connection: close", "Content-Type: application/json", "Accept: application/json, text/event-stream", $"Content-Length: {8 << 20}"],
            "{"u8.ToArray()));
        stranger.Status.ShouldBe(401);
    }

    private static async Task<int> KnockAsync(HttpClient http, TestWorld world, string token)
    {
        const string Initialize =
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"w","version":"1"}}}""";
        using HttpRequestMessage request = new(HttpMethod.Post, world.Url) { Content = new StringContent(Initialize, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        using HttpResponseMessage response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    // Looks like a token of the provider in everything but key and signature.
    private static string Forged(IdentityWorld identity, string kid)
    {
        string[] parts = identity.Token("eve").Split('.');
        string header = Base64Url($$"""{"alg":"ES256","typ":"at+jwt","kid":"{{kid}}"}""");
        return $"{header}.{parts[1]}.{Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}";
    }

    private static string Base64Url(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
