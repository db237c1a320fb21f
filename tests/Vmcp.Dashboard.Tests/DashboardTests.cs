using Microsoft.Playwright;

using Vmcp.TestKit;

using static Microsoft.Playwright.Assertions;

namespace Vmcp.Dashboard.Tests;

/// <summary>The page in a real browser, over the real program.</summary>
public sealed class DashboardTests(Browser browser)
{
    [Fact]
    public async Task A_backends_death_and_return_show_without_a_reload()
    {
        await using Served served = await Served.StartAsync("", ("alpha", s => s.Tool("echo")), ("beta", s => s.Tool("search")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);
        await Expect(viewer.Backend("beta")).ToContainTextAsync("healthy");
        await viewer.MarkAsync();

        await served["beta"].StopAsync();

        await Expect(viewer.Backend("beta")).ToContainTextAsync("unhealthy");
        await Expect(viewer.Backend("beta")).ToContainTextAsync("in a row");
        await Expect(viewer.Headline).ToContainTextAsync("1 of 2 backends healthy; not served: beta");
        await Expect(viewer.Rows("Last changes").Filter(new() { HasText = "degraded" }).First).ToContainTextAsync("beta");
        await Expect(viewer.Tool("beta_search")).ToContainTextAsync("backend away");
        await Expect(viewer.Backend("alpha")).Not.ToContainTextAsync("unhealthy");
        await served["beta"].RestartAsync();
        await Expect(viewer.Headline).ToContainTextAsync("All 2 backends are healthy");
        await Expect(viewer.Tool("beta_search")).ToContainTextAsync("visible");
        await viewer.WasNotReloadedAsync();
    }

    [Fact]
    public async Task A_tool_that_is_dropped_in_and_a_backend_that_is_edited_in_appear()
    {
        await using Served served = await Served.StartAsync("", ("alpha", s => s.Tool("echo")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);
        await Expect(viewer.Tool("alpha_echo")).ToContainTextAsync("visible");
        await viewer.MarkAsync();

        served["alpha"].AddTool("fresh");
        await Eventually.BecomesAsync(async () => await served["alpha"].NotifyListChangedAsync(ItemKind.Tools) > 0, "the gateway listens");
        await served.AddAsync("gamma", s => s.Tool("sing"));

        await Expect(viewer.Tool("alpha_fresh")).ToContainTextAsync("visible");
        await Expect(viewer.Tool("gamma_sing")).ToContainTextAsync("visible");
        await Expect(viewer.Backend("gamma")).ToContainTextAsync("healthy");
        await Expect(viewer.Rows("Last changes").Filter(new() { HasText = "tools added: fresh" })).ToHaveCountAsync(1);
        await viewer.WasNotReloadedAsync();
    }

    [Fact]
    public async Task Hidden_tools_say_why_and_can_be_found()
    {
        const string Rules = """
            aggregation:
              conflictResolution: priority
              conflictResolutionConfig: {priorityOrder: [alpha]}
              tools: [{workload: beta, filter: [search, list]}]
            """;
        await using Served served = await Served.StartAsync(
            Rules, ("alpha", s => s.Tool("search").Tool("open")), ("beta", s => s.Tool("search").Tool("list").Tool("drop_table")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);

        await Expect(viewer.Tool("drop_table")).ToContainTextAsync("The filter in the aggregation.tools entry of \"beta\" does not name \"drop_table\".");
        await Expect(viewer.Rows("Conflicts").Filter(new() { HasText = "search" })).ToContainTextAsync("alpha");
        ILocator tools = viewer.Page.Locator("table.tools tbody tr:not(.group)");
        await Expect(tools).ToHaveCountAsync(5);
        await viewer.Page.GetByLabel("Show").SelectOptionAsync("filtered out");
        await Expect(tools).ToHaveCountAsync(1);
        await viewer.Page.GetByLabel("Show").SelectOptionAsync("all");
        await viewer.Page.GetByLabel("Find").FillAsync("SEAR");
        await Expect(tools).ToHaveCountAsync(2);
        await Expect(viewer.Page.GetByRole(AriaRole.Heading, new() { NameString = "Tools by backend 2 of 5" })).ToBeVisibleAsync();
        await viewer.Page.GetByLabel("Find").FillAsync("nothing of this kind");
        await Expect(viewer.Page.GetByText("No tool fits.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Rows_that_look_alike_do_not_pile_up()
    {
        await using Served served = await Served.StartAsync("", ("alpha", s => s.Tool("echo")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);
        await Expect(viewer.Backend("alpha")).ToBeVisibleAsync();

        // Two edits of a backend within a second, or a name that two backends list twice each.
        string rows = await viewer.Page.EvaluateAsync<string>("""
            () => {
              const rows = make("tbody"), row = change => make("tr", { text: change });
              for (const changes of [["a", "a"], ["a", "a"], ["b", "a", "a"], ["a", "b", "a", "a"], ["a", "a"]])
                fill(rows, changes, change => change, row);
              return [...rows.children].map(shown => shown.textContent).join();
            }
            """);

        rows.ShouldBe("a,a");
    }

    [Fact]
    public async Task Hostile_names_are_shown_as_what_they_are_text()
    {
        string[] names = ["<img src=x onerror=\"window.broken=1\">", "</script><script>window.broken=1</script>", "<b>bold</b>&amp;", "‮txt.exe"];
        await using Served served = await Served.StartAsync("aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [alpha]}}\n", ("alpha", s =>
        {
            foreach (string name in names)
                s.Tool(name);
        }
        ));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);

        foreach (string name in names)
            await Expect(viewer.Page.Locator("table.tools bdi").GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
        (await viewer.Page.Locator("img, b:not(.notices b), main script").CountAsync()).ShouldBe(0);
        (await viewer.Page.EvaluateAsync<bool>("() => 'broken' in window")).ShouldBeFalse();
        string refused = await viewer.Page.EvaluateAsync<string>("() => { try { document.body.innerHTML = '<i>x</i>'; return 'taken'; } catch (e) { return e.name; } }");
        refused.ShouldBe("TypeError", "a text cannot become markup, not even by a slip of the page itself");
        viewer.Forgive("Trusted Type");
        viewer.Forgive("TrustedHTML");
    }

    [Fact]
    public async Task A_lost_connection_is_said_and_comes_back_by_itself()
    {
        await using Served served = await Served.StartAsync("", ("alpha", s => s.Tool("echo")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard);
        ILocator link = viewer.Page.GetByRole(AriaRole.Status);
        await Expect(link).ToHaveTextAsync("live");
        await viewer.MarkAsync();
        viewer.Forgive("net::ERR_");

        await served.Gateway.StopAsync();

        await Expect(link).ToContainTextAsync("this is how it was at");
        await Expect(viewer.Backend("alpha")).ToBeVisibleAsync();
        await served.Gateway.StartAsync();
        await Expect(link).ToHaveTextAsync("live");
        await viewer.WasNotReloadedAsync();
    }
}
