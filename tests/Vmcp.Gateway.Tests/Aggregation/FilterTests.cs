using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Aggregation;

/// <summary>Which tools are shown, and under which words. What is not shown cannot be called.</summary>
public sealed class FilterTests
{
    [Theory]
    [MemberData(nameof(Eras.Fronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "FILT-01")]
    public async Task Only_what_the_filter_allows_is_listed_and_callable(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").Tool("hidden")).Backend("beta").Block("""
            aggregation:
              tools: [{workload: alpha, filter: [echo]}, {workload: beta, filter: [none_such]}]
            """));
        Front client = await world.ConnectAsync(revision);
        (await client.ToolsAsync()).ShouldBe(["alpha_echo"]);
        (await client.EchoAsync("alpha_echo", "ping1")).ShouldBe("ping1");
        foreach (string hidden in (string[])["alpha_hidden", "beta_echo", "echo"])
        {
            RpcAnswer answer = await client.CallToolAsync(hidden, """{"input":"x"}""");
            answer.ErrorCode.ShouldBe(-32602, hidden);
        }

        world["beta"].RequestsFor("tools/call").ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Eras.Fronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "FILT-02")]
    public async Task An_override_gives_new_words_and_the_call_finds_its_way(string revision)
    {
        const string Raw = """{"name":"echo", "title":"T\u00e9","description":"old","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true,"x-vendor":1.50}}""";
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo", rawJson: Raw)).Block("""
            aggregation:
              tools: [{workload: alpha, overrides: {echo: {name: say, description: "d", annotations: {destructiveHint: false, title: "Say it"}}}}]
            """));
        Front client = await world.ConnectAsync(revision);
        JsonElement tool = (await client.CallAsync("tools/list")).Success().GetProperty("tools")[0];
        tool.GetProperty("name").GetString().ShouldBe("alpha_say");
        tool.GetProperty("description").GetString().ShouldBe("d");
        tool.GetProperty("title").GetString().ShouldBe("Té");
        JsonElement annotations = tool.GetProperty("annotations");
        annotations.GetProperty("readOnlyHint").GetBoolean().ShouldBeTrue("null keeps the backend's");
        annotations.GetProperty("destructiveHint").GetBoolean().ShouldBeFalse();
        annotations.GetProperty("title").GetString().ShouldBe("Say it");
        annotations.GetProperty("x-vendor").GetRawText().ShouldBe("1.50");
        (await client.ToolsAsync()).ShouldBe(["alpha_say"]);
        (await client.EchoAsync("alpha_say", "hello")).ShouldBe("hello");
        world["alpha"].RequestsFor("tools/call").Single().Params.GetProperty("name").GetString().ShouldBe("echo");
        (await client.CallToolAsync("alpha_echo")).ErrorCode.ShouldBe(-32602);
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("say")]
    public async Task A_filter_may_name_the_original_or_the_new_name(string inFilter)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").Tool("other")).Block($$$"""
            aggregation:
              tools: [{workload: alpha, filter: [{{{inFilter}}}], overrides: {echo: {name: say} } }]
            """));
        (await (await world.ConnectAsync(Eras.Latest)).ToolsAsync()).ShouldBe(["alpha_say"]);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "FILT-04")]
    public async Task Deny_by_default_hides_tools_only(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("alpha", s => s.Tool("one").Tool("two").Resource("file:///a").Prompt("p"))
            .Backend("beta", s => s.Tool("one").Resource("file:///b").Prompt("p"))
            .Block("""
                aggregation:
                  defaultToolVisibility: deny
                  tools: [{workload: alpha}]
                """));
        Front client = await world.ConnectAsync(revision);
        (await client.ToolsAsync()).ShouldBe(["alpha_one", "alpha_two"], ignoreOrder: true);
        (await client.ListAsync("resources/list", "resources", "uri")).ShouldBe(["file:///a", "file:///b"], ignoreOrder: true);
        (await client.ListAsync("prompts/list", "prompts", "name")).ShouldBe(["alpha_p", "beta_p"], ignoreOrder: true);
        (await client.CallToolAsync("beta_one")).ErrorCode.ShouldBe(-32602);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "FILT-05")]
    public async Task ExcludeAllTools_gives_an_empty_list_and_no_error(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Block("aggregation: {excludeAllTools: true}"));
        Front client = await world.ConnectAsync(revision);
        RpcAnswer answer = await client.CallAsync("tools/list");
        answer.HttpStatus.ShouldBe(200);
        answer.Success().GetProperty("tools").GetArrayLength().ShouldBe(0);
        (await client.CallToolAsync("alpha_echo")).ErrorCode.ShouldBe(-32602);
        (await world.StatusAsync()).GetProperty("backends")[0].GetProperty("health").GetString().ShouldBe("healthy");
    }

    [Fact]
    public async Task ExcludeAll_hides_one_backend()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Backend("beta").Block("""
            aggregation:
              tools: [{workload: alpha, excludeAll: true}]
            """));
        (await (await world.ConnectAsync(Eras.Latest)).ToolsAsync()).ShouldBe(["beta_echo"]);
    }
}
