using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Serving;

/// <summary>The real program between users of a provider, AWS STS and a backend that takes signed requests only.</summary>
public sealed class ServeAwsTests
{
    [Fact]
    public async Task Calls_of_a_user_reach_a_backend_of_AWS_signed_as_the_role_the_claims_choose()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = Behaviour.Choose(r => ProblemOf(r) is null ? Behaviour.Normal : Behaviour.Status(403));
        await using FakeSts sts = await FakeSts.StartAsync();
        await using TestAuthorizationServer provider = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);
        string file = folder.Write("vmcp.yaml", $$"""
            name: x
            backends: [{name: alpha, url: "{{backend.Url}}"}]
            incomingAuth:
              type: oidc
              oidc:
                issuer: "{{provider.Issuer.OriginalString}}"
                audience: vmcp
                resource: https://gateway.test/mcp
                insecureAllowHttp: true
                jwksAllowPrivateIp: true
            outgoingAuth:
              source: inline
              backends:
                alpha:
                  type: aws_sts
                  awsSts:
                    region: eu-central-1
                    service: inventory
                    roleMappings:
                      - {claim: admins, roleArn: "arn:aws:iam::123456789012:role/admin", priority: 1}
                      - {matcher: "claims.sub.startsWith('al')", roleArn: "arn:aws:iam::123456789012:role/reader"}
            """);
        (await Vmcp.RunAsync("validate", "--config", file)).ExitCode.ShouldBe(0);
        await using TestProcess vmcp = Vmcp.Start(folder["log"], new Dictionary<string, string?> { ["AWS_ENDPOINT_URL_STS"] = sts.Url.AbsoluteUri }, "serve", "--config", file, "--port", "0");
        Uri url = Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving"));
        string token = provider.Token("alice");

        await using LegacyClient alice = await LegacyClient.ConnectAsync(url, headers: new Dictionary<string, string> { ["Authorization"] = "Bearer " + token });
        await Eventually.BecomesAsync(async () => await alice.ListToolNamesAsync() is ["alpha_echo"], "the backend's tool is listed");
        (await alice.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        await using LegacyClient bob = await LegacyClient.ConnectAsync(
            url, headers: new Dictionary<string, string> { ["Authorization"] = "Bearer " + provider.Token("bob") });
        (await bob.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldContain("none of its awsSts.roleMappings matches the caller's claims");

        StsRequest asked = sts.Requests.ShouldHaveSingleItem();
        asked.Field("RoleArn").ShouldBe("arn:aws:iam::123456789012:role/reader");
        asked.Field("RoleSessionName").ShouldBe("alice");
        asked.Field("WebIdentityToken").ShouldBe(token);
        await vmcp.SignalAsync(15);
        (await vmcp.WaitForExitAsync()).ShouldBe(0, await File.ReadAllTextAsync(folder["log"]));
        string log = await File.ReadAllTextAsync(folder["log"]);
        foreach (string secret in (string[])[.. token.Split('.'), "secret-1", "session-1"])
            log.ShouldNotContain(secret);
    }

    private static string? ProblemOf(RecordedRequest request) => SigV4Check.Problem(
        request, "secret-" + request.Header("X-Amz-Security-Token")?.Split('-')[^1], "eu-central-1", "inventory");
}
