using Vmcp.TestKit;

using static Microsoft.Playwright.Assertions;

namespace Vmcp.Dashboard.Tests;

/// <summary>The page in a real browser, over the real program.</summary>
public sealed class DashboardTests(Browser browser)
{
    static DashboardTests() => SetDefaultExpectTimeout((float)Eventually.DefaultLimit.TotalMilliseconds);

    [Fact]
    public async Task A_backends_death_and_return_show_without_a_reload()
    {
        await using Served served = await Served.StartAsync("", ("alpha", s => s.Tool("echo")), ("beta", s => s.Tool("search")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);
        await Expect(viewer.Backend("beta")).ToContainTextAsync("healthy");
        await viewer.Page.EvaluateAsync("() => window.opened = 'once'");

        await served["beta"].StopAsync();

        await Expect(viewer.Backend("beta")).ToContainTextAsync("unhealthy");
        await Expect(viewer.Backend("beta")).ToContainTextAsync("in a row");
        await Expect(viewer.Page.Locator("#headline")).ToContainTextAsync("1 of 2 backends healthy; not served: beta");
        await Expect(viewer.Rows("Last changes").Filter(new() { HasText = "degraded" }).First).ToContainTextAsync("unhealthy after 2 failed checks in a row");
        await Expect(viewer.Backend("alpha")).Not.ToContainTextAsync("unhealthy");
        await served["beta"].RestartAsync();
        await Expect(viewer.Page.Locator("#headline")).ToContainTextAsync("All 2 backends are healthy");
        (await viewer.Page.EvaluateAsync<string>("() => window.opened")).ShouldBe("once");
    }
}
