using System.Text;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>A page in a browser that reaches the gateway under a name of its own (MCP: servers must validate Origin).</summary>
[Trait("Threat", "8.5 DNS rebinding and Origin")]
public sealed class DnsRebindingTests
{
    private const string Call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo","arguments":{"input":"x"}}}""";
    private const string ModernCall =
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}},"name":"alpha_echo","arguments":{"input":"x"}}}""";

    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"w","version":"1"}}}""";

    private static readonly string[] Requests =
    [
        "initialize", "tools/call legacy", "tools/call modern", "listen modern", "GET", "DELETE", "/status", "/metrics", "/health", "/readyz",
        "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp", "/api/backends/health", "/api/catalog", "/dashboard", "/no/such/path",
    ];

    public static TheoryData<string, string, bool> Headers => new()
    {
        { "good Host", "Host: localhost:4483", true },
        { "good Host by address", "Host: 127.0.0.1", true },
        { "good Host of IPv6", "Host: [::1]:1", true },
        { "foreign Host", "Host: evil.example", false },
        { "foreign Host with our name in it", "Host: localhost.evil.example", false },
        { "foreign Host with our name as user", "Host: localhost@evil.example", false },
        { "foreign Host with a trailing dot trick", "Host: 127.0.0.1.nip.io", false },
        { "metadata address as Host", "Host: 169.254.169.254", false },
        { "missing Host", "", false },
        { "empty Host", "Host:", false },
        { "duplicate Host", "Host: localhost\r\nHost: evil.example", false },
        { "duplicate good Host", "Host: localhost\r\nHost: localhost", false },
        { "two Hosts in one", "Host: localhost, evil.example", false },
        { "null Host", "Host: null", false },
        { "foreign Host, good forwarded one", "Host: evil.example\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost", false },
        { "good Host, foreign forwarded one", "Host: localhost\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example", true },
        { "good Origin", "Host: localhost\r\nOrigin: http://localhost:3000", true },
        { "foreign Origin", "Host: localhost\r\nOrigin: https://evil.example", false },
        { "foreign Origin with our name in it", "Host: localhost\r\nOrigin: http://localhost.evil.example", false },
        { "missing Origin", "Host: localhost", true },
        { "empty Origin", "Host: localhost\r\nOrigin:", false },
        { "duplicate Origin", "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example", false },
        { "duplicate good Origin", "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost", false },
        { "null Origin", "Host: localhost\r\nOrigin: null", false },
        { "Origin of a file", "Host: localhost\r\nOrigin: file://", false },
        { "Origin of an extension", "Host: localhost\r\nOrigin: chrome-extension://abc", false },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Only_a_known_host_and_origin_come_in_at_any_path_and_in_any_era(string what, string header, bool admitted)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new NamedDoor();
            w.Options = o => o with { Dashboard = true };
        });
        foreach (string request in Requests)
        {
            LegacyClient client = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
            int sessions = world.Gateway.Sessions.Count;
            int calls = world["alpha"].RequestsFor("tools/call").Count;
            RawAnswer answer = await RawHttp.SendAsync(world.Url, Compose(request, header, client.SessionId!));
            if (admitted)
            {
                int expected = request switch
                {
                    "/metrics" or "/no/such/path" => 404,
                    "/api/catalog" or "/dashboard" when header.Contains("Forwarded", StringComparison.Ordinal) => 403, // not of this machine, then
                    _ => 200,
                };
                answer.Status.ShouldBe(expected, $"{request}, {what}: {answer.Text}");
                continue;
            }

            // The metadata is the same for everybody and any page may read it (RFC 9728 3, browser clients): it is no secret worth a guard.
            bool isPublic = request.StartsWith("/.well-known/", StringComparison.Ordinal);
            answer.Status.ShouldBeOneOf(isPublic ? [200, 400] : [400, 403], $"{request}, {what}: {answer.Text}");
            answer.Text.ShouldNotContain("evil.example", Case.Insensitive, "nothing of the request comes back");
            world.Gateway.Sessions.Count.ShouldBe(sessions, $"{request}, {what}");
            world["alpha"].RequestsFor("tools/call").Count.ShouldBe(calls, $"{request}, {what}");
        }
    }

    [Fact]
    public async Task A_foreign_host_learns_nothing_not_even_that_a_token_is_wanted()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new NamedDoor();
        });
        foreach (string header in (string[])["Host: evil.example", "Host: localhost\r\nOrigin: https://evil.example"])
        {
            byte[] bare = RawHttp.Compose("POST", "/mcp", [header, "Content-Type: application/json", "Connection: close", "Content-Length: 2"], "{}"u8.ToArray());
            RawAnswer answer = await RawHttp.SendAsync(world.Url, bare);
            answer.Status.ShouldBe(403);
            answer.Text.ShouldNotContain("WWW-Authenticate", Case.Insensitive);
            answer.Text.ShouldNotContain("Access-Control", Case.Insensitive);
        }
    }

    [Theory]
    [InlineData("GET http://evil.example/status HTTP/1.1", "Host: evil.example")]
    [InlineData("GET http://evil.example/status HTTP/1.1", "Host: localhost")]
    [InlineData("GET http://localhost/status HTTP/1.1", "Host: evil.example")]
    [InlineData("GET /status HTTP/1.0", "Accept: */*")]
    public async Task A_host_in_the_target_is_judged_too(string line, string header)
    {
        await using TestWorld world = await TestWorld.StartAsync();
        RawAnswer answer = await RawHttp.SendAsync(world.Url, Encoding.ASCII.GetBytes($"{line}\r\n{header}\r\nConnection: close\r\n\r\n"));
        answer.Status.ShouldBeOneOf(400, 403);
        answer.Text.ShouldNotContain("\"backends\"");
    }

    [Fact]
    public async Task The_challenge_names_the_configured_resource_whatever_the_request_says()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new NamedDoor();
            w.Options = o => o with { AllowedHosts = null }; // as behind a proxy, where any host comes in
        });
        foreach (string host in (string[])["localhost", "evil.example"])
        {
            string[] lines = [$"Host: {host}", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http", "Content-Type: application/json", "Connection: close", "Content-Length: 2"];
            RawAnswer challenge = await RawHttp.SendAsync(world.Url, RawHttp.Compose("POST", "/mcp", lines, "{}"u8.ToArray()));
            challenge.Status.ShouldBe(401);
            challenge.Text.ShouldContain("resource_metadata=\"https://gateway.test/.well-known/oauth-protected-resource/mcp\"");
            challenge.Text.ShouldNotContain("evil.example");
            RawAnswer document = await RawHttp.SendAsync(
                world.Url, RawHttp.Compose("GET", "/.well-known/oauth-protected-resource/mcp", [$"Host: {host}", "X-Forwarded-Host: evil.example", "Connection: close"]));
            document.Text.ShouldContain("\"resource\":\"https://gateway.test/mcp\"");
            document.Text.ShouldNotContain("evil.example");
        }
    }

    private static byte[] Compose(string request, string header, string session)
    {
        string[] common = [.. header.Length == 0 ? [] : (string[])[header], "Authorization: Bearer ada.1", "Connection: close"];
        string[] posts = [.. common, "Content-Type: application/json", "Accept: application/json, text/event-stream"];
        string listen = ModernCall
            .Replace("tools/call", "subscriptions/listen", StringComparison.Ordinal)
            .Replace(""" "name":"alpha_echo","arguments":{"input":"x"} """.Trim(), """ "notifications":{"toolsListChanged":true} """.Trim(), StringComparison.Ordinal);
        return request switch
        {
            "initialize" => Post(Initialize, posts),
            "tools/call legacy" => Post(Call, [.. posts, "Mcp-Session-Id: " + session]),
            "tools/call modern" => Post(ModernCall, [.. posts, "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: alpha_echo"]),
            "listen modern" => Post(listen, [.. posts, "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen"]),
            "GET" => RawHttp.Compose("GET", "/mcp", [.. common, "Accept: text/event-stream", "Mcp-Session-Id: " + session]),
            "DELETE" => RawHttp.Compose("DELETE", "/mcp", [.. common, "Mcp-Session-Id: " + session]),
            _ => RawHttp.Compose("GET", request, common),
        };
    }

    private static byte[] Post(string body, string[] lines) =>
        RawHttp.Compose("POST", "/mcp", [.. lines, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}"], Encoding.UTF8.GetBytes(body));
}
