using System.Text;
using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Content;

/// <summary>What the gateway does not know passes it byte for byte.</summary>
public sealed class FidelityTests
{
    private const string Rest =
        """ "title":"T\u00e9\/st","icons":[{"src":"data:,x","sizes":["any"]}] ,"inputSchema":{"type":"object","x":1.0e+2},"_meta":{"vendor/x":12345678901234567890.10},"x-vendor":{"n":-0.0,"s":"\ud83d\ude00"}}""";

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Listed_items_keep_every_byte_but_the_name(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s
            .Tool("echo", rawJson: """{"name":"echo",""" + Rest)
            .Prompt("p", rawJson: """{"name":"p","title":"P\u00e9","arguments":[{"name":"a","title":"A","required":true}],"x-vendor":1.50}""")
            .Resource("file:///a%20b", rawJson: """{"uri":"file:\/\/\/a%20b","name":"n","size":1e3,"annotations":{"priority":0.10},"x-vendor":[ 1 ]}""")
            .Template("t://{x}", rawJson: """{"uriTemplate":"t://{x}","name":"n","icons":[],"x-vendor":null}"""));
        Front client = await world.ConnectAsync(revision);
        (await client.CallAsync("tools/list")).RawText.ShouldContain("""{"name":"alpha_echo",""" + Rest);
        (await client.CallAsync("prompts/list")).RawText.ShouldContain(
            """{"name":"alpha_p","title":"P\u00e9","arguments":[{"name":"a","title":"A","required":true}],"x-vendor":1.50}""");
        (await client.CallAsync("resources/list")).RawText.ShouldContain(
            """{"uri":"file:\/\/\/a%20b","name":"n","size":1e3,"annotations":{"priority":0.10},"x-vendor":[ 1 ]}""");
        (await client.CallAsync("resources/templates/list")).RawText.ShouldContain("""{"uriTemplate":"t://{x}","name":"n","icons":[],"x-vendor":null}""");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Arguments_and_results_keep_every_byte(string revision, string back)
    {
        const string Arguments = """{"a":1.0e+2, "b":"\u00e9\/\ud83d\ude00","c":12345678901234567890,"d":[ ],"name":"x"}""";
        const string Content = """[{"type":"text","text":"\u0041\/","annotations":{"priority":0.50}},{"type":"x-new","blob":1.00}]""";
        const string Structured = """[1.0,"\u00e9",{"z":1,"a":2}]""";
        byte[]? seen = null;
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("echo", call =>
        {
            seen = Encoding.UTF8.GetBytes(call.Arguments.GetRawText());
            return Task.FromResult($$$"""{"content":{{{Content}}},"structuredContent":{{{Structured}}},"x-vendor":{"n":1.10},"_meta":{"vendor/y":"\u00e9"}}""");
        }));
        Front client = await world.ConnectAsync(revision);
        RpcAnswer answer = await client.CallToolAsync("alpha_echo", Arguments);
        Encoding.UTF8.GetString(seen!).ShouldBe(Arguments);
        JsonElement result = answer.Success();
        result.GetProperty("content").GetRawText().ShouldBe(Content);
        result.GetProperty("structuredContent").GetRawText().ShouldBe(Structured);
        result.GetProperty("x-vendor").GetRawText().ShouldBe("""{"n":1.10}""");
        result.GetProperty("_meta").GetProperty("vendor/y").GetRawText().ShouldBe("\"\\u00e9\"");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_result_without_structured_content_gets_none(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("t", Handlers.Text("plain")));
        Front client = await world.ConnectAsync(revision);
        (await client.CallToolAsync("alpha_t")).Success().TryGetProperty("structuredContent", out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Meta_of_a_request_reaches_the_backend_in_calls_reads_and_prompts(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("echo").Resource("file:///r").Prompt("p"));
        Front client = await world.ConnectAsync(revision);
        const string Meta = """{"traceparent":"00-1-2-01","example.com/k":{"deep":[1,2]}}""";
        (await client.CallToolAsync("alpha_echo", """{"input":"x"}""", Meta)).Success();
        (await client.CallAsync("resources/read", """{"uri":"file:///r"}""", Meta)).Success();
        (await client.CallAsync("prompts/get", """{"name":"alpha_p"}""", Meta)).Success();
        foreach (string method in (string[])["tools/call", "resources/read", "prompts/get"])
        {
            JsonElement meta = world["alpha"].RequestsFor(method).Single().Params.GetProperty("_meta");
            meta.GetProperty("traceparent").GetString().ShouldBe("00-1-2-01", method);
            meta.GetProperty("example.com/k").GetRawText().ShouldBe("""{"deep":[1,2]}""", method);
        }
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Errors_of_a_backend_pass_with_code_message_and_data(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(
            back, s => s.Tool("bad", _ => throw new RpcErrorException(1234, "as said", """{"why":[1.0]}""")));
        Front client = await world.ConnectAsync(revision);
        RpcAnswer answer = await client.CallToolAsync("alpha_bad");
        answer.ErrorCode.ShouldBe(1234);
        answer.Error!.Value.GetProperty("message").GetString().ShouldBe("as said");
        answer.Error.Value.GetProperty("data").GetRawText().ShouldBe("""{"why":[1.0]}""");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_tool_error_stays_a_tool_error(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("bad", Handlers.Raw(Handlers.ErrorResult("not so"))));
        Front client = await world.ConnectAsync(revision);
        RpcAnswer answer = await client.CallToolAsync("alpha_bad");
        answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        answer.Text().ShouldBe("not so");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Completion_goes_to_the_owner_of_the_reference(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s
            .Prompt("review").Template("repo://{id}").Tool("echo")
            .Completion(call => Task.FromResult($$$"""{"completion":{"values":[{{{JsonSerializer.Serialize(call.Params.GetProperty("ref").ToString())}}}],"total":1.0}}""")));
        Front client = await world.ConnectAsync(revision);
        RpcAnswer prompt = await client.CallAsync(
            "completion/complete", """{"ref":{"type":"ref/prompt","name":"alpha_review"},"argument":{"name":"a","value":"v"}}""");
        JsonElement completion = prompt.Success().GetProperty("completion");
        completion.GetProperty("total").GetRawText().ShouldBe("1.0");
        completion.GetProperty("values")[0].GetString()!.ShouldContain("\"review\"");
        RpcAnswer resource = await client.CallAsync(
            "completion/complete", """{"ref":{"type":"ref/resource","uri":"repo://{id}"},"argument":{"name":"id","value":"4"}}""");
        resource.Success().GetProperty("completion").GetProperty("values")[0].GetString()!.ShouldContain("repo://{id}");
        RpcAnswer unknown = await client.CallAsync(
            "completion/complete", """{"ref":{"type":"ref/prompt","name":"nobody"},"argument":{"name":"a","value":"v"}}""");
        unknown.Success().GetProperty("completion").GetProperty("values").GetArrayLength().ShouldBe(0);
    }
}
