using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>Whose list changed is told, and nobody else.</summary>
public sealed class OwnChangeTests
{
    private const string Latest = Eras.Latest;

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "LIVE-05")]
    public async Task A_change_the_gateway_hears_of_reaches_the_user_it_concerns(string front, string back)
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s =>
        {
            Eras.Apply(s, back);
            s.Tool("echo");
        }));
        await Eventually.BecomesAsync(() => world["own"].OpenStreams > 0, "the gateway listens");
        Front alice = await world.UserAsync("alice", front);
        Front bob = await world.UserAsync("bob", front);
        await using Changes told = await Changes.OfAsync(alice);
        await using Changes other = await Changes.OfAsync(bob);
        (await alice.ToolsAsync()).ShouldBe(["own_echo"]);
        (await bob.ToolsAsync()).ShouldBe(["own_echo"]);

        world["own"].Add(Users.OwnTool("alice", "pay"));
        await world["own"].NotifyListChangedAsync(ItemKind.Tools);
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["own_echo", "own_pay"]);
        (await bob.ToolsAsync()).ShouldBe(["own_echo"]);
        await Eventually.BecomesAsync(() => world["own"].CountFor("bob", "tools/list") > 1, "bob's list was looked at");
        other.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_change_that_only_the_users_own_session_hears_of_reaches_that_user()
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s => s.Tool("echo"), onlyForUsers: true));
        Front alice = await world.UserAsync("alice", Latest);
        Front bob = await world.UserAsync("bob", Latest);
        await using Changes told = await Changes.OfAsync(alice);
        await using Changes other = await Changes.OfAsync(bob);
        (await bob.ToolsAsync()).ShouldBe(["own_echo"]);
        await alice.EchoAsync("own_echo", "opens a session there");
        await Eventually.BecomesAsync(() => world["own"].OpenStreams > 0, "alice's session listens");

        world["own"].Add(Users.OwnTool("alice", "pay"));
        await world["own"].NotifyListChangedAsync(ItemKind.Tools);
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["own_echo", "own_pay"]);
        other.Count.ShouldBe(0);
        world["own"].CountFor("bob", "tools/list").ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Old_lists_are_served_while_they_are_read_again(string front)
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Options = o => o with { OwnListAge = TimeSpan.FromMilliseconds(100) };
            w.PerUser("own", s => s.Tool("echo"));
        });
        world["own"].Behaviour = Users.OnlyForUsers;
        Front alice = await world.UserAsync("alice", front);
        await using Changes told = await Changes.OfAsync(alice);
        (await alice.ToolsAsync()).ShouldBe(["own_echo"]);
        world["own"].AddTool("quiet");
        world["own"].Behaviour = Users.For(_ => Behaviour.Slow(TimeSpan.FromSeconds(1)));
        await Eventually.BecomesAsync(async () => (await alice.ToolsAsync()).Count == 1 && world["own"].CountFor("alice", "tools/list") > 1, "it is asked again");
        world["own"].Behaviour = Users.OnlyForUsers;
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["own_echo", "own_quiet"]);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Who_loses_the_right_loses_the_tools_and_is_told(string front)
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Options = o => o with { OwnListAge = TimeSpan.FromMilliseconds(100) };
            w.PerUser("own", s => s.Tool("echo"));
        });
        Front alice = await world.UserAsync("alice", front);
        await using Changes told = await Changes.OfAsync(alice);
        (await alice.ToolsAsync()).ShouldBe(["own_echo"]);
        world["own"].Behaviour = Users.For(_ => Behaviour.Status(403));
        await Eventually.BecomesAsync(async () => (await alice.ToolsAsync()).Count == 0, "the tools are gone");
        await told.NextAsync();
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_backend_that_comes_and_leaves_is_told_to_those_it_has_something_for(string front)
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Strategies["own"] = Users.Strategy;
            w.Backend("open");
        });
        Front alice = await world.UserAsync("alice", front);
        Front mallory = await world.UserAsync("unknown-mallory", front);
        await using Changes told = await Changes.OfAsync(alice);
        await using Changes other = await Changes.OfAsync(mallory);
        (await alice.ToolsAsync()).ShouldBe(["open_echo"]);

        await world.AddAsync("own", s => s.Tool("echo"));
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo"]);
        (await mallory.ToolsAsync()).ShouldBe(["open_echo"]);
        world.Source.Remove("own");
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["open_echo"]);
        other.Count.ShouldBe(0);
        await Eventually.BecomesAsync(() => world.Gateway.IdentityCatalogs.Count == 0, "nobody has a catalog of their own any more");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_backend_that_is_down_takes_its_tools_along_and_brings_them_back(string front)
    {
        await using TestWorld world = await Users.StartAsync(w => w.Backend("open").PerUser("own", s => s.Tool("echo")));
        world["own"].Behaviour = Users.OnlyForUsers;
        Front alice = await world.UserAsync("alice", front);
        await using Changes told = await Changes.OfAsync(alice);
        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo"]);
        await world["own"].StopAsync();
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["open_echo"]);
        (await alice.CallToolAsync("own_echo", """{"input":"x"}""")).Text().ShouldContain("\"own\" is unavailable");
        await world["own"].RestartAsync();
        world["own"].AddTool("more");
        await told.NextAsync();
        await Eventually.BecomesAsync(async () => (await alice.ToolsAsync()).SequenceEqual(["open_echo", "own_echo", "own_more"]), "with what it lists now");
        (await alice.EchoAsync("own_more", "again")).ShouldContain("again");
    }

    [Fact]
    public async Task What_changes_for_everybody_is_told_to_users_and_what_changes_nothing_is_not()
    {
        await using TestWorld world = await Users.StartAsync(w => w.Backend("open").PerUser("own", s => s.Tool("echo")));
        Front alice = await world.UserAsync("alice", Latest);
        await using Changes told = await Changes.OfAsync(alice);
        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo"]);
        world.Source.Edit("own", b => b with { Timeout = TimeSpan.FromSeconds(19) });
        world.Source.Repeat();
        await Eventually.BecomesAsync(() => world["own"].CountFor("alice", "tools/list") > 1, "the changed backend is asked anew");
        told.Count.ShouldBe(0);
        await world.AddAsync("third");
        await told.NextAsync();
        (await alice.ToolsAsync()).ShouldBe(["open_echo", "own_echo", "third_echo"]);
    }

    [Fact]
    public async Task Users_beyond_the_bound_are_asked_for_anew_and_each_still_sees_their_own()
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Options = o => o with { MaxIdentities = 2 };
            w.PerUser("own", s => s.ToolOf("alice", "a").ToolOf("bob", "b").ToolOf("carol", "c"));
        });
        string[] users = ["alice", "bob", "carol"];
        Front[] clients = [.. users.Select(u => new Front(world.Modern(headers: Users.Token(u))))];
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < users.Length; i++)
                (await clients[i].ToolsAsync()).ShouldBe(["own_" + users[i][0]]);
            world.Gateway.IdentityCatalogs.Count.ShouldBeLessThanOrEqualTo(2);
        }
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Nobody_is_asked_for_with_a_proof_that_has_run_out(string front)
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s => s.Tool("echo")));
        await Eventually.BecomesAsync(() => world["own"].OpenStreams > 0, "the gateway listens");
        Front brief = await world.UserAsync("brief", front);
        Front bob = await world.UserAsync("bob", front);
        await using Changes unheard = await Changes.OfAsync(brief);
        await using Changes told = await Changes.OfAsync(bob);
        await bob.ToolsAsync();
        (await brief.ToolsAsync()).ShouldBe(["own_echo"]);
        int asked = world["own"].CountFor("brief", "tools/list");
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(0.6);
        await Eventually.BecomesAsync(() => DateTimeOffset.UtcNow > end, "the proof has run out");

        world["own"].AddTool("new");
        await world["own"].NotifyListChangedAsync(ItemKind.Tools);
        await told.NextAsync();
        world["own"].CountFor("brief", "tools/list").ShouldBe(asked);
        // The next request brings a new proof.
        await Eventually.BecomesAsync(async () => (await brief.ToolsAsync()).Count == 2, "the new tool is there");
        await unheard.NextAsync();
    }

    [Fact]
    public async Task A_gateway_without_such_backends_pays_nothing_for_users()
    {
        await using TestWorld world = await Users.StartAsync(w => w.Backend("open"));
        Front alice = await world.UserAsync("alice", Latest);
        (await alice.ToolsAsync()).ShouldBe(["open_echo"]);
        Core.Identity.Caller caller = Users.Caller("alice");
        Gateway.Identities.IdentityCatalogs catalogs = world.Gateway.IdentityCatalogs;
        (await catalogs.ForAsync(caller, Gateway.Sessions.ClientCapabilities.None, CancellationToken.None)).ShouldBeSameAs(world.Gateway.Fleet.Current);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            await catalogs.ForAsync(caller, Gateway.Sessions.ClientCapabilities.None, CancellationToken.None);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        catalogs.Count.ShouldBe(0);
    }
}
