using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>All that goes by a name or URI goes through the user's own catalog: prompts, resources, completion, subscriptions, tasks.</summary>
public sealed class OwnItemTests
{
    private static readonly string[] OwnUris = ["file:///common", "file:///hers"];

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Prompts_resources_and_completion_are_those_of_the_user(string front, string back)
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s =>
        {
            Eras.Apply(s, back);
            s.Tool("echo").Resource("file:///common").Prompt("ask")
                .Add(Of(ItemOf.Resource("file:///hers"))).Add(Of(ItemOf.Prompt("hers"))).Add(Of(ItemOf.Template("hers://{x}")))
                .Completion(_ => Task.FromResult("""{"completion":{"values":["one"]}}"""));
        }));
        world["own"].Behaviour = Users.OnlyForUsers;
        Front alice = await world.UserAsync("alice", front);
        Front bob = await world.UserAsync("bob", front);

        (await alice.ListAsync("resources/list", "resources", "uri")).ShouldBe(OwnUris);
        (await bob.ListAsync("resources/list", "resources", "uri")).ShouldBe(["file:///common"]);
        (await alice.ListAsync("prompts/list", "prompts", "name")).ShouldBe(["own_ask", "own_hers"]);
        (await bob.ListAsync("prompts/list", "prompts", "name")).ShouldBe(["own_ask"]);
        (await alice.CallAsync("resources/read", """{"uri":"hers://1"}""")).Error.ShouldBeNull();
        (await bob.CallAsync("resources/read", """{"uri":"hers://1"}""")).Error.ShouldNotBeNull();
        (await bob.CallAsync("resources/read", """{"uri":"file:///hers"}""")).Error.ShouldNotBeNull();
        (await bob.CallAsync("prompts/get", """{"name":"own_hers"}""")).Error.ShouldNotBeNull();
        const string complete = """{"ref":{"type":"ref/prompt","name":"own_hers"},"argument":{"name":"a","value":"o"}}""";
        Values(await alice.CallAsync("completion/complete", complete)).ShouldBe(1);
        Values(await bob.CallAsync("completion/complete", complete)).ShouldBe(0);
        world["own"].Requests.Count(r => r.Header(Users.Header) == "bob" && r.BodyText.Contains("hers", StringComparison.Ordinal)).ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Subscriptions_are_for_what_the_user_sees(string front)
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s => s.Tool("echo").Resource("file:///common").Add(Of(ItemOf.Resource("file:///hers")))));
        world["own"].Behaviour = Users.OnlyForUsers;
        (await SubscribeAsync(await world.UserAsync("alice", front))).ShouldBe(OwnUris);
        (await SubscribeAsync(await world.UserAsync("bob", front))).ShouldBe(["file:///common"]);
    }

    [Fact]
    public async Task Tasks_of_a_backend_for_users_are_promised_and_run_for_the_user()
    {
        await using TestWorld world = await Users.StartAsync(w => w.PerUser("own", s => s.TaskTool("long", _ => Task.FromResult("""{"content":[{"type":"text","text":"done"}]}"""))));
        world["own"].Behaviour = Users.OnlyForUsers;
        Front alice = await world.UserAsync("alice", Eras.Latest);
        Front bob = await world.UserAsync("bob", Eras.Latest);
        alice.Legacy!.InitializeResult.GetProperty("capabilities").TryGetProperty("tasks", out _).ShouldBeTrue();
        RpcAnswer started = await alice.CallAsync("tools/call", """{"name":"own_long","arguments":{},"task":{"ttl":60000}}""");
        string id = started.Success().GetProperty("task").GetProperty("taskId").GetString()!;
        (await alice.CallAsync("tasks/get", $$"""{"taskId":"{{id}}"}""")).Error.ShouldBeNull();
        (await bob.CallAsync("tasks/get", $$"""{"taskId":"{{id}}"}""")).Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task Names_of_users_and_of_everybody_are_settled_for_each_user_by_themselves()
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Block("aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [own, open]}}");
            w.Backend("open").PerUser("own", s => s.ToolOf("alice", "echo").ToolOf("alice", "pay"));
        });
        Front alice = await world.UserAsync("alice", Eras.Modern);
        Front bob = await world.UserAsync("bob", Eras.Modern);
        (await alice.ToolsAsync()).ShouldBe(["echo", "pay"]);
        (await bob.ToolsAsync()).ShouldBe(["echo"]);
        await alice.EchoAsync("echo", "hers");
        await bob.EchoAsync("echo", "everybody's");
        world["own"].CountFor("alice", "tools/call").ShouldBe(1);
        world["open"].RequestsFor("tools/call").Count.ShouldBe(1);
    }

    private static BackendItem Of(BackendItem item) => item with { VisibleTo = a => a.Headers.GetValueOrDefault(Users.Header) == "alice" };

    private static int Values(RpcAnswer answer) => answer.Success().GetProperty("completion").GetProperty("values").GetArrayLength();

    private static async Task<List<string>> SubscribeAsync(Front client)
    {
        if (client.Modern is { } modern)
        {
            await using ListenStream stream = await modern.ListenAsync("""{"resourceSubscriptions":["file:///common","file:///hers"]}""");
            return [.. stream.Acknowledged.GetProperty("notifications").GetProperty("resourceSubscriptions").EnumerateArray().Select(u => u.GetString()!)];
        }

        List<string> granted = [];
        foreach (string uri in OwnUris)
        {
            RpcAnswer answer = await client.CallAsync("resources/subscribe", $$"""{"uri":"{{uri}}"}""");
            if (answer.Error is null)
                granted.Add(uri);
        }

        return granted;
    }
}
