using Vmcp.Core.Backends;
using Vmcp.Gateway.Tests.Live;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Guards;

/// <summary>What an entry brings along: headers of its own, and whom to trust.</summary>
public sealed class StaticHeaderTests
{
    private const string Manifest =
        """{"addPlaintextHeaders":{"X-MCP-Mode":"ro"},"addHeadersFromSecret":{"X-API-Key":"HEADER_FORWARD_X_API_KEY_ALPHA"}}""";

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "HDR-03")]
    public async Task Headers_in_the_clear_and_from_a_secret_go_with_every_request(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, more: w =>
        {
            w.Env["TOOLHIVE_HEADER_FORWARD_ALPHA"] = Manifest;
            w.Env["TOOLHIVE_SECRET_HEADER_FORWARD_X_API_KEY_ALPHA"] = "s3cret-key";
        });
        await SeesBothAsync(world, revision);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "HDR-03")]
    public async Task Headers_of_a_discovered_entry_go_with_every_request(string revision)
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("nobody"));
        ScriptedBackend alpha = await world.StartAsideAsync("alpha");
        world.Source.Put(new Backend
        {
            Name = "alpha",
            Url = alpha.Url,
            IsEntry = true,
            StaticHeaders = EquatableMap.Create([KeyValuePair.Create("X-MCP-Mode", "ro"), KeyValuePair.Create("X-API-Key", "s3cret-key")]),
        });
        await world.AreListedAsync("alpha");
        await SeesBothAsync(world, revision);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "HDR-03")]
    public async Task An_entry_behind_TLS_is_reached_by_the_roots_of_its_file_and_by_no_others(string revision)
    {
        await using ScriptedBackend behind = await ScriptedBackend.StartAsync();
        await using TlsFront front = new(behind.Port);
        await using TlsFront stranger = new(behind.Port);
        string directory = Directory.CreateTempSubdirectory("vmcp-roots-").FullName;
        try
        {
            string roots = Path.Combine(directory, "ca.crt");
            await File.WriteAllTextAsync(roots, front.Pem);
            await using TestWorld world = await TestWorld.StartAsync(w => w
                .Elsewhere("alpha", front.Url, more: $"type: entry, caBundlePath: {roots}")
                .Elsewhere("other", stranger.Url, more: $"type: entry, caBundlePath: {roots}")
                .Elsewhere("bare", front.Url, more: "type: entry"));
            await world.AreListedAsync("alpha");
            Front client = await world.ConnectAsync(revision);
            (await client.EchoAsync("alpha_echo", "x")).ShouldBe("x");
            await world.HealthBecomesAsync("other", "unhealthy");
            await world.HealthBecomesAsync("bare", "unhealthy");
            (await client.ToolsAsync()).ShouldBe(["alpha_echo"]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task SeesBothAsync(TestWorld world, string revision)
    {
        Front client = await world.ConnectAsync(
            revision, headers: new Dictionary<string, string> { ["X-API-Key"] = "mine", ["x-mcp-mode"] = "rw" });
        (await client.EchoAsync("alpha_echo", "x")).ShouldBe("x");
        RecordedRequest[] requests = [.. world["alpha"].Requests];
        requests.Select(r => r.Method).ShouldContain("tools/list");
        requests.Select(r => r.Method).ShouldContain("tools/call");
        requests.ShouldAllBe(r => r.Header("X-MCP-Mode") == "ro" && r.Header("X-API-Key") == "s3cret-key");
        world.Logs.All.ShouldAllBe(l => !l.Contains("s3cret-key", StringComparison.Ordinal));
        using HttpResponseMessage status = await world.GetAsync("/status");
        (await status.Content.ReadAsStringAsync()).ShouldNotContain("s3cret-key");
    }
}
