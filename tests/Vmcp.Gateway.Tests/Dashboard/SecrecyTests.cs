using System.Text.Json;

namespace Vmcp.Gateway.Tests.Dashboard;

/// <summary>The page tells nothing that a stranger may not know.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task No_secret_address_header_or_raw_error_is_in_page_or_events()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Options = o => o with { Dashboard = true };
            w.Backend("alpha", s => s.Tool("fetch https://user:pa55@tools.internal/x?token=t0p").Resource("https://files.internal/s3cr3t-path?sig=abc"));
            w.Backend("beta", s => s.Tool("echo"));
            w.Elsewhere("gone", new Uri("http://127.0.0.1:9/hidden-path?key=carols-word"));
            w.Env["BETA_TOKEN"] = "t0ken-value";
            w.Block("""
                outgoingAuth:
                  source: inline
                  backends:
                    alpha: {type: header_injection, headerInjection: {headerName: X-Hidden-Name, headerValue: plain-value}}
                    beta: {type: header_injection, headerInjection: {headerName: Authorization, headerValueEnv: BETA_TOKEN}}
                """);
        });
        world["alpha"].Requests[0].Header("X-Hidden-Name").ShouldBe("plain-value");
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);
        await stream.NextAsync("picture", p => DashboardStream.BackendOf(p, "gone").GetProperty("health").GetString() == "unhealthy");
        await world.WriteFileAsync("backends: [{name: x, url: 'http://dave:daves-word@127.0.0.1:9/'}]\nnonsense: 'https://eve:eves-word@10.0.0.9/'\n");
        JsonElement picture = (await stream.NextAsync("picture", p => p.GetProperty("config").TryGetProperty("error", out _)))!.Value;
        DashboardStream.BackendOf(picture, "alpha").GetProperty("auth").GetString().ShouldBe("header_injection");
        using HttpResponseMessage page = await world.GetAsync("/dashboard");
        string html = await page.Content.ReadAsStringAsync();

        string[] secrets =
        [
            "http://1", "127.0.0.1", "hidden-path", "carols-word", "plain-value", "X-Hidden-Name", "t0ken-value", "BETA_TOKEN", "Connection refused", "pa55", "tools.internal",
            "t0p", "files.internal", "s3cr3t-path", "daves-word", "eves-word", "10.0.0.9",
        ];
        foreach (string secret in secrets)
        {
            stream.Text.ShouldNotContain(secret, Case.Insensitive);
            html.ShouldNotContain(secret, Case.Insensitive);
        }
    }

    [Fact]
    public async Task Hostile_names_travel_as_data()
    {
        const string Name = "</script><img src=x onerror=alert(1)>";
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Options = o => o with { Dashboard = true };
            w.Backend("alpha", s => s.Tool(Name).Tool("line\nbreak\r\n\r\nevent: picture\ndata: {}").Tool(new string('x', 5000)));
        });
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);

        JsonElement tools = (await stream.NextAsync("tools"))!.Value;
        JsonElement picture = (await stream.NextAsync("picture"))!.Value;

        string[] names = [.. tools.GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("original").GetString()!)];
        names.ShouldContain(Name);
        names.ShouldContain("line break    event: picture data: {}");
        names.Max(n => n.Length).ShouldBeLessThanOrEqualTo(500);
        picture.GetProperty("name").GetString().ShouldBe("vmcp", "no forged event");
        using HttpResponseMessage page = await world.GetAsync("/dashboard");
        (await page.Content.ReadAsStringAsync()).ShouldNotContain("onerror", Case.Insensitive, "names reach the page as data alone");
    }
}
