using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Auth.Incoming;
using Vmcp.Cli.Terminals;
using Vmcp.Config.Reading;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Status;

public sealed class StatusCommandTests
{
    [Fact]
    public async Task The_table_has_a_line_per_backend()
    {
        using var nobody = FreePort.Reserve();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(b => b.Tool("one").Tool("two").Prompt("p").Resource("test://r"));
        await using GatewayServer gateway = await StartAsync($"""
            backends:
              - name: alive
                url: {backend.Url}
              - name: dead
                url: http://127.0.0.1:{nobody.Number}/mcp
            operational:
              failureHandling:
                healthCheckInterval: 1s
                unhealthyThreshold: 1
            """);

        // On a busy machine the first check of the living one may take longer than it may; the next one is a second later.
        Ran ran = await UntilAsync(gateway, r => r.ExitCode == 0 && r.Out.Contains("unhealthy", StringComparison.Ordinal));

        ran.ExitCode.ShouldBe(0, ran.Error);
        string[][] lines = Words(ran.Out);
        lines.ShouldContain(l => l.Length > 5 && l[0] == "BACKEND" && l.Contains("BREAKER") && l.Contains("REVISION") && l.Contains("CHECKED"));
        string[] alive = lines.Single(l => l is ["alive", ..]);
        alive[1..8].ShouldBe(["healthy", "closed", "2025-11-25", "2", "1", "0", "1"]);
        alive.ShouldContain("unauthenticated");
        string[] dead = lines.Single(l => l is ["dead", ..]);
        dead[1..4].ShouldBe(["unhealthy", "closed", "-"]);
        string.Join(' ', dead).ShouldContain("connection failed");
        ran.Out.ShouldContain($"vmcp at {gateway.McpUrl}");
        ran.Out.ShouldContain("mode inline");
    }

    [Fact]
    public async Task Conflicts_are_shown_with_winner_and_losers()
    {
        await using ScriptedBackend first = await ScriptedBackend.StartAsync(b => b.Tool("search"));
        await using ScriptedBackend second = await ScriptedBackend.StartAsync(b => b.Tool("search"));
        await using GatewayServer gateway = await StartAsync($$"""
            backends:
              - {name: a, url: "{{first.Url}}"}
              - {name: b, url: "{{second.Url}}"}
            aggregation:
              conflictResolution: priority
              conflictResolutionConfig: {priorityOrder: [b, a]}
            """);

        Ran ran = await UntilAsync(gateway, r => r.Out.Contains("name conflicts", StringComparison.Ordinal));

        ran.Out.ShouldContain("name conflicts: 1");
        ran.Out.ShouldContain("tools search goes to b, not to a");
    }

    [Fact]
    public async Task A_refused_edit_of_the_configuration_is_shown()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        string yaml = $"backends: [{{name: a, url: '{backend.Url}'}}]\n";
        string file = folder.Write("vmcp.yaml", yaml);
        await using GatewayServer gateway = await StartAsync(yaml, file);

        await File.WriteAllTextAsync(file, "backends: 7\n");

        Ran ran = await UntilAsync(gateway, r => r.Out.Contains("is not used", StringComparison.Ordinal));
        ran.Out.ShouldContain("backends");
        ran.ExitCode.ShouldBe(0, "the old configuration still works");
    }

    [Fact]
    public async Task Who_may_come_in_is_shown_and_what_is_wrong_with_the_provider()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        OidcOptions options = new() { Issuer = "https://idp.test", Audience = "vmcp", JwksFile = folder["keys.json"] };
        await using OidcAuth door = new(options, TimeProvider.System, NullLogger<OidcAuth>.Instance);
        await using GatewayServer open = await StartAsync($"backends: [{{name: a, url: '{backend.Url}'}}]");
        await using GatewayServer closed = await StartAsync($"backends: [{{name: a, url: '{backend.Url}'}}]", door: door);

        (await UntilAsync(open, r => r.Out.Contains("incoming", StringComparison.Ordinal))).Out.ShouldContain("incoming anonymous\n");
        Ran ran = await UntilAsync(closed, r => r.Out.Contains("jwksFile", StringComparison.Ordinal));

        ran.Out.ShouldContain("incoming oidc · keys none, confirmed never\n");
        ran.Out.ShouldContain("incoming: incomingAuth.oidc.jwksFile: the file cannot be read.");
    }

    [Fact]
    public async Task Json_holds_both_answers_unchanged()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using GatewayServer gateway = await StartAsync($"backends: [{{name: a, url: '{backend.Url}'}}]");

        Ran ran = await Eventually.ReadsAsync(
            () => Vmcp.RunAsync("status", gateway.BaseUrl.ToString(), "--json"), r => r.ExitCode == 0, "the backend was reached");

        using JsonDocument printed = JsonDocument.Parse(ran.Out);
        JsonElement status = printed.RootElement.GetProperty("status");
        status.GetProperty("healthy").GetBoolean().ShouldBeTrue();
        status.GetProperty("catalog").GetProperty("tools").GetInt32().ShouldBe(1);
        printed.RootElement.GetProperty("backends_health").GetProperty("backends").GetProperty("a").GetProperty("Status").GetString().ShouldBe("healthy");
    }

    [Fact]
    public async Task Without_a_usable_backend_the_exit_code_is_1_and_the_table_is_there()
    {
        using var nobody = FreePort.Reserve();
        await using GatewayServer gateway = await StartAsync($"backends: [{{name: dead, url: 'http://127.0.0.1:{nobody.Number}/mcp'}}]");

        Ran ran = await Vmcp.RunAsync("status", gateway.BaseUrl.ToString());

        ran.ExitCode.ShouldBe(1);
        ran.Error.ShouldBeEmpty();
        Words(ran.Out).ShouldContain(l => l.Length > 0 && l[0] == "dead");
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}")]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://127.0.0.1:{0}/mcp")]
    [InlineData("127.0.0.1:{0}")]
    [InlineData("localhost:{0}/mcp/")]
    public async Task The_address_may_be_written_as_people_have_it(string address)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using GatewayServer gateway = await StartAsync($"backends: [{{name: a, url: '{backend.Url}'}}]");

        await Eventually.ReadsAsync(
            () => Vmcp.RunAsync("status", string.Format(null, address, gateway.BaseUrl.Port)), r => r.ExitCode == 0, "the backend was reached");
    }

    [Fact]
    public async Task Nobody_there_is_an_error_that_says_what_to_do()
    {
        using var nobody = FreePort.Reserve();

        (await Vmcp.RunAsync("status", $"http://127.0.0.1:{nobody.Number}")).ShouldFailSaying($"127.0.0.1:{nobody.Number}", "does not answer", "vmcp serve");
    }

    [Fact]
    public async Task Another_server_is_an_error()
    {
        await using ScriptedBackend other = await ScriptedBackend.StartAsync();

        (await Vmcp.RunAsync("status", $"http://127.0.0.1:{other.Port}")).ShouldFailSaying("is a vmcp there?");
        (await Vmcp.RunAsync("status", "ftp://x")).ShouldFailSaying("is not the address of a gateway");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Colours_are_only_for_screens_that_want_them(bool colours)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using GatewayServer gateway = await StartAsync($"backends: [{{name: a, url: '{backend.Url}'}}]");
        Terminal terminal = Vmcp.NewTerminal() with { OutHasColours = colours };

        Ran ran = await Vmcp.RunAsync(terminal, "status", gateway.BaseUrl.ToString());

        ran.Out.Contains('\e').ShouldBe(colours);
    }

    private static async Task<GatewayServer> StartAsync(string yaml, string? file = null, OidcAuth? door = null)
    {
        LoadedConfig? config = LoadedConfig.Load(yaml, "vmcp.yaml", _ => null, 1, out ImmutableArray<ConfigProblem> problems);
        config.ShouldNotBeNull(string.Join('\n', problems));
        return await GatewayServer.StartAsync(
            new GatewayStart
            {
                Config = config,
                ConfigFile = file is null ? null : (file, yaml),
                Port = 0,
                Incoming = (IIncomingAuth?)door ?? OpenDoor.Anonymous,
            },
            CancellationToken.None);
    }

    private static Task<Ran> UntilAsync(GatewayServer gateway, Func<Ran, bool> accept) =>
        Eventually.ReadsAsync(() => Vmcp.RunAsync("status", gateway.BaseUrl.ToString()), accept, "the status shows it");

    private static string[][] Words(string text) => [.. text.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
