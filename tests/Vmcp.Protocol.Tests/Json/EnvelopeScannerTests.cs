using System.Text;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Tests.Json;

public sealed class EnvelopeScannerTests
{
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", MessageKind.Request, "ping", "1")]
    [InlineData("""{"method":"ping","id":"a","jsonrpc":"2.0"}""", MessageKind.Request, "ping", "\"a\"")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", MessageKind.Notification, "notifications/initialized", "")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{}}""", MessageKind.Response, "", "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":null}""", MessageKind.Response, "", "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"m"}}""", MessageKind.Response, "", "7")]
    [InlineData(" \r\n\t{ \"jsonrpc\" : \"2.0\" , \"id\" : 1 , \"method\" : \"x/y\" } \n", MessageKind.Request, "x/y", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","more":{"a":[1]}}""", MessageKind.Request, "ping", "1")]
    [InlineData("""{"\u006asonrpc":"2\u002e0","\u0069d":1,"m\u0065thod":"tools\/call"}""", MessageKind.Request, "tools/call", "1")]
    public void The_shapes_of_a_message_are_told_apart(string text, MessageKind kind, string method, string id)
    {
        Envelope found = Scan(text);

        found.Kind.ShouldBe(kind);
        found.Method.ShouldBe(method);
        Encoding.UTF8.GetString(found.Bytes(found.Id)).ShouldBe(id);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1e400")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"\"")]
    [InlineData("\"\\u0041\\ud83d\\ude00\"")]
    [InlineData("\"☃\"")]
    public void An_id_keeps_its_bytes(string id)
    {
        Envelope found = Scan("{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\": " + id + " ,\"params\":{}}");

        Encoding.UTF8.GetString(found.Bytes(found.Id)).ShouldBe(id);
    }

    [Fact]
    public void Params_and_meta_members_are_found_by_their_values()
    {
        Envelope found = Scan(
            """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"n\u0061me":"a\u00e9","arguments": {"name":"inner"} ,
             "_meta":{"progressToken":[1],"io.modelcontextprotocol/protocolVersion":"2026-07-28","other":{}},"uri":7}}
            """);

        found.Text(ParamKey.Name).ShouldBe("aé");
        Encoding.UTF8.GetString(found.Bytes(found[ParamKey.Arguments])).ShouldBe("""{"name":"inner"}""");
        found.Has(ParamKey.Uri).ShouldBeTrue();
        found.Text(ParamKey.Uri).ShouldBeNull("it is no string");
        found.Has(ParamKey.Cursor).ShouldBeFalse();
        found.Text(ParamKey.Cursor).ShouldBeNull();
        Encoding.UTF8.GetString(found.Bytes(found[MetaKey.ProgressToken])).ShouldBe("[1]");
        found.Text(MetaKey.ProtocolVersion).ShouldBe("2026-07-28");
        found.Has(MetaKey.ClientInfo).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping"}x""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping"}{}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping",}""")]
    [InlineData("""{"jsonrpc":"2.0","id":01,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":NaN,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","\ud800":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\udfff"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"\udfff":1}}}""")]
    [InlineData("/* c */{}")]
    public void What_is_not_JSON_is_a_parse_error(string text) => Refuse(text).Code.ShouldBe(JsonRpcCodes.ParseError);

    [Theory]
    [InlineData("[]", "batches")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"}]""", "batches")]
    [InlineData("1", "object")]
    [InlineData("null", "object")]
    [InlineData("\"x\"", "object")]
    [InlineData("{}", "jsonrpc")]
    [InlineData("""{"id":1,"method":"ping"}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":2.0,"id":1,"method":"ping"}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"2.0"}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":""}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","id":true,"method":"ping"}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","id":[1],"method":"ping"}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":null}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[]}}""", "_meta")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}""", "not both")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"error":{}}""", "not both")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":"x"}""", "error")]
    public void JSON_that_is_no_message_is_an_invalid_request(string text, string named)
    {
        EnvelopeProblem problem = Refuse(text);

        problem.Code.ShouldBe(JsonRpcCodes.InvalidRequest);
        problem.Message.ShouldContain(named);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":{}}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}""", "name")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","\u006eame":"b"}}""", "name")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{},"_meta":{}}}""", "_meta")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":1,"progressToken":2}}}""", "progressToken")]
    public void A_key_we_route_by_may_come_once(string text, string key) =>
        Refuse(text).ShouldBe(new EnvelopeProblem(JsonRpcCodes.InvalidRequest, $"The key \"{key}\" appears twice."));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"Method":"tools/call","method":"ping"}""")]
    [InlineData("""{"JSONRPC":"2.0","id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"\u004eame":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"ProgressToken":1}}}""")]
    public void A_key_that_differs_only_in_case_is_refused(string text) => Refuse(text).Message.ShouldContain("upper and lower case");

    [Fact]
    public void Keys_of_arguments_are_the_tools_own_business() =>
        Scan("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"Name":1,"name":2,"name":3}}}""").Text(ParamKey.Name).ShouldBe("t");

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Nesting_is_bounded_at_64(int depth, bool accepted)
    {
        string nested = new string('[', depth - 2) + new string(']', depth - 2);
        string text = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":" + nested + "}}";

        Envelope? found = EnvelopeScanner.Scan(Encoding.UTF8.GetBytes(text), out EnvelopeProblem? problem);

        (found is not null).ShouldBe(accepted);
        problem?.Code.ShouldBe(JsonRpcCodes.ParseError);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("method")]
    public void Broken_UTF8_where_we_read_is_a_parse_error(string where)
    {
        byte[] text = Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":"{{(where == "id" ? "~" : "a")}}","method":"{{(where == "method" ? "~" : "ping")}}"}""");
        text[Array.IndexOf(text, (byte)'~')] = 0xff;

        EnvelopeScanner.Scan(text, out EnvelopeProblem? problem).ShouldBeNull();

        problem!.Code.ShouldBe(JsonRpcCodes.ParseError);
    }

    private static Envelope Scan(string text)
    {
        Envelope? found = EnvelopeScanner.Scan(Encoding.UTF8.GetBytes(text), out EnvelopeProblem? problem);
        problem.ShouldBeNull();
        return found.ShouldNotBeNull();
    }

    private static EnvelopeProblem Refuse(string text)
    {
        EnvelopeScanner.Scan(Encoding.UTF8.GetBytes(text), out EnvelopeProblem? problem).ShouldBeNull();
        return problem.ShouldNotBeNull();
    }
}
