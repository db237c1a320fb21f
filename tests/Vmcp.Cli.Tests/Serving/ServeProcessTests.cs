using System.Text.Json;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Serving;

/// <summary>The real program: what it prints, how it stops, how it ends.</summary>
public sealed class ServeProcessTests
{
    [Fact]
    [Trait("Scenario", "CLI-02")]
    public async Task A_file_of_init_is_served_and_its_tool_is_listed()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        (await Vmcp.RunAsync("init", "--backend", $"alpha={backend.Url}", "-o", folder["vmcp.yaml"])).ExitCode.ShouldBe(0);
        (await Vmcp.RunAsync("validate", "--config", folder["vmcp.yaml"])).ExitCode.ShouldBe(0);
        int port = FreePort.Find();

        await using TestProcess vmcp = Vmcp.Start(folder["log"], "serve", "--config", folder["vmcp.yaml"], "--port", $"{port}");
        string line = await vmcp.WaitForLineAsync("serving");

        Vmcp.EndpointOf(line).ShouldBe(new Uri($"http://127.0.0.1:{port}/mcp"));
        await using LegacyClient client = await LegacyClient.ConnectAsync(Vmcp.EndpointOf(line));
        await Eventually.BecomesAsync(async () => await client.ListToolNamesAsync() is ["alpha_echo"], "the backend's tool is listed");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(15)]
    public async Task A_signal_stops_it_gracefully_with_exit_code_0(int signal)
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using TestProcess vmcp = Vmcp.Start(folder["log"], "serve", "--backend", $"notes={backend.Url}", "--port", "0");
        string line = await vmcp.WaitForLineAsync("serving");
        await using LegacyClient client = await LegacyClient.ConnectAsync(Vmcp.EndpointOf(line));
        await using ServerStream open = await client.OpenStreamAsync();

        await vmcp.SignalAsync(signal);

        (await vmcp.WaitForExitAsync()).ShouldBe(0, await File.ReadAllTextAsync(folder["log"]));
        vmcp.Lines.ShouldHaveSingleItem();
        (await File.ReadAllTextAsync(folder["log"])).ShouldContain("Stopped");
    }

    [Fact]
    public async Task The_start_is_one_line_with_endpoint_mode_backends_and_tools()
    {
        using var folder = new TempFolder();
        using var nobody = FreePort.Reserve();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(b => b.Tool("one").Tool("two"));

        // It does not wait long for backends: a busy machine may need several starts until one of them answered in time.
        await Eventually.ReadsAsync(
            async () =>
            {
                await using TestProcess vmcp = Vmcp.Start(
                    folder["log"], "serve", "--port", "0", "--backend", $"a={backend.Url}", "--backend", $"b=http://127.0.0.1:{nobody.Number}/mcp");
                string line = await vmcp.WaitForLineAsync("serving");
                line.ShouldMatch(@"^vmcp \d+\.\d+\.\d+ serving http://127\.0\.0\.1:\d+/mcp · mode inline · 2 backends \((1 healthy, 1|2) unknown\) · \d tools$");
                return line;
            },
            line => line.EndsWith(" · 2 backends (1 healthy, 1 unknown) · 2 tools", StringComparison.Ordinal),
            "the start says how many backends are healthy, and their tools",
            TimeSpan.FromMinutes(3));
    }

    [Theory]
    [InlineData(false, 403)]
    [InlineData(true, 200)]
    public async Task Another_name_in_the_Host_header_must_be_allowed(bool allowed, int status)
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        string[] more = allowed ? ["--allowed-host", "mcp.example"] : [];
        await using TestProcess vmcp = Vmcp.Start(folder["log"], ["serve", "--backend", $"notes={backend.Url}", "--port", "0", .. more]);
        Uri endpoint = Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving"));
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(endpoint, "/health"));
        request.Headers.Host = "mcp.example";

        using HttpResponseMessage response = await http.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData(null, 200)]
    [InlineData("off", 404)]
    public async Task The_dashboard_is_served_and_its_address_logged_unless_it_is_off(string? dashboard, int status)
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        string[] more = dashboard is null ? [] : ["--dashboard", dashboard];
        await using TestProcess vmcp = Vmcp.Start(folder["log"], ["serve", "--backend", $"notes={backend.Url}", "--port", "0", .. more]);
        Uri endpoint = Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving"));
        Uri page = new(endpoint, "/dashboard");
        using HttpClient http = new();

        using HttpResponseMessage response = await http.GetAsync(page);

        ((int)response.StatusCode).ShouldBe(status);
        await vmcp.SignalAsync(15);
        await vmcp.WaitForExitAsync();
        (await File.ReadAllTextAsync(folder["log"])).Contains(page.ToString(), StringComparison.Ordinal).ShouldBe(status == 200);
    }

    [Fact]
    public async Task An_edit_of_the_file_is_taken_over()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend first = await ScriptedBackend.StartAsync();
        await using ScriptedBackend second = await ScriptedBackend.StartAsync();
        string file = folder.Write("vmcp.yaml", $"backends: [{{name: a, url: '{first.Url}'}}]");
        await using TestProcess vmcp = Vmcp.Start(folder["log"], "serve", "-c", file, "--port", "0");
        await using LegacyClient client = await LegacyClient.ConnectAsync(Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving")));

        await File.WriteAllTextAsync(file, $"backends: [{{name: b, url: '{second.Url}'}}]");

        await Eventually.BecomesAsync(async () => await client.ListToolNamesAsync() is ["b_echo"], "the new backend's tool is listed");
    }

    [Fact]
    public async Task The_log_can_be_json()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using TestProcess vmcp = Vmcp.Start(
            folder["log"], "serve", "--backend", $"notes={backend.Url}", "--port", "0", "--log-format", "json", "--debug");
        await vmcp.WaitForLineAsync("serving");
        await vmcp.SignalAsync(15);
        await vmcp.WaitForExitAsync();

        string[] lines = await File.ReadAllLinesAsync(folder["log"]);

        lines.Length.ShouldBeGreaterThan(1);
        foreach (string line in lines)
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            entry.RootElement.GetProperty("LogLevel").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task A_taken_port_is_named_with_the_remedy()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend other = await ScriptedBackend.StartAsync();

        await using TestProcess vmcp = Vmcp.Start(folder["log"], "serve", "--backend", $"notes={other.Url}", "--port", $"{other.Port}");

        (await vmcp.WaitForExitAsync()).ShouldBe(1);
        vmcp.Lines.ShouldBeEmpty();
        string log = await File.ReadAllTextAsync(folder["log"]);
        log.ShouldContain($"port {other.Port} on 127.0.0.1 is already in use");
        log.ShouldContain("--port");
        log.ShouldNotContain(" at Vmcp.", customMessage: "no stack trace for an everyday mistake");
    }

    [Fact]
    public async Task A_signal_while_it_starts_ends_it_too()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = Behaviour.Hang;
        await using TestProcess vmcp = Vmcp.Start(folder["log"], "serve", "--backend", $"notes={backend.Url}", "--port", "0");
        await Eventually.BecomesAsync(() => backend.Requests.Count > 0, "the backend is asked");

        await vmcp.SignalAsync(15);

        (await vmcp.WaitForExitAsync()).ShouldBe(0, await File.ReadAllTextAsync(folder["log"]));
    }
}
