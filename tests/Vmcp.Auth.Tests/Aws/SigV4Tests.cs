using System.Security.Cryptography;
using System.Text;

using Vmcp.Auth.Aws;
using Vmcp.Core.Backends;

namespace Vmcp.Auth.Tests.Aws;

public sealed class SigV4Tests
{
    private static readonly AwsCredentials Example = new("AKIDEXAMPLE", new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), null, DateTimeOffset.MaxValue);
    private static readonly DateTimeOffset Then = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(SignatureVectors.All), MemberType = typeof(SignatureVectors))]
    public void A_published_request_gets_the_published_signature(
        string name, string method, string path, string query, string[] headers, string body, string signed, string signature)
    {
        IEnumerable<KeyValuePair<string, string>> lines = headers.Select(h => KeyValuePair.Create(h[..h.IndexOf(':')], h[(h.IndexOf(':') + 1)..]));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));

        CanonicalRequest canonical = CanonicalRequest.Of(
            method, path, query, [new("Host", "example.amazonaws.com"), new("X-Amz-Date", "20150830T123600Z"), .. lines], hash);

        SigV4Signer.Authorization(canonical, Example, "us-east-1", "service", "20150830T123600Z").ShouldBe(Expected(signed, signature), name);
    }

    [Theory]
    [MemberData(nameof(SignatureVectors.OfHttpClient), MemberType = typeof(SignatureVectors))]
    public async Task A_published_request_is_signed_the_same_as_it_leaves_HttpClient(
        string name, string method, string path, string query, string[] headers, string body, string signed, string signature)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), $"https://example.amazonaws.com{path}{(query.Length > 0 ? "?" + query : "")}");
        AwsCredentials credentials = Example;
        if (body.Length > 0)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (string header in headers)
        {
            string key = header[..header.IndexOf(':')], value = header[(header.IndexOf(':') + 1)..];
            if (key == "X-Amz-Security-Token")
                credentials = credentials with { SessionToken = new Secret(value) };
            else if (!request.Headers.TryAddWithoutValidation(key, value))
                request.Content!.Headers.TryAddWithoutValidation(key, value);
        }

        await SigV4Signer.SignAsync(request, credentials, "us-east-1", "service", Then, TestContext.Current.CancellationToken);

        request.Headers.GetValues("Authorization").Single().ShouldBe(Expected(signed, signature), name);
    }

    [Fact]
    public void An_encoded_path_is_encoded_twice()
    {
        CanonicalRequest.Path("/example%20space/").ShouldBe("/example%2520space/");
        CanonicalRequest.Path("/a/b%2Fc/./../d").ShouldBe("/a/d");
        CanonicalRequest.Path("/../..").ShouldBe("/");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a=")]
    [InlineData("b=2&&a=1&", "a=1&b=2")]
    [InlineData("a=%7e%2f%zz%", "a=~%2F%25zz%25")]
    [InlineData("a=b+c", "a=b%20c")]
    [InlineData("a==b", "a=%3Db")]
    public void A_query_is_written_in_one_way(string query, string expected) => CanonicalRequest.Query(query).ShouldBe(expected);

    [Fact]
    public async Task What_proxies_and_tracing_change_is_not_signed()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "http://127.0.0.1:8080/mcp") { Content = new ReadOnlyMemoryContent("{}"u8.ToArray()) };
        request.Content.Headers.ContentType = new("application/json");
        foreach (string name in (string[])["traceparent", "User-Agent", "Expect", "Connection", "Via", "Forwarded", "X-Forwarded-Port"])
            request.Headers.TryAddWithoutValidation(name, "100-continue").ShouldBeTrue();
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");

        await SigV4Signer.SignAsync(request, Example, "us-east-1", "aws-mcp", Then, TestContext.Current.CancellationToken);

        request.Headers.GetValues("Authorization").Single().ShouldContain("SignedHeaders=accept;content-type;host;x-amz-date, ");
    }

    [Fact]
    public async Task Credentials_that_were_on_the_request_are_replaced()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "https://example.amazonaws.com/");
        foreach (string name in (string[])["Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"])
            request.Headers.TryAddWithoutValidation(name, "of-somebody-else");

        await SigV4Signer.SignAsync(request, Example, "us-east-1", "service", Then, TestContext.Current.CancellationToken);

        request.Headers.SelectMany(h => h.Value).ShouldNotContain(v => v.Contains("of-somebody-else"));
        request.Headers.GetValues("Authorization").Single().ShouldEndWith("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_10_MiB_is_refused_before_it_is_sent(bool lengthKnown)
    {
        byte[] large = new byte[SigV4Signer.MaxBody + 1];
        using HttpRequestMessage request = new(HttpMethod.Post, "https://example.amazonaws.com/")
        {
            Content = lengthKnown ? new ReadOnlyMemoryContent(large) : new StreamContent(new Unseekable(large)),
        };

        CredentialException problem = await Should.ThrowAsync<CredentialException>(
            async () => await SigV4Signer.SignAsync(request, Example, "us-east-1", "service", Then, TestContext.Current.CancellationToken));

        problem.Reason.ShouldContain("10 MiB");
        request.Headers.Contains("Authorization").ShouldBeFalse();
    }

    [Fact]
    public async Task A_streamed_body_is_still_sent_after_it_was_hashed()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "https://example.amazonaws.com/") { Content = new StreamContent(new Unseekable("Param1=value1"u8.ToArray())) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");

        await SigV4Signer.SignAsync(request, Example, "us-east-1", "service", Then, TestContext.Current.CancellationToken);

        request.Headers.GetValues("Authorization").Single().ShouldEndWith("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
        (await request.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("Param1=value1");
    }

    [Fact]
    public void Credentials_do_not_print_their_secrets()
    {
        string text = (Example with { SessionToken = new Secret("the-token") }).ToString();

        text.ShouldNotContain("EXAMPLEKEY");
        text.ShouldNotContain("the-token");
    }

    private static string Expected(string signed, string signature)
    {
        string[] names = [.. new[] { "host", "x-amz-date" }.Concat(signed.Split(';', StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal)];
        return $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={string.Join(';', names)}, Signature={signature}";
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
