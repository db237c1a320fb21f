using System.Net;

using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Serving;

/// <summary>The real program before a real provider.</summary>
public sealed class ServeOidcTests
{
    [Fact]
    [Trait("Scenario", "IAUTH-01")]
    public async Task Who_has_a_token_of_the_provider_is_served_and_nobody_else()
    {
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
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
                scopes: [openid]
                requiredScopes: [mcp]
                insecureAllowHttp: true
                jwksAllowPrivateIp: true
            """);
        (await Vmcp.RunAsync("validate", "--config", file)).ExitCode.ShouldBe(0);
        await using TestProcess vmcp = Vmcp.Start(folder["log"], "serve", "--config", file, "--port", "0");
        Uri url = Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving"));
        string token = provider.Token("alice", scopes: "mcp");

        await using LegacyClient client = await LegacyClient.ConnectAsync(url, headers: With(token));
        await Eventually.BecomesAsync(async () => await client.ListToolNamesAsync() is ["alpha_echo"], "the backend's tool is listed");
        (await StatusAsync(url, null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(url, provider.Token("alice", "other", "mcp"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(url, provider.Token("alice"))).ShouldBe(HttpStatusCode.Forbidden);

        await vmcp.SignalAsync(15);
        (await vmcp.WaitForExitAsync()).ShouldBe(0, await File.ReadAllTextAsync(folder["log"]));
        string log = await File.ReadAllTextAsync(folder["log"]);
        log.ShouldContain("Keys of the identity provider in force: 1");
        token.Split('.').ShouldAllBe(part => !log.Contains(part));
    }

    [Fact]
    public async Task A_bundle_that_is_not_there_stops_the_start()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", $$"""
            name: x
            backends: [{name: alpha, url: "http://127.0.0.1:9/mcp"}]
            incomingAuth: {type: oidc, oidc: {issuer: "https://idp.test", audience: vmcp, caBundlePath: "{{folder["nothing.pem"]}}" } }
            """);

        Ran ran = await Vmcp.RunAsync("serve", "-c", file, "--port", "0");

        ran.ShouldFailSaying("incomingAuth.oidc.caBundlePath", "nothing.pem");
    }

    private static Dictionary<string, string> With(string token) => new() { ["Authorization"] = "Bearer " + token };

    private static async Task<HttpStatusCode> StatusAsync(Uri url, string? token)
    {
        LegacyClient client = LegacyClient.Unconnected(url, token is null ? null : With(token));
        await using (client)
            return (HttpStatusCode)(await client.CallAsync("ping")).HttpStatus;
    }
}
