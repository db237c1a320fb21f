using System.Text;
using System.Text.Json;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Tests.Eras;

public sealed class EraClassifierTests
{
    private const string Modern = "2026-07-28";
    private const string Version = "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"";
    private const string Rest = "\"io.modelcontextprotocol/clientInfo\":{},\"io.modelcontextprotocol/clientCapabilities\":{}";

    [Theory]
    [InlineData("tools/list", "", null)]
    [InlineData("tools/list", "", "2025-11-25")]
    [InlineData("tools/list", "\"progressToken\":1", "2025-06-18")]
    [InlineData("tools/list", Rest, "2025-11-25")]
    [InlineData("tools/list", "\"io.modelcontextprotocol/protocolVersion\":\"2025-06-18\"", "2025-11-25")]
    [InlineData("initialize", "", Modern)]
    [InlineData("initialize", Version, null)]
    [Trait("Scenario", "ERA-03")]
    public void Stray_modern_signs_leave_a_request_Legacy(string method, string meta, string? header) =>
        Classify(Request(method, meta), header, method).ShouldBe(EraVerdict.IsLegacy.Instance);

    [Fact]
    public void A_response_is_Legacy_whatever_its_headers() =>
        Classify("""{"jsonrpc":"2.0","id":1,"result":{}}""", Modern, null).ShouldBe(EraVerdict.IsLegacy.Instance);

    [Theory]
    [InlineData("tools/list", null)]
    [InlineData("server/discover", null)]
    [InlineData("tools/call", "t")]
    [InlineData("prompts/get", "t")]
    [InlineData("initialize", null)]
    [InlineData("no/such", null)]
    public void A_complete_request_is_Modern(string method, string? name) =>
        Classify(Request(method, $"{Version},{Rest}", "\"name\":\"t\""), Modern, method, name).ShouldBe(EraVerdict.IsModern.Instance);

    [Fact]
    public void A_notification_needs_the_header_only() =>
        Classify("""{"jsonrpc":"2.0","method":"notifications/cancelled"}""", Modern, null).ShouldBe(EraVerdict.IsModern.Instance);

    [Theory]
    [InlineData(null, "MCP-Protocol-Version")]
    [InlineData("2025-11-25", "MCP-Protocol-Version")]
    [InlineData("2099-01-01", "MCP-Protocol-Version")]
    [Trait("Scenario", "ERA-03")]
    public void Another_version_in_the_header_is_a_mismatch(string? header, string named)
    {
        EraVerdict.Refused refused = Refused(Request("tools/list", $"{Version},{Rest}"), header, "tools/list");

        refused.Code.ShouldBe(-32020);
        JsonElement data = Data(refused);
        data.GetProperty("header").GetString().ShouldBe(named);
        data.GetProperty("body").GetString().ShouldBe(Modern);
        data.GetProperty("headerValue").GetString().ShouldBe(header);
    }

    [Fact]
    [Trait("Scenario", "ERA-03")]
    public void An_unknown_version_on_both_sides_is_unsupported()
    {
        EraVerdict.Refused refused = Refused(
            Request("tools/list", "\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\"," + Rest), "2099-01-01", "tools/list");

        refused.Code.ShouldBe(-32022);
        Data(refused).GetProperty("requested").GetString().ShouldBe("2099-01-01");
        Data(refused).GetProperty("supported").EnumerateArray().Select(v => v.GetString()).ShouldBe([Modern]);
    }

    [Theory]
    [InlineData("tools/list", "", -32021)]
    [InlineData("tools/list", ",\"io.modelcontextprotocol/clientCapabilities\":[]", -32021)]
    [InlineData("server/discover", "", -32602)]
    [Trait("Scenario", "ERA-03")]
    public void Client_capabilities_must_be_an_object(string method, string capabilities, int code) =>
        Refused(Request(method, Version + capabilities), Modern, method).Code.ShouldBe(code);

    [Theory]
    [InlineData("", Modern)]
    [InlineData(Rest, Modern)]
    [InlineData(Rest, null)]
    public void A_modern_sign_without_the_body_version_is_a_fault_of_params(string meta, string? header) =>
        Refused(Request("tools/list", meta), header, "tools/list").Code.ShouldBe(-32602);

    [Theory]
    [InlineData(null, "t", "Mcp-Method")]
    [InlineData("tools/list", "t", "Mcp-Method")]
    [InlineData("TOOLS/CALL", "t", "Mcp-Method")]
    [InlineData("tools/call", null, "Mcp-Name")]
    [InlineData("tools/call", "T", "Mcp-Name")]
    [InlineData("tools/call", "=?base64?!!!?=", "Mcp-Name")]
    [Trait("Scenario", "ERA-03")]
    public void Routing_headers_must_say_what_the_body_says(string? method, string? name, string header)
    {
        EraVerdict.Refused refused = Refused(Request("tools/call", $"{Version},{Rest}", "\"name\":\"t\""), Modern, method, name);

        refused.Code.ShouldBe(-32020);
        Data(refused).GetProperty("header").GetString().ShouldBe(header);
    }

    [Theory]
    [InlineData("tools/call", "\"name\":\"é\"", "=?base64?w6k=?=")]
    [InlineData("resources/read", "\"uri\":\"test://x\"", "test://x")]
    [InlineData("tasks/get", "\"taskId\":\"7\"", "7")]
    [InlineData("tools/call", "\"n\\u0061me\":\"t\"", "=?base64?dA==?=")]
    public void The_name_is_compared_by_meaning(string method, string member, string header) =>
        Classify(Request(method, $"{Version},{Rest}", member), Modern, method, header).ShouldBe(EraVerdict.IsModern.Instance);

    private static string Request(string method, string meta, string member = "\"x\":1") =>
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + member + ",\"_meta\":{" + meta + "}}}";

    private static EraVerdict Classify(string text, string? version, string? method, string? name = null)
    {
        Envelope envelope = EnvelopeScanner.Scan(Encoding.UTF8.GetBytes(text), out _).ShouldNotBeNull();
        return EraClassifier.Classify(envelope, new EraHeaders(version, method, name));
    }

    private static EraVerdict.Refused Refused(string text, string? version, string? method, string? name = null) =>
        Classify(text, version, method, name).ShouldBeOfType<EraVerdict.Refused>();

    private static JsonElement Data(EraVerdict.Refused refused) => JsonDocument.Parse(refused.Data).RootElement;
}
