using System.Text.Json.Nodes;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Serving;

/// <summary>A file by hand, the real program, and a backend that wants each user's own token.</summary>
public sealed class TokenExchangeTests
{
    private const string Secret = "planted-client-secret";

    [Fact]
    [Trait("Scenario", "OAUTH-05")]
    public async Task The_older_spelling_serves_a_backend_that_receives_the_exchanged_token_of_each_user()
    {
        using var folder = new TempFolder();
        await using TestAuthorizationServer idp = await TestAuthorizationServer.StartAsync(o => o.Clients["vmcp"] = Secret);
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = idp.Demand("github-mcp");
        string file = folder.Write("vmcp.yaml", $"""
            incoming_auth:
              type: oidc
              oidc:
                issuer: {idp.Issuer}
                audience: vmcp-users
                jwks_allow_private_ip: true
                insecure_allow_http: true
            outgoing_auth:
              source: inline
            backends:
              - name: github-mcp
                url: {backend.Url}
                auth:
                  type: token_exchange
                  token_url: {idp.TokenUrl}
                  client_id: vmcp
                  client_secret_env: GITHUB_MCP_SECRET
                  audience: github-mcp
            """);
        await using TestProcess vmcp = Vmcp.Start(
            folder["log"], new Dictionary<string, string?> { ["GITHUB_MCP_SECRET"] = Secret }, "serve", "--config", file, "--port", "0");
        Uri endpoint = Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving"));
        string[] users = ["alice", "bob"];
        Dictionary<string, string> tokens = users.ToDictionary(u => u, u => idp.Token(u, "vmcp-users"));

        (await Should.ThrowAsync<InvalidOperationException>(() => LegacyClient.ConnectAsync(endpoint))).Message.ShouldContain("HTTP 401");
        foreach (string user in users.Concat(users))
        {
            Dictionary<string, string> headers = new() { ["Authorization"] = $"Bearer {tokens[user]}" };
            await using LegacyClient client = await LegacyClient.ConnectAsync(endpoint, headers: headers);
            await Eventually.BecomesAsync(async () => await client.ListToolNamesAsync() is ["github-mcp_echo"], $"{user} has the backend's tool");
            (await client.CallToolAsync("github-mcp_echo", $$"""{"input":"{{user}}"}""")).Text().ShouldBe(user);
        }

        foreach (string user in users)
        {
            AuthRequest exchange = idp.RequestsFor(TestAuthorizationServer.TokenExchange).Where(r => r.Field("subject_token") == tokens[user]).ShouldHaveSingleItem();
            (exchange.ClientId, exchange.ClientSecret, exchange.Field("audience")).ShouldBe(("vmcp", Secret, "github-mcp"));
            RecordedRequest[] calls =
                [.. backend.Requests.Where(r => r.Method == "tools/call" && r.Params.GetProperty("arguments").GetProperty("input").GetString() == user)];
            calls.Length.ShouldBe(2);
            foreach (RecordedRequest call in calls)
            {
                JsonObject claims = idp.ClaimsOf(call.Header("Authorization").ShouldNotBeNull()["Bearer ".Length..]).ShouldNotBeNull();
                ((string?)claims["sub"], (string?)claims["aud"]).ShouldBe((user, "github-mcp"));
            }
        }

        await vmcp.SignalAsync(15);
        (await vmcp.WaitForExitAsync()).ShouldBe(0);
        string said = string.Join('\n', vmcp.Lines) + await File.ReadAllTextAsync(folder["log"]);
        foreach (string planted in tokens.Values.Append(Secret))
            said.ShouldNotContain(planted);
    }
}
