using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Vmcp.Gateway.Tests.Dashboard;

/// <summary>The page itself: who gets it, and what it may do.</summary>
public sealed partial class PageTests
{
    [Fact]
    public async Task Off_means_there_is_nothing()
    {
        await using TestWorld world = await TestWorld.StartAsync();

        foreach (string path in (string[])["/dashboard", "/dashboard/events", "/dashboard/"])
        {
            using HttpResponseMessage answer = await world.GetAsync(path);
            ((int)answer.StatusCode).ShouldBe(404, path);
        }

        world.Gateway.DashboardUrl.ShouldBeNull();
    }

    [Fact]
    public async Task The_policy_lets_exactly_its_own_style_and_scripts_run()
    {
        await using TestWorld world = await On();
        using HttpResponseMessage answer = await world.GetAsync("/dashboard");
        string html = await answer.Content.ReadAsStringAsync();

        ((int)answer.StatusCode).ShouldBe(200);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        Dictionary<string, string> policy = answer.Headers.GetValues("Content-Security-Policy").Single().Split("; ")
            .ToDictionary(d => d.Split(' ')[0], d => d[(d.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        policy["default-src"].ShouldBe("'none'");
        policy["frame-ancestors"].ShouldBe("'none'");
        policy["connect-src"].ShouldBe("'self'");
        policy["base-uri"].ShouldBe("'none'");
        policy["form-action"].ShouldBe("'none'");
        policy["script-src"].ShouldBe(string.Join(' ', Script().Matches(html).Select(m => Hash(m.Groups[1].Value))));
        policy["style-src"].ShouldBe(string.Join(' ', Style().Matches(html).Select(m => Hash(m.Groups[1].Value))));
        policy.Values.ShouldAllBe(v => !v.Contains("unsafe", StringComparison.Ordinal) && !v.Contains('*'));
        html.ShouldNotMatch("""(?i)\son[a-z]+\s*=|\sstyle=|javascript:|src=["']?http""");
    }

    [Fact]
    public async Task Nothing_keeps_frames_or_guesses_it()
    {
        await using TestWorld world = await On();
        using HttpResponseMessage answer = await world.GetAsync("/dashboard");

        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        answer.Headers.GetValues("Cross-Origin-Resource-Policy").ShouldBe(["same-origin"]);
    }

    [Theory]
    [InlineData("HEAD", "/dashboard", 200)]
    [InlineData("POST", "/dashboard", 405)]
    [InlineData("POST", "/dashboard/events", 405)]
    [InlineData("HEAD", "/dashboard/events", 405)]
    [InlineData("GET", "/dashboard/page.html", 404)]
    public async Task Only_reading_is_possible(string method, string path, int status)
    {
        await using TestWorld world = await On();
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(world.Gateway.BaseUrl, path));
        using HttpResponseMessage answer = await world.SendAsync(request);

        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/events")]
    public async Task Pages_of_others_and_other_names_get_nothing(string path)
    {
        await using TestWorld world = await On();
        foreach ((string header, string value) in new[] { ("Origin", "https://evil.example"), ("Host", "evil.example") })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.Gateway.BaseUrl, path));
            request.Headers.Add(header, value);
            using HttpResponseMessage answer = await world.SendAsync(request);
            ((int)answer.StatusCode).ShouldBe(403, header);
        }
    }

    [Theory]
    [InlineData(false, 403)]
    [InlineData(true, 200)]
    public async Task Callers_from_elsewhere_see_it_only_when_it_is_for_everybody(bool forAll, int status)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Options = o => o with { Dashboard = true, ShowCatalog = forAll };
        });
        foreach (string path in (string[])["/dashboard", "/dashboard/events"])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.Gateway.BaseUrl, path));
            request.Headers.Add("X-Forwarded-For", "203.0.113.7");
            using HttpResponseMessage answer = await world.SendAsync(request);
            ((int)answer.StatusCode).ShouldBe(status, path);
        }
    }

    private static Task<TestWorld> On() => TestWorld.StartAsync(w =>
    {
        w.Backend("alpha");
        w.Options = o => o with { Dashboard = true };
    });

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
