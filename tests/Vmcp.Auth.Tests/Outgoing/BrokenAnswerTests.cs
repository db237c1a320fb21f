using System.Buffers.Text;
using System.Text;

using Vmcp.Auth.Http;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Auth.Outgoing.Exchange;

namespace Vmcp.Auth.Tests.Outgoing;

/// <summary>Answers of a token endpoint that parse but hold what is no text are refused like any other, not taken for a defect of ours.</summary>
public sealed class BrokenAnswerTests
{
    [Theory]
    [InlineData(200, """{"access_token":"\ud83d","token_type":"Bearer"}""")]
    [InlineData(200, """{"access_token":"t","token_type":"\ud83d"}""")]
    [InlineData(200, "{\"access_token\":\"t\u00ff\",\"token_type\":\"Bearer\"}")]
    [InlineData(400, """{"error":"\ud83d"}""")]
    public void What_is_no_text_is_no_token(int status, string body)
    {
        TokenAnswer answer = TokenAnswer.Read(
            new IdentityAnswer.Answered(status, Encoding.Latin1.GetBytes(body)), "its token endpoint", DateTimeOffset.UnixEpoch);

        answer.ShouldBeOfType<TokenAnswer.Denied>().Trouble.ErrorType.ShouldBe(status == 200 ? "invalid_response" : "refused");
    }

    [Theory]
    [InlineData("""{"aud":"other"}""")]
    [InlineData("""{"aud":[null]}""")]
    [InlineData("""{"aud":null}""")]
    [InlineData("{}")]
    [InlineData("""{"aud":"\ud83d"}""")]
    [InlineData("""{"aud":["vmcp\ud83d"]}""")]
    [InlineData("""{"aud":{"a":"backend"}}""")]
    [InlineData("{\"aud\":\"\u00ff\"}")]
    [InlineData("""{"sub":"\ud83d","aud":"other"}""")]
    public void A_token_whose_audience_is_no_text_is_not_for_the_backend(string payload)
    {
        string token = $"{Part("""{"alg":"RS256"}""")}.{Part(payload)}.AAAA";
        TokenAnswer answer = TokenAnswer.Read(
            new IdentityAnswer.Answered(200, Encoding.UTF8.GetBytes($$"""{"access_token":"{{token}}","token_type":"Bearer"}""")), "x", DateTimeOffset.UnixEpoch);

        BearerTokens.Accept(answer, "its token endpoint", "backend").ShouldBeOfType<Issue<BearerToken>.Denied>();
    }

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA")]
    public void An_opaque_token_is_taken_as_it_is(string token)
    {
        TokenAnswer answer = TokenAnswer.Read(
            new IdentityAnswer.Answered(200, Encoding.UTF8.GetBytes($$"""{"access_token":"{{token}}","token_type":"Bearer"}""")), "x", DateTimeOffset.UnixEpoch);

        BearerTokens.Accept(answer, "its token endpoint", "backend").ShouldBeOfType<Issue<BearerToken>.Granted>();
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.Latin1.GetBytes(json));
}
