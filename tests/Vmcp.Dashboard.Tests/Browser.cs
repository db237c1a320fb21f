using System.Reflection;

using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Vmcp.Dashboard.Tests.Browser))]

namespace Vmcp.Dashboard.Tests;

/// <summary>One chromium for all tests; each page gets a context of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>How long a look waits. On a busy machine a first check may fail, and the next one comes half a minute later.</summary>
    internal const float Patience = 90_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Metadata("Chromium") is not { Length: > 0 } path)
            throw new InvalidOperationException("There is no browser to show the page to. Install one: apt-get install -y chromium, or name one: CHROMIUM=path.");
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Headless = true,
            // Chromium's sandbox does not start for root, as whom containers run.
            ChromiumSandbox = Environment.UserName != "root",
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a page.</summary>
    internal async Task<Viewer> OpenAsync(Uri url, ColorScheme scheme = ColorScheme.Light, int width = 1240, int height = 1000)
    {
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Locale = "en-GB",
            TimezoneId = "UTC",
        });
        return await Viewer.OpenAsync(context, url);
    }

    /// <summary>Where people find the pictures: <c>artifacts/dashboard</c> of the repository.</summary>
    internal static string Screenshot(string name) => Path.Combine(Metadata("Screenshots")!, name + ".png");

    private static string? Metadata(string key) =>
        typeof(Browser).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;
}
