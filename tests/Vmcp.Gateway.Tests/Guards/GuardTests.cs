using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Guards;

/// <summary>Requests that are refused before anything runs, and that nothing else suffers from.</summary>
public sealed class GuardTests
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"w","version":"1"}}}""";

    [Fact]
    public async Task Foreign_hosts_are_refused_on_every_path()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        foreach (string path in (string[])["/mcp", "/", "/status", "/health", "/api/backends/health", "/readyz"])
        {
            foreach (string host in (string[])["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:4483", "169.254.169.254"])
                (await StatusAsync(world, path, "Host", host)).ShouldBe(403, $"{path} {host}");
            foreach (string host in (string[])["localhost", "localhost:4483", "127.0.0.1:1", "[::1]:80", "LOCALHOST"])
                (await StatusAsync(world, path, "Host", host)).ShouldNotBe(403, $"{path} {host}");
        }
    }

    [Fact]
    public async Task Foreign_origins_are_refused_on_every_path_and_in_both_eras()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        foreach (string path in (string[])["/mcp", "/", "/status", "/health"])
        {
            foreach (string origin in (string[])["https://evil.example", "http://localhost.evil.example", "null", "file://", "garbage"])
                (await StatusAsync(world, path, "Origin", origin)).ShouldBe(403, $"{path} {origin}");
            foreach (string origin in (string[])["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173"])
                (await StatusAsync(world, path, "Origin", origin)).ShouldNotBe(403, $"{path} {origin}");
        }

        Dictionary<string, string> evil = new() { ["Origin"] = "https://evil.example" };
        LegacyClient legacy = world.Keep(LegacyClient.Unconnected(world.Url, evil));
        (await legacy.InitializeAsync()).HttpStatus.ShouldBe(403);
        (await world.Modern(headers: evil).CallToolAsync("alpha_echo", """{"input":"x"}""")).HttpStatus.ShouldBe(403);
        world.Gateway.Sessions.Count.ShouldBe(0);
        world["alpha"].RequestsFor("tools/call").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_over_eight_megabytes_is_too_large()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        byte[] body = Encoding.UTF8.GetBytes(
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"alpha_echo\",\"arguments\":{\"input\":\"" + new string('x', 9 << 20) + "\"}}}");
        using HttpRequestMessage declared = Post(world, new ByteArrayContent(body), client);
        using HttpResponseMessage refused = await world.SendAsync(declared);
        ((int)refused.StatusCode).ShouldBe(413);
        (await refused.Content.ReadAsStringAsync()).ShouldBe("Request Entity Too Large");
        using HttpRequestMessage chunked = Post(world, new StreamContent(new NoLength(body)), client);
        using HttpResponseMessage overflow = await world.SendAsync(chunked);
        ((int)overflow.StatusCode).ShouldBe(413);
        (await client.CallToolAsync("alpha_echo", """{"input":"fine"}""")).Text().ShouldBe("fine");
        (await client.CallToolAsync("alpha_echo", $$"""{"input":"{{new string('y', 7 << 20)}}"}""")).Text().Length.ShouldBe(7 << 20);
    }

    [Theory]
    [InlineData("depth")]
    [InlineData("batch")]
    [InlineData("duplicate")]
    [InlineData("duplicate-escaped")]
    [InlineData("duplicate-inner")]
    [InlineData("case-variant")]
    [InlineData("not-json")]
    [InlineData("not-utf8")]
    [InlineData("trailing")]
    [InlineData("no-version")]
    [InlineData("number")]
    [InlineData("empty")]
    public async Task Broken_messages_are_refused_with_400(string what)
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        string call = """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha_echo","arguments":{"input":"x"}}}""";
        byte[] body = what switch
        {
            "depth" => Encoding.UTF8.GetBytes(call.Replace("\"x\"", new string('[', 2000) + new string(']', 2000), StringComparison.Ordinal)),
            "batch" => Encoding.UTF8.GetBytes($"[{call}]"),
            "duplicate" => Encoding.UTF8.GetBytes(call.Replace("\"id\":7,", "\"id\":7,\"method\":\"ping\",", StringComparison.Ordinal)),
            "duplicate-escaped" => Encoding.UTF8.GetBytes(call.Replace("\"id\":7,", "\"id\":7,\"\\u006dethod\":\"ping\",", StringComparison.Ordinal)),
            "duplicate-inner" => Encoding.UTF8.GetBytes(call.Replace("{\"name\"", "{\"name\":\"other\",\"name\"", StringComparison.Ordinal)),
            "case-variant" => Encoding.UTF8.GetBytes(call.Replace("\"id\":7,", "\"id\":7,\"Method\":\"ping\",", StringComparison.Ordinal)),
            "not-json" => "{nope"u8.ToArray(),
            "not-utf8" => [.. Encoding.UTF8.GetBytes(call[..^4]), 0xff, 0xfe, .. Encoding.UTF8.GetBytes(call[^4..])],
            "trailing" => Encoding.UTF8.GetBytes(call + "{}"),
            "no-version" => Encoding.UTF8.GetBytes(call.Replace("\"jsonrpc\":\"2.0\",", "", StringComparison.Ordinal)),
            "number" => "17"u8.ToArray(),
            _ => [],
        };
        RpcAnswer answer = await client.SendRawAsync(body);
        answer.HttpStatus.ShouldBe(400, answer.ToString());
        answer.ErrorCode.ShouldNotBeNull(answer.ToString());
        if (what == "batch")
        {
            answer.ErrorCode.ShouldBe(-32600);
            answer.Message!.Value.TryGetProperty("id", out JsonElement id).ShouldBe(id.ValueKind == JsonValueKind.Null);
        }

        world["alpha"].RequestsFor("tools/call").ShouldBeEmpty();
        (await client.CallToolAsync("alpha_echo", """{"input":"fine"}""")).Text().ShouldBe("fine");
    }

    [Fact]
    public async Task A_wrong_content_type_is_415()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        ModernClient client = world.Modern();
        foreach (string type in (string[])["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data"])
        {
            RpcAnswer answer = await client.SendRawAsync(HttpMethod.Post, Encoding.UTF8.GetBytes(Initialize), new Dictionary<string, string> { ["Content-Type"] = type });
            answer.HttpStatus.ShouldBe(415, type);
        }

        RpcAnswer fine = await client.SendRawAsync(
            HttpMethod.Post, Encoding.UTF8.GetBytes(Initialize), new Dictionary<string, string> { ["Content-Type"] = "application/json; charset=utf-8" });
        fine.HttpStatus.ShouldBe(200);
    }

    [Fact]
    public async Task A_GET_that_takes_no_event_stream_is_406_with_the_known_body()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        using HttpResponseMessage answer = await world.GetAsync("/mcp");
        ((int)answer.StatusCode).ShouldBe(406);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await answer.Content.ReadAsStringAsync()).ShouldBe(
            """{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"Not Acceptable: Client must accept text/event-stream"}}""");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Modern_knows_POST_only(string verb)
    {
        await using TestWorld world = await TestWorld.StartAsync();
        RpcAnswer answer = await world.Modern().SendRawAsync(new HttpMethod(verb), more: new Dictionary<string, string>
        {
            ["MCP-Protocol-Version"] = Eras.Modern,
            ["Accept"] = "text/event-stream",
        });
        answer.HttpStatus.ShouldBe(405);
        answer.Header("Allow").ShouldBe("POST");
    }

    [Fact]
    public async Task Other_verbs_are_405()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        foreach (string verb in (string[])["PUT", "PATCH", "OPTIONS"])
            (await world.Modern().SendRawAsync(new HttpMethod(verb))).HttpStatus.ShouldBe(405, verb);
    }

    [Fact]
    public async Task The_endpoint_answers_at_the_root_too()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync(url: world.Gateway.BaseUrl);
        (await client.CallToolAsync("alpha_echo", """{"input":"x"}""")).Text().ShouldBe("x");
    }

    private static HttpRequestMessage Post(TestWorld world, HttpContent content, LegacyClient client)
    {
        HttpRequestMessage request = new(HttpMethod.Post, world.Url) { Content = content };
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("Mcp-Session-Id", client.SessionId);
        // So that the refusal is read before the body is written, as a well-behaved client does.
        request.Headers.ExpectContinue = true;
        return request;
    }

    private static async Task<int> StatusAsync(TestWorld world, string path, string header, string value)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.Gateway.BaseUrl, path));
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage answer = await world.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>A body whose length nobody knows beforehand.</summary>
    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
