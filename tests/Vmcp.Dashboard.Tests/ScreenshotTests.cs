using Microsoft.Playwright;

using Vmcp.TestKit;

using static Microsoft.Playwright.Assertions;

namespace Vmcp.Dashboard.Tests;

/// <summary>Pictures for people to look at, in <c>artifacts/dashboard</c>: everything the page can show at once.</summary>
public sealed class ScreenshotTests(Browser browser)
{
    private const string Rules = """
        aggregation:
          conflictResolution: priority
          conflictResolutionConfig: {priorityOrder: [github, jira]}
          tools:
            - workload: github
              filter: [search, create_issue, list_pull_requests, merge]
            - workload: jira
              overrides: {add_comment: {name: comment_on_ticket}}
        outgoingAuth:
          source: inline
          backends:
            jira: {type: header_injection, headerInjection: {headerName: X-Api-Key, headerValue: not-shown}}
        """;

    [Fact]
    public async Task Light_dark_and_narrow()
    {
        using FreePort nobody = FreePort.Reserve();
        await using Served served = await Served.StartAsync(
            Rules,
            ("github", s => s.Tool("search").Tool("create_issue").Tool("list_pull_requests").Tool("merge").Tool("delete_repository")),
            ("jira", s =>
            {
                s.Era = BackendEra.Modern;
                s.Tool("search").Tool("create_ticket").Tool("add_comment").Resource("jira://boards/1");
            }
        ),
            ("old-wiki", s =>
            {
                s.Era = BackendEra.HttpSse;
                s.Tool("search").Tool("read_page");
            }
        ),
            ("build-farm", s => s.Tool("start_build").Tool("build_log")));
        await using LegacyClient first = await LegacyClient.ConnectAsync(served.Gateway.Endpoint);
        await using LegacyClient second = await LegacyClient.ConnectAsync(served.Gateway.Endpoint, "2025-06-18");
        await using ModernClient modern = new(served.Gateway.Endpoint);
        await using ListenStream listening = await modern.ListenAsync("""{"toolsListChanged":true}""");
        await served.AddDeadAsync("partner", $"http://127.0.0.1:{nobody.Number}/mcp");
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);
        await served["build-farm"].StopAsync();
        await Expect(viewer.Backend("build-farm")).ToContainTextAsync("unhealthy");
        await Expect(viewer.Backend("partner")).ToContainTextAsync("unhealthy");
        foreach ((string name, ColorScheme scheme, int width) in
            new[] { ("light", ColorScheme.Light, 1240), ("dark", ColorScheme.Dark, 1240), ("narrow", ColorScheme.Light, 360), ("narrow-dark", ColorScheme.Dark, 360) })
        {
            await using Viewer shot = await browser.OpenAsync(served.Dashboard, scheme, width, width == 360 ? 740 : 1000);
            await Expect(shot.Page.Locator("#link")).ToHaveTextAsync("live");
            await Expect(shot.Backend("build-farm")).ToContainTextAsync("unhealthy");
            byte[] picture = await shot.Page.ScreenshotAsync(new() { Path = Browser.Screenshot(name), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            picture.Length.ShouldBeGreaterThan(10_000);
        }

        await StatusAsync(served.Gateway.Endpoint);
    }

    /// <summary>The same gateway as <c>vmcp status</c> shows it in a terminal.</summary>
    private async Task StatusAsync(Uri endpoint)
    {
        string gateway = endpoint.GetLeftPart(UriPartial.Authority);
        string command = $"dotnet exec '{Path.Combine(AppContext.BaseDirectory, "vmcp.dll")}' status {gateway}";
        // `script` gives it a terminal; the exit code of a gateway with unhealthy backends is not the matter here.
        await using TestProcess terminal = TestProcess.Start(
            "script", ["-qec", $"stty cols 128; {command}", "/dev/null"], new Dictionary<string, string?> { ["TERM"] = "xterm-256color", ["NO_COLOR"] = null });
        await terminal.WaitForExitAsync();
        string output = string.Join('\n', terminal.Lines);
        output.ShouldContain("build-farm");
        output.ShouldContain("\e[", customMessage: "it is in colour");
        string page = Path.ChangeExtension(Browser.Screenshot("status"), "html");
        await File.WriteAllTextAsync(page, TerminalPicture.Html("vmcp status", output));
        await using Viewer shot = await browser.OpenAsync(new Uri(page));
        (await shot.Page.Locator("#terminal").ScreenshotAsync(new() { Path = Browser.Screenshot("status") })).Length.ShouldBeGreaterThan(10_000);
    }
}
