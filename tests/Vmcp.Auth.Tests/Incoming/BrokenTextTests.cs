using System.Buffers.Text;
using System.Text;

using Vmcp.Auth.Incoming;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>JSON that parses but holds what is no text: anybody can send it, so it must not get further than the door.</summary>
public sealed class BrokenTextTests
{
    private const string Header = """{"alg":"ES256","kid":"k"}""";

    [Theory]
    [InlineData("""{"alg":"\ud83d"}""", "{}")]
    [InlineData("""{"alg":"ES256","kid":"\udc00x"}""", "{}")]
    [InlineData("""{"alg":"ES256","typ":"\ud83d"}""", "{}")]
    [InlineData("{\"alg\":\"ES\u00ff\"}", "{}")]
    [InlineData("{\"\u00ff\":1,\"alg\":\"ES256\"}", "{}")]
    [InlineData(Header, """{"typ":"\ud83d"}""")]
    [InlineData(Header, """{"iss":"\ud83d","sub":"x"}""")]
    [InlineData(Header, """{"a":{"b":["\ud83d"]}}""")]
    [InlineData(Header, """{"\ud83d":1,"\ud83e":2}""")]
    [InlineData(Header, "{\"sub\":\"\u00ff\"}")]
    [Trait("Threat", "8.6 Header and body smuggling")]
    public async Task A_token_that_holds_no_text_is_refused_like_any_other(string header, string payload)
    {
        await using Door door = await Door.OpenAsync();

        (await door.KnockAsync($"{Part(header)}.{Part(payload)}.AAAA")).ShouldBeOfType<Admission.Challenged>().Error.ShouldBe("invalid_token");
    }

    // Latin-1, so that a test can write bytes that are no UTF-8.
    private static string Part(string json) => Base64Url.EncodeToString(Encoding.Latin1.GetBytes(json));
}
