using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>Credentials that are everybody's: what a backend is sent and what is told of it, in both modes.</summary>
public sealed class StaticCredentialTests(SharedCluster shared)
{
    private const string Key = "planted-static-key";
    private const string ClientToken = "planted-token-of-the-client";

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [Trait("Scenario", "OAUTH-01")]
    [Trait("Scenario", "OAUTH-02")]
    public async Task Each_backend_gets_its_own_credential_and_none_the_clients(string mode)
    {
        await using ScriptedBackend keyed = await ScriptedBackend.StartAsync();
        await using ScriptedBackend open = await ScriptedBackend.StartAsync();
        await using ScriptedBackend overridden = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.SecretAsync("s1", Key);
        await space.HeaderAsync("key1", "X-API-Key", "s1");
        await space.AuthConfigAsync("nobody", "type: unauthenticated");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "keyed", keyed.Url, "key1");
        await space.MemberAsync("team", "open", open.Url, "nobody");
        await space.MemberAsync("team", "overridden", overridden.Url, "key1");
        await space.ServerAsync(
            "hub", "team", mode, Space.Calm, outgoing: "backends: {overridden: {type: externalAuthConfigRef, externalAuthConfigRef: {name: nobody}}}");
        await space.PodsReadyAsync("hub", 1);
        await space.AllListAsync("hub", "keyed_echo", "open_echo", "overridden_echo");

        Dictionary<string, string> headers = new() { ["Authorization"] = $"Bearer {ClientToken}", ["Cookie"] = $"session={ClientToken}" };
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(space.PodOf("hub")), headers: headers);
        await using ModernClient modern = new(Space.At(space.PodOf("hub")), headers: headers);
        foreach (string backend in (string[])["keyed", "open", "overridden"])
        {
            (await legacy.CallToolAsync($"{backend}_echo", """{"input":"1"}""")).Text().ShouldBe("1");
            (await modern.CallToolAsync($"{backend}_echo", """{"input":"2"}""")).Text().ShouldBe("2");
        }

        keyed.Requests.ShouldAllBe(r => r.Headers["X-Api-Key"] == Key);
        open.Requests.Concat(overridden.Requests).ShouldAllBe(r => !r.Headers.ContainsKey("X-Api-Key"));
        foreach (RecordedRequest request in keyed.Requests.Concat(open.Requests).Concat(overridden.Requests))
        {
            request.Header("Authorization").ShouldBeNull(request.ToString());
            request.Header("Cookie").ShouldBeNull(request.ToString());
            request.BodyText.ShouldNotContain(ClientToken);
        }

        await IsToldAsync(space);
        await space.IsNowhereAsync(Key, ClientToken);
    }

    private static async Task IsToldAsync(Space space)
    {
        using HttpClient http = new();
        using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync(Space.At(space.PodOf("hub"), "/status")));
        status.RootElement.GetProperty("backends").EnumerateArray().ToDictionary(b => b.GetProperty("name").GetString()!, b => b.GetProperty("auth_type").GetString())
            .ShouldBe(
                new Dictionary<string, string?> { ["keyed"] = "header_injection", ["open"] = "unauthenticated", ["overridden"] = "unauthenticated" },
                ignoreOrder: true);
        VirtualMCPServer hub = await space.ServerBecomesAsync(
            "hub", s => s.Status.DiscoveredBackends.Count == 3 && s.Status.DiscoveredBackends.All(b => b.Status == "ready"), "the status has three backends");
        hub.Status.DiscoveredBackends.Select(b => (b.Name, b.AuthConfigRef, b.AuthType)).ShouldBe(
            [("keyed", "key1", "header_injection"), ("open", "nobody", "unauthenticated"), ("overridden", "nobody", "unauthenticated")]);
    }
}
