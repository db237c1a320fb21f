using System.Collections.Concurrent;

using Microsoft.Playwright;

namespace Vmcp.Dashboard.Tests;

/// <summary>Somebody who looks at the page. Complaints of the browser, and requests to anybody but the gateway, fail the test at the end.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private Viewer(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The gateway will be stopped: that its stream breaks is no complaint.</summary>
    public bool ExpectsCuts { get; set; }

    /// <summary>The row of a backend in the table of backends.</summary>
    public ILocator Backend(string name) => Rows("Backends").Filter(new() { Has = Page.Locator("th bdi").GetByText(name, new() { Exact = true }) });

    /// <summary>The rows of a table.</summary>
    public ILocator Rows(string table) => Page.GetByRole(AriaRole.Table, new() { NameRegex = new("^" + table) }).GetByRole(AriaRole.Row);

    public static async Task<Viewer> OpenAsync(IBrowserContext context, Uri url)
    {
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout((float)Vmcp.TestKit.Eventually.DefaultLimit.TotalMilliseconds);
        Viewer viewer = new(context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !(viewer.ExpectsCuts && message.Text.Contains("net::ERR_", StringComparison.Ordinal)))
                viewer._complaints.Enqueue($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => viewer._complaints.Enqueue("error of the script: " + error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal) && new Uri(request.Url).Authority != url.Authority)
                viewer._complaints.Enqueue("request to " + request.Url);
        };
        await page.GotoAsync(url.ToString());
        return viewer;
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        if (!_complaints.IsEmpty)
            throw new InvalidOperationException("The browser complained:\n" + string.Join('\n', _complaints));
    }
}
