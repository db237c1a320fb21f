using System.Text;

using Vmcp.Auth.Aws;

namespace Vmcp.Auth.Tests.Aws;

public sealed class StsWireTests
{
    private const string Good = """
        <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
          <SubjectFromWebIdentityToken>ann</SubjectFromWebIdentityToken><Audience/>
          <Credentials><SessionToken>token</SessionToken><SecretAccessKey>secret</SecretAccessKey><Expiration>2030-01-02T03:04:05Z</Expiration>
          <AccessKeyId>ASIA1</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
        """;

    [Theory]
    [InlineData("eu-central-1", "https://sts.eu-central-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov/")]
    [InlineData("us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov/")]
    [InlineData("eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu/")]
    [InlineData("evil.example.org#", null)]
    [InlineData("a/b", null)]
    [InlineData("", null)]
    public void A_region_has_its_endpoint(string region, string? url) => (StsEndpoint.Of(region)?.AbsoluteUri).ShouldBe(url);

    [Theory]
    [InlineData(null, null, null, false)]
    [InlineData("https://sts.test/", "https://all.test", "https://sts.test/", false)]
    [InlineData("", "https://all.test", "https://all.test/", false)]
    [InlineData(null, "http://127.0.0.1:4566", "http://127.0.0.1:4566/", false)]
    [InlineData("http://sts.test/", null, null, true)]
    [InlineData("sts.test", "https://all.test", null, true)]
    [InlineData("https://me:secret@sts.test/", null, null, true)]
    public void The_environment_may_name_the_endpoint(string? sts, string? all, string? url, bool isProblem)
    {
        (Uri? endpoint, string? problem) = StsEndpoint.FromEnvironment(name => name == "AWS_ENDPOINT_URL_STS" ? sts : name == "AWS_ENDPOINT_URL" ? all : null);

        (endpoint?.AbsoluteUri).ShouldBe(url);
        if (isProblem)
            problem.ShouldBe("the environment variable AWS_ENDPOINT_URL_STS is not an absolute https URL without a user");
        else
            problem.ShouldBeNull();
    }

    [Fact]
    public void Credentials_are_read_from_the_answer()
    {
        AwsCredentials read = Read(Good).Credentials!;

        read.AccessKeyId.ShouldBe("ASIA1");
        read.SecretAccessKey.Reveal().ShouldBe("secret");
        read.SessionToken!.Reveal().ShouldBe("token");
        read.Expiration.ShouldBe(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
    }

    public static TheoryData<string> Unusable { get; } =
    [
        "", "{}", "<a>", "<a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>" + Good.Replace("ASIA1", "&x;"),
        "<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;&x;&x;\">]>" + Good.Replace("ASIA1", "&z;"),
        Good.Replace("<AccessKeyId>ASIA1</AccessKeyId>", ""),
        Good.Replace("ASIA1", "ASIA&#13;&#10;X-Injected: 1"),
        Good.Replace("token</", "to ken</"),
        Good.Replace("<Expiration>2030-01-02T03:04:05Z</Expiration>", ""),
        Good.Replace("2030-01-02T03:04:05Z", "0001-01-01T00:00:00Z"),
        Good.Replace("2030-01-02T03:04:05Z", "tomorrow"),
        Good.Replace("<Credentials>", "<Other>").Replace("</Credentials>", "</Other>"),
        string.Concat(Enumerable.Repeat("<a>", 50)) + string.Concat(Enumerable.Repeat("</a>", 50)),
        Good.Replace("<Audience/>", "<Audience>" + new string('x', 70_000) + "</Audience>"),
    ];

    [Theory]
    [MemberData(nameof(Unusable))]
    public void An_answer_that_cannot_be_used_holds_nothing(string xml)
    {
        StsAnswer read = Read(xml);

        read.Credentials.ShouldBeNull();
        read.ErrorCode.ShouldBeNull();
    }

    [Fact]
    public void The_error_code_is_read() =>
        Read("<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>").ErrorCode.ShouldBe("AccessDenied");

    private static StsAnswer Read(string xml) => StsAnswer.Read(Encoding.UTF8.GetBytes(xml));
}
