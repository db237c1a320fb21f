using Microsoft.Playwright;

using Vmcp.TestKit;

using static Microsoft.Playwright.Assertions;

namespace Vmcp.Dashboard.Tests;

/// <summary>Readable in light and dark, on a phone, and by those who listen.</summary>
public sealed class LookTests(Browser browser)
{
    /// <summary>Each visible text with a contrast below 4.5 : 1 (WCAG 2.2, AA) against what is behind it.</summary>
    private const string FaintTexts = """
        () => {
          const channels = color => (color.match(/[\d.]+/g) ?? []).map(Number);
          const part = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
          const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
          const behind = element => {
            for (; element; element = element.parentElement) {
              const color = channels(getComputedStyle(element).backgroundColor);
              if (color.length === 3 || color[3] === 1)
                return color;
            }
            return [255, 255, 255];
          };
          const faint = [];
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const element = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style, noscript, title"))
              continue;
            const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
            if ((a + .05) / (b + .05) < 4.5)
              faint.push(`${texts.currentNode.data.trim()}: ${((a + .05) / (b + .05)).toFixed(2)}`);
          }
          return faint;
        }
        """;

    [Fact]
    public async Task Every_text_has_contrast_in_light_and_dark()
    {
        using FreePort nobody = FreePort.Reserve();
        await using Served served = await Served.StartAsync(
            "aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [alpha]}}\n",
            ("alpha", s => s.Tool("search")), ("beta", s => s.Tool("search")));
        await served.AddDeadAsync("gone", $"http://127.0.0.1:{nobody.Number}/mcp");
        List<string> backgrounds = [];
        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using Viewer viewer = await browser.OpenAsync(served.Dashboard, scheme);
            await Expect(viewer.Backend("gone")).ToContainTextAsync("unhealthy");
            await Expect(viewer.Rows("Conflicts")).ToHaveCountAsync(2);
            (await viewer.Page.EvaluateAsync<string[]>(FaintTexts)).ShouldBeEmpty(scheme.ToString());
            backgrounds.Add(await viewer.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
        }

        backgrounds[0].ShouldNotBe(backgrounds[1]);
    }

    [Theory]
    [InlineData(360)]
    [InlineData(768)]
    [InlineData(881)]
    [InlineData(1240)]
    public async Task Nothing_is_cut_off_and_tables_stay_tables(int width)
    {
        string longName = "a_tool_with_a_very_long_name_" + new string('x', 30);
        await using Served served = await Served.StartAsync("", ("a-backend-with-quite-a-long-name", s => s.Tool(longName).Tool("search").Prompt("ask")));
        await using Viewer viewer = await browser.OpenAsync(served.Dashboard, width: width, height: 740);
        await Expect(viewer.Backend("a-backend-with-quite-a-long-name")).ToContainTextAsync("healthy");

        (await viewer.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        string[] outside = await viewer.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("td, th, td *, .badge")].filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1
              && !e.closest("thead") && e.getBoundingClientRect().right > e.closest("section").getBoundingClientRect().right).map(e => e.outerHTML)
            """);
        outside.ShouldBeEmpty();
        await Expect(viewer.Page.GetByRole(AriaRole.Columnheader, new() { NameString = "Breaker" })).ToHaveCountAsync(1);
        await Expect(viewer.Page.GetByRole(AriaRole.Rowheader, new() { NameRegex = new("^a-backend") })).Not.ToHaveCountAsync(0);
        ILocator backends = viewer.Page.GetByRole(AriaRole.Table, new() { NameRegex = new("^Backends") });
        await Expect(backends.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        await Expect(backends.GetByRole(AriaRole.Cell)).ToHaveCountAsync(7);
        await Expect(backends.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("probes?: median"));
    }
}
