using Vmcp.Auth.Outgoing;
using Vmcp.Core.Backends;
using Vmcp.Gateway.Tests.Threats;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Auth;

/// <summary>What a backend with <c>aws_sts</c> and STS see of users' calls.</summary>
public sealed class AwsWireTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::123456789012:role/mcp";
    private FakeSts _sts = null!;

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Threat", "8.1 Token passthrough")]
    public async Task Calls_of_a_user_arrive_signed_and_take_the_role_once(string front, string back)
    {
        await using TestWorld world = await StartAsync(back);
        Front ada = await world.ConnectAsync(front, headers: NamedDoor.As("ada.token-canary"));

        for (int i = 0; i < 5; i++)
            (await ada.EchoAsync("alpha_echo", $"{i}")).ShouldBe($"{i}");

        RecordedRequest[] calls = [.. world["alpha"].RequestsFor("tools/call")];
        calls.Length.ShouldBe(5);
        calls.ShouldAllBe(c => c.Header("Authorization") != null);
        foreach (RecordedRequest request in world["alpha"].Requests)
        {
            request.Headers.Values.ShouldNotContain(v => v.Contains("canary"));
            if (request.Header("Authorization") is not null)
                ProblemOf(request).ShouldBeNull(request.ToString());
        }

        StsRequest asked = _sts.Requests.ShouldHaveSingleItem();
        asked.Field("RoleArn").ShouldBe(Role);
        asked.Field("RoleSessionName").ShouldBe("ada");
        asked.Field("WebIdentityToken").ShouldBe("ada.token-canary");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Two_users_never_share_keys(string front)
    {
        await using TestWorld world = await StartAsync("legacy");
        string[] users = ["ada", "eve"];
        Front[] clients = [.. await Task.WhenAll(users.Select(u => world.ConnectAsync(front, headers: NamedDoor.As($"{u}.1"))))];

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            (await clients[i % 2].EchoAsync("alpha_echo", users[i % 2])).ShouldBe(users[i % 2])));

        string[] sessions = [.. _sts.Requests.Select(r => r.Field("RoleSessionName")!)];
        sessions.Order().ShouldBe(["ada", "eve"]);
        Dictionary<string, string> tokens = world["alpha"].RequestsFor("tools/call")
            .Select(c => (User: c.Params.GetProperty("arguments").GetProperty("input").GetString()!, Token: c.Header("X-Amz-Security-Token")!))
            .Distinct().ToDictionary(p => p.User, p => p.Token);
        tokens.Count.ShouldBe(2);
        tokens["ada"].ShouldNotBe(tokens["eve"]);
    }

    [Fact]
    public async Task A_refusal_of_STS_is_a_clear_tool_error_without_a_word_of_AWS()
    {
        await using TestWorld world = await StartAsync("legacy");
        Front ada = await world.ConnectAsync(Eras.Modern, headers: NamedDoor.As("ada.token-canary"));
        _sts.Fail("AccessDenied", 403, message: "User canary is not authorized");
        int before = world["alpha"].RequestsFor("tools/call").Count;

        RpcAnswer answer = await ada.CallToolAsync("alpha_echo", """{"input":"1"}""");

        answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        answer.Text().ShouldStartWith("Backend \"alpha\" cannot be called: AWS STS does not let the caller take the role (AccessDenied)");
        foreach (string output in (string[])[answer.RawText, world.Logs.ToString()!, (await world.StatusAsync()).GetRawText()])
            output.ShouldNotContain("canary");
        world["alpha"].RequestsFor("tools/call").Count.ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "HLTH-04")]
    public async Task A_backend_that_takes_nothing_unsigned_serves_who_may_sign(string front, string back)
    {
        await using TestWorld world = await StartAsync(
            back, behaviour: Behaviour.Choose(r => ProblemOf(r) is null ? Behaviour.Normal : Behaviour.Status(403, "Missing Authentication Token")));
        Front ada = await world.ConnectAsync(front, headers: NamedDoor.As("ada.1"));

        (await ada.EchoAsync("alpha_echo", "1")).ShouldBe("1");

        TestWorld.BackendOf(await world.StatusAsync(), "alpha").GetProperty("health").GetString().ShouldNotBe("unhealthy");
        _sts.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Keys_that_AWS_no_longer_takes_are_replaced_within_the_call()
    {
        await using TestWorld world = await StartAsync("legacy");
        Front ada = await world.ConnectAsync(Eras.Modern, headers: NamedDoor.As("ada.1"));
        (await ada.EchoAsync("alpha_echo", "1")).ShouldBe("1");

        world["alpha"].Behaviour = Behaviour.Choose(r => r.Header("X-Amz-Security-Token") == "session-1" ? Behaviour.Status(403) : Behaviour.Normal);

        (await ada.EchoAsync("alpha_echo", "2")).ShouldBe("2");
        world["alpha"].RequestsFor("tools/call")[^1].Header("X-Amz-Security-Token").ShouldBe("session-2");
        _sts.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_backend_that_refuses_every_signature_costs_a_new_role_at_most_every_ten_seconds(int status)
    {
        await using TestWorld world = await StartAsync("legacy");
        Front ada = await world.ConnectAsync(Eras.Latest, headers: NamedDoor.As("ada.1"));
        (await ada.EchoAsync("alpha_echo", "1")).ShouldBe("1");
        world["alpha"].Behaviour = Behaviour.Status(status).For("tools/call");

        for (int i = 0; i < 20; i++)
            (await ada.CallToolAsync("alpha_echo")).Text().ShouldBe($"Backend \"alpha\" refused our credentials (HTTP {status}).");

        // This test may be slow.
        _sts.Requests.Count.ShouldBeInRange(2, 5);
    }

    [Fact]
    public async Task Static_headers_of_the_backend_are_part_of_the_signature()
    {
        await using TestWorld world = await StartAsync("modern", b => b with { StaticHeaders = EquatableMap.Create([new("X-Tenant", "two  words ")]) });
        Front ada = await world.ConnectAsync(Eras.Modern, headers: NamedDoor.As("ada.1"));

        (await ada.EchoAsync("alpha_echo", "1")).ShouldBe("1");

        RecordedRequest call = world["alpha"].RequestsFor("tools/call")[0];
        call.Header("Authorization")!.ShouldContain("x-tenant");
        call.Header("Authorization")!.ShouldContain("mcp-method");
        ProblemOf(call).ShouldBeNull();
    }

    public async ValueTask InitializeAsync() => _sts = await FakeSts.StartAsync();

    public async ValueTask DisposeAsync() => await _sts.DisposeAsync();

    // The keys of FakeSts are numbered, so the secret follows from the session token.
    private static string? ProblemOf(RecordedRequest request) => SigV4Check.Problem(
        request, "secret-" + request.Header("X-Amz-Security-Token")?.Split('-')[^1], "eu-west-1", "aws-mcp");

    private async Task<TestWorld> StartAsync(string back, Func<Backend, Backend>? more = null, Behaviour? behaviour = null)
    {
        TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout) = (600, 20); // no probe of its own accord
            w.Incoming = new NamedDoor();
            w.Outgoing = new OutgoingAuth(new OutgoingOptions { Env = name => name == "AWS_ENDPOINT_URL_STS" ? _sts.Url.AbsoluteUri : null });
            w.Backend("alpha", s =>
            {
                Eras.Apply(s, back);
                s.Tool("echo");
            });
        });
        world["alpha"].Behaviour = behaviour ?? Behaviour.Normal;
        world.Forgive("alpha"); // some tests have it refuse in the middle
        world.Source.Edit("alpha", b => (more?.Invoke(b) ?? b) with { Strategy = new AwsStsStrategy { Region = "eu-west-1", FallbackRoleArn = Role } });
        await Eventually.BecomesAsync(
            () => world.Gateway.Fleet.Current.Backends.TryGetValue("alpha", out var view) && view is { Handle.Backend.Strategy: AwsStsStrategy } && (view.Listed || behaviour is not null),
            "alpha taken with its strategy");
        return world;
    }
}
