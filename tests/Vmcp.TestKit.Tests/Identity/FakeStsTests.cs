using System.Xml.Linq;

namespace Vmcp.TestKit.Tests.Identity;

public sealed class FakeStsTests
{
    private static readonly XNamespace Sts = "https://sts.amazonaws.com/doc/2011-06-15/";

    [Fact]
    public async Task A_web_identity_becomes_numbered_credentials()
    {
        await using FakeSts sts = await FakeSts.StartAsync();
        using var http = new HttpClient();

        using HttpResponseMessage response = await http.PostAsync(sts.Url, Form("arn:aws:iam::123456789012:role/reader"));

        XElement answer = XElement.Parse(await response.Content.ReadAsStringAsync());
        answer.Descendants(Sts + "AccessKeyId").Single().Value.ShouldBe("ASIAFAKE00000001");
        answer.Descendants(Sts + "Arn").Single().Value.ShouldBe("arn:aws:sts::123456789012:assumed-role/reader/ada");
        sts.Requests.ShouldHaveSingleItem().Field("WebIdentityToken").ShouldBe("token");
    }

    [Fact]
    public async Task An_ordered_error_comes_once()
    {
        await using FakeSts sts = await FakeSts.StartAsync();
        using var http = new HttpClient();
        sts.Fail("ExpiredTokenException");

        using HttpResponseMessage refused = await http.PostAsync(sts.Url, Form("arn:aws:iam::123456789012:role/reader"));
        using HttpResponseMessage served = await http.PostAsync(sts.Url, Form("arn:aws:iam::123456789012:role/reader"));

        ((int)refused.StatusCode).ShouldBe(400);
        XElement.Parse(await refused.Content.ReadAsStringAsync()).Descendants(Sts + "Code").Single().Value.ShouldBe("ExpiredTokenException");
        ((int)served.StatusCode).ShouldBe(200);
    }

    private static FormUrlEncodedContent Form(string role) => new(new Dictionary<string, string>
    {
        ["Action"] = "AssumeRoleWithWebIdentity",
        ["Version"] = "2011-06-15",
        ["RoleArn"] = role,
        ["RoleSessionName"] = "ada",
        ["WebIdentityToken"] = "token",
    });
}
