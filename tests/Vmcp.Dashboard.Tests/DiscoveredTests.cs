using Vmcp.TestKit;

using static Microsoft.Playwright.Assertions;

namespace Vmcp.Dashboard.Tests;

/// <summary>Discovered mode, over a directory of manifests: what comes, goes and cannot be served shows by itself.</summary>
public sealed class DiscoveredTests(Browser browser) : IDisposable
{
    private const string Group = "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPGroup\nmetadata: {name: team}\n";

    private readonly DirectoryInfo _manifests = Directory.CreateTempSubdirectory("vmcp-dashboard-manifests-");

    [Fact]
    [Trait("Scenario", "LIVE-01")]
    public async Task A_dropped_in_manifest_makes_its_tool_appear_and_its_going_is_told()
    {
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(s => s.Tool("add"));
        await WriteAsync("team.yaml", Group);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--manifests", _manifests.FullName);
        await using Viewer viewer = await browser.OpenAsync(gateway.Dashboard);
        await Expect(viewer.Page.Locator("#facts")).ToContainTextAsync("discovered");
        await Expect(viewer.Page.Locator("#facts")).ToContainTextAsync("manifests, synced");
        await viewer.MarkAsync();

        await WriteAsync("notes.yaml", Server("notes", notes.Url));

        await Expect(viewer.Tool("notes_add")).ToContainTextAsync("visible");
        await Expect(viewer.Backend("notes")).ToContainTextAsync("healthy");
        File.Delete(Path.Combine(_manifests.FullName, "notes.yaml"));
        await Expect(viewer.Backend("notes")).ToHaveCountAsync(0);
        await Expect(viewer.Rows("Last changes").Filter(new() { HasText = "left" })).ToContainTextAsync("notes");
        await viewer.WasNotReloadedAsync();
    }

    [Fact]
    public async Task A_member_that_cannot_be_served_says_why_and_a_mistake_in_a_file_is_named()
    {
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(s => s.Tool("add"));
        await WriteAsync("team.yaml", Group);
        await WriteAsync("notes.yaml", Server("notes", notes.Url));
        await WriteAsync("locked.yaml", Server("locked", new Uri("http://127.0.0.1:9/hidden-path"), ", externalAuthConfigRef: {name: key}") + """
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPExternalAuthConfig
            metadata: {name: key}
            spec:
              type: headerInjection
              headerInjection: {headerName: X-Api-Key, valueSecretRef: {name: key-secret, key: token}}
            """);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--manifests", _manifests.FullName);
        await using Viewer viewer = await browser.OpenAsync(gateway.Dashboard);

        await Expect(viewer.Backend("locked")).ToContainTextAsync("not served");
        await Expect(viewer.Backend("locked")).ToContainTextAsync("key-secret");
        await Expect(viewer.Headline).ToContainTextAsync("1 of 2 backends healthy; not served: locked");
        await WriteAsync("notes.yaml", "kind: [unfinished");
        await Expect(viewer.Page.Locator("#notices")).ToContainTextAsync("notes.yaml");
        await Expect(viewer.Backend("notes")).ToContainTextAsync("healthy");
        (await viewer.Page.ContentAsync()).ShouldNotContain("hidden-path");
        await viewer.Page.ScreenshotAsync(new() { Path = Browser.Screenshot("discovered"), FullPage = true });
    }

    public void Dispose() => _manifests.Delete(recursive: true);

    private static string Server(string name, Uri url, string more = "") =>
        $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: {{name}}}
        spec: {groupRef: {name: team}, transport: streamable-http{{more}}}
        status: {url: "{{url}}"}

        """;

    private Task WriteAsync(string file, string text) => File.WriteAllTextAsync(Path.Combine(_manifests.FullName, file), text);
}
