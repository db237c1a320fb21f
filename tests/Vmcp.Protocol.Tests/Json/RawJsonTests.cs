using System.Text;
using System.Text.Json;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Tests.Json;

public sealed class RawJsonTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"a":2}}""", "a", "1")]
    [InlineData("""{"a":1,"b":{"a":2}}""", "b", """{"a":2}""")]
    [InlineData(""" { "b" : 3 , "\u0061" : "x" } """, "a", "\"x\"")]
    [InlineData("""{"\ud800":1,"a":2}""", "a", "2")]
    [InlineData("""{"aa":1,"a":2}""", "a", "2")]
    [InlineData("""{"b":1}""", "a", "")]
    [InlineData("{}", "a", "")]
    [InlineData("[1]", "a", "")]
    [InlineData("\"a\"", "a", "")]
    [InlineData("", "a", "")]
    public void A_member_is_found_by_its_name(string json, string name, string value)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);

        Encoding.UTF8.GetString(text.AsSpan()[RawJson.Find(text, Encoding.UTF8.GetBytes(name))]).ShouldBe(value);
    }

    [Fact]
    public void A_copy_keeps_the_bytes_of_what_stays()
    {
        byte[] json = """{ "a" : 1.0e+1, "dr\u006fp":[1], "b":"\u00e9 \/" , "drop2":{} }"""u8.ToArray();

        byte[] copy = RawJson.Rebuild(json, (ref RawMembers m) => m.NameStartsWith("drop"u8), "\"c\":true"u8);

        Encoding.UTF8.GetString(copy).ShouldBe("""{"a" : 1.0e+1,"b":"\u00e9 \/","c":true}""");
    }

    [Theory]
    [InlineData("{}", "", "{}")]
    [InlineData("{}", "\"a\":1", """{"a":1}""")]
    [InlineData("""{"x":1}""", "", "{}")]
    [InlineData("""{"x":1,"y":2}""", "\"a\":1", """{"y":2,"a":1}""")]
    public void Commas_come_out_right(string json, string append, string expected) => Encoding.UTF8.GetString(
        RawJson.Rebuild(Encoding.UTF8.GetBytes(json), (ref RawMembers m) => m.NameIs("x"u8), Encoding.UTF8.GetBytes(append))).ShouldBe(expected);

    [Fact]
    public void A_splice_changes_its_range_only() =>
        Encoding.UTF8.GetString(RawJson.Splice("abcdef"u8, 2, 4, "XYZ"u8)).ShouldBe("abXYZef");

    [Theory]
    [InlineData("\"a\\u0062c\" : 1", "abc", true)]
    [InlineData("\"abc\"", "ab", false)]
    [InlineData("7", "7", false)]
    [InlineData("\"\\ud800\"", "x", false)]
    public void Strings_are_compared_by_meaning(string token, string text, bool equal) =>
        RawJson.StringEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(text)).ShouldBe(equal);

    [Theory]
    [InlineData("\"io.x/a\"", "io.x/", true)]
    [InlineData("\"io\\u002ex/a\"", "io.x/", true)]
    [InlineData("\"io\"", "io.x/", false)]
    [InlineData("\"\\ud800\"", "i", false)]
    public void Beginnings_are_compared_by_meaning(string token, string prefix, bool begins) =>
        RawJson.StringStartsWith(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(prefix)).ShouldBe(begins);

    [Theory]
    [InlineData("\"\\u0041\\n\"", "A\n")]
    [InlineData("\"\\ud83d\\ude00\"", "😀")]
    [InlineData("\"\\ud83d\"", null)]
    [InlineData("1", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    public void Text_is_read_or_refused(string token, string? text) => RawJson.ReadString(Encoding.UTF8.GetBytes(token)).ShouldBe(text);

    [Theory]
    [InlineData("plain")]
    [InlineData("é ☃ 😀 \" \\ \n \u0001")]
    [InlineData("</script> & '")]
    public void A_quoted_text_reads_back(string text)
    {
        byte[] quoted = RawJson.Quote(text);

        RawJson.ReadString(quoted).ShouldBe(text);
        JsonDocument.Parse(quoted).RootElement.GetString().ShouldBe(text);
    }

    [Fact]
    public void An_answer_gets_another_id_and_nothing_else_changes()
    {
        byte[] text = """{ "id" : "backend" , "jsonrpc":"2.0","result":{"id":"inner","x":1.0} }"""u8.ToArray();

        ReadOnlyMemory<byte> changed = Vmcp.Protocol.Backends.BackendMessage.Parse(text).WithId("7"u8);

        Encoding.UTF8.GetString(changed.Span).ShouldBe("""{ "id" : 7 , "jsonrpc":"2.0","result":{"id":"inner","x":1.0} }""");
    }

    [Fact]
    public void An_error_without_an_id_gets_one()
    {
        byte[] text = """{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"m"}}"""u8.ToArray();

        ReadOnlyMemory<byte> changed = Vmcp.Protocol.Backends.BackendMessage.Parse(text).WithId("\"x\""u8);

        using JsonDocument read = JsonDocument.Parse(changed);
        read.RootElement.GetProperty("id").GetString().ShouldBe("x");
        read.RootElement.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32000);
    }
}
