using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Guards;

/// <summary>Client headers that may pass, and those that may not.</summary>
public sealed class HeaderTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "HDR-01")]
    [Trait("Scenario", "HDR-02")]
    public async Task An_allowed_header_passes_and_is_that_of_the_request(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(
            back,
            s => s.Tool("headers", call => Task.FromResult(Handlers.TextResult(
                call.Headers.GetValueOrDefault("X-Env-Id", "none") + "|" + call.Headers.GetValueOrDefault("X-Other", "none")
                + "|" + call.Headers.GetValueOrDefault("Cookie", "none")))),
            w => w.Block("passthroughHeaders: [X-Env-Id]"));
        Front first = await world.ConnectAsync(
            revision, headers: new Dictionary<string, string> { ["x-env-ID"] = "v1", ["X-Other"] = "secret", ["Cookie"] = "a=b" });
        (await first.CallToolAsync("alpha_headers")).Text().ShouldBe("v1|none|none");
        Front second = await world.ConnectAsync(revision, headers: new Dictionary<string, string> { ["X-Env-Id"] = "v2" });
        (await second.CallToolAsync("alpha_headers")).Text().ShouldBe("v2|none|none");
        Front third = await world.ConnectAsync(revision);
        (await third.CallToolAsync("alpha_headers")).Text().ShouldBe("none|none|none");
        (await first.CallToolAsync("alpha_headers")).Text().ShouldBe("v1|none|none");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Threat", "8.6 Header and body smuggling")]
    public async Task A_value_that_no_header_may_have_is_left_out_and_harms_nobody(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(
            back,
            s => s.Tool("headers", call => Task.FromResult(Handlers.TextResult(call.Headers.GetValueOrDefault("X-Env-Id", "none")))),
            w =>
            {
                w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 2, timeout: 600s}");
                w.Block("passthroughHeaders: [X-Env-Id]");
            });
        foreach (string value in (string[])[new string('v', 8193), "gr\u00fc\u00df", "a\tb", "\u0085"])
        {
            Front client = await world.ConnectAsync(revision, headers: new Dictionary<string, string> { ["X-Env-Id"] = value });
            for (int i = 0; i < 3; i++)
                (await client.CallToolAsync("alpha_headers")).Text().ShouldBe("none");
        }

        Front longest = await world.ConnectAsync(revision, headers: new Dictionary<string, string> { ["X-Env-Id"] = new string('v', 8192) });
        (await longest.CallToolAsync("alpha_headers")).Text().Length.ShouldBe(8192);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_clients_token_never_reaches_a_backend(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back);
        Front client = await world.ConnectAsync(revision, headers: new Dictionary<string, string> { ["Authorization"] = "Bearer mine", ["Cookie"] = "c=1" });
        (await client.EchoAsync("alpha_echo", "x")).ShouldBe("x");
        world["alpha"].Requests.ShouldAllBe(r => r.Header("Authorization") == null && r.Header("Cookie") == null);
    }
}
