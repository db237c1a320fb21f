using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>A user sees what is for everybody and what backends list to them, and nothing of other users.</summary>
public sealed class OwnListTests
{
    private static readonly string[] Both = ["alice", "bob"];

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "OAUTH-06")]
    public async Task Each_user_sees_and_calls_what_the_backend_lists_to_them(string front, string back)
    {
        await using TestWorld world = await Users.StartAsync(w => w.Backend("open").PerUser("own", s =>
        {
            Eras.Apply(s, back);
            s.Tool("echo").ToolOf("alice", "pay").ToolOf("bob", "read");
        }));
        world["own"].Behaviour = Users.OnlyForUsers;
        Front alice = await world.UserAsync("alice", front);
        Front bob = await world.UserAsync("bob", front);

        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo", "own_pay"]);
        (await bob.ToolsAsync()).ShouldBe(["open_echo", "own_echo", "own_read"]);
        (await alice.EchoAsync("own_pay", "hello")).ShouldContain("hello");
        RpcAnswer refused = await bob.CallToolAsync("own_pay", """{"input":"x"}""");
        refused.RawText.ShouldContain("not found");
        world["own"].RequestsFor("tools/call").ShouldAllBe(r => r.Headers[Users.Header] == "alice");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Who_is_nobody_in_particular_sees_nothing_of_such_a_backend_and_is_told_why(string front)
    {
        await using TestWorld world = await Users.StartAsync(w => w.Backend("open").PerUser("own", s => s.Tool("echo")));
        Front anybody = await world.ConnectAsync(front);
        (await anybody.ToolsAsync()).ShouldBe(["open_echo"]);
        RpcAnswer answer = await anybody.CallToolAsync("own_echo", """{"input":"x"}""");
        answer.Text().ShouldContain("\"own\" is called on behalf of a signed-in user (token_exchange)");
        world["own"].RequestsFor("tools/call").ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "HLTH-04")]
    public async Task A_backend_only_users_can_reach_is_healthy_and_serves_right_after_the_start()
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.WaitForBackends = false;
            w.PerUser("own", s => s.Tool("echo"), onlyForUsers: true);
        });
        Front alice = await world.UserAsync("alice", Eras.Latest);
        (await alice.EchoAsync("own_echo", "first")).ShouldContain("first");
        JsonElement status = await world.HealthBecomesAsync("own", "healthy");
        status.GetProperty("listed").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Who_is_refused_sees_nothing_and_is_told_why_while_others_are_served(string front)
    {
        await using TestWorld world = await Users.StartAsync(w => w.Backend("open").PerUser("own", s => s.Tool("echo")));
        world["own"].Behaviour = Users.For(user => user == "mallory" ? Behaviour.Status(403) : Behaviour.Normal);
        Front mallory = await world.UserAsync("mallory", front);
        Front unknown = await world.UserAsync("unknown-user", front);
        Front alice = await world.UserAsync("alice", front);

        (await mallory.ToolsAsync()).ShouldBe(["open_echo"]);
        (await unknown.ToolsAsync()).ShouldBe(["open_echo"]);
        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo"]);
        (await mallory.CallToolAsync("own_echo", """{"input":"x"}""")).Text().ShouldContain("\"own\" refused our credentials (HTTP 403), so it offers you nothing now");
        (await unknown.CallToolAsync("own_echo", """{"input":"x"}""")).Text().ShouldContain("the token exchange was refused");
        int asked = world["own"].Requests.Count(r => r.Headers.GetValueOrDefault(Users.Header) == "mallory");
        for (int i = 0; i < 5; i++)
            await mallory.ToolsAsync();
        world["own"].Requests.Count(r => r.Headers.GetValueOrDefault(Users.Header) == "mallory").ShouldBe(asked, "a refused user is not asked for on each request");
        (await world.HealthBecomesAsync("own", "healthy")).GetProperty("listed").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_slow_backend_joins_by_notification_and_only_its_user_is_told(string front)
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Options = o => o with { ListPatience = TimeSpan.FromMilliseconds(300) };
            w.Backend("open").PerUser("own", s => s.Tool("echo"));
        });
        world["own"].Behaviour = Users.For(user => user == "alice" && !release.Task.IsCompleted ? Behaviour.Slow(TimeSpan.FromSeconds(3)) : Behaviour.Normal);
        Front alice = await world.UserAsync("alice", front);
        Front bob = await world.UserAsync("bob", front);
        await using Changes told = await Changes.OfAsync(alice);
        await using Changes other = await Changes.OfAsync(bob);

        (await alice.ToolsAsync()).ShouldBe(["open_echo"]);
        (await bob.ToolsAsync()).ShouldBe(["open_echo", "own_echo"]);
        (await alice.CallToolAsync("own_echo", """{"input":"x"}""")).Text().ShouldContain("\"own\" is still being asked what it offers you; try again in a moment");
        release.SetResult();
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo"]);
        other.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Requests_at_once_ask_the_backend_once()
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s => s.Tool("echo")));
        Front[] clients = [.. Enumerable.Range(0, 20).Select(i => new Front(world.Modern(headers: Users.Token(Both[i % 2]))))];
        IReadOnlyList<string>[] lists = await Task.WhenAll(clients.Select(c => c.ToolsAsync()));
        lists.ShouldAllBe(l => l.SequenceEqual(new[] { "own_echo" }));
        foreach (string user in Both)
            world["own"].CountFor(user, "tools/list").ShouldBe(1);
    }
}
