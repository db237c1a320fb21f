using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Aggregation;

/// <summary>Resources, templates and prompts in one list.</summary>
public sealed class ContentTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "AGG-04")]
    public async Task Resources_keep_their_URI_and_the_first_backend_serves_them(string revision, string back)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("b2", s => Fill(s, back, "two").Resource("file:///only2", "only two"))
            .Backend("b1", s => Fill(s, back, "one")));
        Front client = await world.ConnectAsync(revision);
        (await client.ListAsync("resources/list", "resources", "uri")).Order(StringComparer.Ordinal).ShouldBe(["file:///only2", "file:///x"]);
        (await client.ListAsync("resources/templates/list", "resourceTemplates", "uriTemplate")).ShouldBe(["repo://{id}"]);
        (await ReadAsync(client, "file:///x")).ShouldBe("one");
        (await ReadAsync(client, "repo://42")).ShouldBe("one repo://42");
        (await ReadAsync(client, "file:///only2")).ShouldBe("only two");
        world["b1"].RequestsFor("resources/read").Select(r => r.Params.GetProperty("uri").GetString()).ShouldBe(["file:///x", "repo://42"]);
        world["b2"].RequestsFor("resources/read").Count.ShouldBe(1);
        RpcAnswer unknown = await client.CallAsync("resources/read", """{"uri":"file:///nowhere"}""");
        unknown.ErrorCode.ShouldBe(client.IsModern ? -32602 : -32002);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "AGG-05")]
    public async Task Prompts_are_always_prefixed(string revision, string back)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("b1", s => Fill(s, back, "one")));
        Front client = await world.ConnectAsync(revision);
        (await client.ListAsync("prompts/list", "prompts", "name")).ShouldBe(["b1_review"]);
        RpcAnswer got = await client.CallAsync("prompts/get", """{"name":"b1_review"}""");
        got.Success().GetProperty("messages")[0].GetProperty("content").GetProperty("text").GetString().ShouldBe("review");
        world["b1"].RequestsFor("prompts/get").Single().Params.GetProperty("name").GetString().ShouldBe("review");
    }

    [Fact]
    [Trait("Scenario", "AGG-05")]
    public async Task Under_priority_listed_backends_keep_bare_prompt_names()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("b1", s => Fill(s, "legacy", "one"))
            .Backend("b2", s => Fill(s, "legacy", "two"))
            .Block("""
                aggregation:
                  conflictResolution: priority
                  conflictResolutionConfig: {priorityOrder: [b1]}
                """));
        Front client = await world.ConnectAsync(Eras.Latest);
        (await client.ListAsync("prompts/list", "prompts", "name")).Order(StringComparer.Ordinal).ShouldBe(["b2_review", "review"]);
    }

    private static BackendScript Fill(BackendScript script, string back, string text)
    {
        Eras.Apply(script, back);
        return script.Tool("echo").Resource("file:///x", text).Prompt("review").Template(
            "repo://{id}", call => Task.FromResult($$"""{"contents":[{"uri":"{{call.Name}}","text":"{{text}} {{call.Name}}"}]}"""));
    }

    private static async Task<string?> ReadAsync(Front client, string uri)
    {
        RpcAnswer answer = await client.CallAsync("resources/read", $$"""{"uri":"{{uri}}"}""");
        return answer.Success().GetProperty("contents")[0].GetProperty("text").GetString();
    }
}
