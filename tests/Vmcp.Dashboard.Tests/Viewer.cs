using System.Collections.Concurrent;

using Microsoft.Playwright;

namespace Vmcp.Dashboard.Tests;

/// <summary>Somebody who looks at the page. Complaints of the browser, and requests to anybody but the gateway, fail the test at the end.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentBag<string> _forgiven = [];

    private Viewer(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The sentence on top.</summary>
    public ILocator Headline => Page.Locator("#headline");

    /// <summary>The row of a backend in the table of backends.</summary>
    public ILocator Backend(string name) => Rows("Backends").Filter(new() { Has = Page.Locator("th bdi").GetByText(name, new() { Exact = true }) });

    /// <summary>The row of a tool, by the name clients see or the backend's own.</summary>
    public ILocator Tool(string name) => Rows("Tools by backend").Filter(new() { Has = Page.Locator("td bdi").GetByText(name, new() { Exact = true }) });

    /// <summary>The rows of a table.</summary>
    public ILocator Rows(string table) => Page.GetByRole(AriaRole.Table, new() { NameRegex = new("^" + table) }).GetByRole(AriaRole.Row);

    public static async Task<Viewer> OpenAsync(IBrowserContext context, Uri url)
    {
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(Browser.Patience);
        Viewer viewer = new(context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
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

    /// <summary>Complaints with this text are what the test is about.</summary>
    public void Forgive(string text) => _forgiven.Add(text);

    /// <summary>Leaves a mark in the page that a reload would wipe out.</summary>
    public Task MarkAsync() => Page.EvaluateAsync("() => { window.mark = 'here'; }");

    /// <summary>The mark is still there.</summary>
    public async Task WasNotReloadedAsync() => (await Page.EvaluateAsync<string>("() => window.mark")).ShouldBe("here");

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        string[] complaints = [.. _complaints.Where(c => !_forgiven.Any(f => c.Contains(f, StringComparison.Ordinal)))];
        if (complaints.Length > 0)
            throw new InvalidOperationException("The browser complained:\n" + string.Join('\n', complaints));
    }
}
