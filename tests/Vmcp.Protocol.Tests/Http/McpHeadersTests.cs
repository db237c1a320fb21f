using Vmcp.Protocol.Http;

namespace Vmcp.Protocol.Tests.Http;

public sealed class McpHeadersTests
{
    [Theory]
    [InlineData("tools/call", "tools/call")]
    [InlineData("", "")]
    [InlineData("a b", "a b")]
    [InlineData("=?base64?", "=?base64?PT9iYXNlNjQ/?=")]
    [InlineData("é", "=?base64?w6k=?=")]
    [InlineData(" padded", "=?base64?IHBhZGRlZA==?=")]
    [InlineData("padded ", "=?base64?cGFkZGVkIA==?=")]
    [InlineData("a\tb", "=?base64?YQli?=")]
    [InlineData("\n", "=?base64?Cg==?=")]
    public void A_value_that_headers_cannot_carry_is_encoded(string value, string header)
    {
        McpHeaders.Encode(value).ShouldBe(header);
        McpHeaders.Decode(header).ShouldBe(value);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=?base64?", "=?base64?")]
    [InlineData("=?base64??=", "")]
    [InlineData("=?base64?4piD?=", "☃")]
    [InlineData("=?base64?!!!?=", null)]
    [InlineData("=?base64?abc?=", null)]
    [InlineData("=?base64?/w==?=", null)]
    [InlineData("=?base64?YQ==", "=?base64?YQ==")]
    public void A_header_is_decoded_or_refused(string header, string? value) => McpHeaders.Decode(header).ShouldBe(value);
}
