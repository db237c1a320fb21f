using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>Credentials that are everybody's: what a backend is sent and what is told of it, in both modes.</summary>
public sealed class StaticCredentialTests(SharedCluster shared)
{
    private const string Key = "planted-static-key";
    private const string Bearer = "planted-static-bearer";
    private const string ClientToken = "planted-token-of-the-client";

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [Trait("Scenario", "OAUTH-01")]
    [Trait("Scenario", "OAUTH-02")]
    [Trait("Scenario", "INL-01")]
    [Trait("Scenario", "NEW-INL-02")]
    public async Task Each_backend_gets_its_own_credential_and_none_the_clients(string mode)
    {
        await using ScriptedBackend keyed = await ScriptedBackend.StartAsync();
        await using ScriptedBackend bearer = await ScriptedBackend.StartAsync();
        await using ScriptedBackend open = await ScriptedBackend.StartAsync();
        await using ScriptedBackend overridden = await ScriptedBackend.StartAsync();
        await using ScriptedBackend broken = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.SecretAsync("s1", Key);
        await space.HeaderAsync("key1", "X-API-Key", "s1");
        await space.SecretAsync("s2", Bearer);
        await space.AuthConfigAsync("key2", "type: bearerToken, bearerToken: {tokenSecretRef: {name: s2, key: token}}");
        await space.AuthConfigAsync("gone", "type: bearerToken, bearerToken: {tokenSecretRef: {name: missing, key: token}}");
        await space.AuthConfigAsync("nobody", "type: unauthenticated");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "keyed", keyed.Url, "key1");
        await space.MemberAsync("team", "bearer", bearer.Url, "key2");
        await space.MemberAsync("team", "open", open.Url, "nobody");
        await space.MemberAsync("team", "overridden", overridden.Url, "key1");
        await space.MemberAsync("team", "broken", broken.Url, "gone");
        await space.ServerAsync(
            "hub", "team", mode, Space.Calm, outgoing: "backends: {overridden: {type: externalAuthConfigRef, externalAuthConfigRef: {name: nobody}}}");
        await space.PodsReadyAsync("hub", 1);
        await space.AllListAsync("hub", "keyed_echo", "bearer_echo", "open_echo", "overridden_echo");

        Dictionary<string, string> headers = new() { ["Authorization"] = $"Bearer {ClientToken}", ["Cookie"] = $"session={ClientToken}" };
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(space.PodOf("hub")), headers: headers);
        await using ModernClient modern = new(Space.At(space.PodOf("hub")), headers: headers);
        foreach (string backend in (string[])["keyed", "bearer", "open", "overridden"])
        {
            (await legacy.CallToolAsync($"{backend}_echo", """{"input":"1"}""")).Text().ShouldBe("1");
            (await modern.CallToolAsync($"{backend}_echo", """{"input":"2"}""")).Text().ShouldBe("2");
        }

        keyed.Requests.ShouldAllBe(r => r.Headers["X-Api-Key"] == Key && r.Header("Authorization") == null);
        bearer.Requests.ShouldAllBe(r => r.Headers["Authorization"] == $"Bearer {Bearer}");
        open.Requests.Concat(overridden.Requests).ShouldAllBe(r => r.Header("X-Api-Key") == null && r.Header("Authorization") == null);
        broken.Requests.ShouldBeEmpty("who cannot be called as himself is not called");
        foreach (RecordedRequest request in keyed.Requests.Concat(bearer.Requests).Concat(open.Requests).Concat(overridden.Requests))
        {
            request.Header("Cookie").ShouldBeNull(request.ToString());
            request.BodyText.ShouldNotContain(ClientToken);
        }

        await IsToldAsync(space);
        await space.IsNowhereAsync(Key, Bearer, ClientToken);
    }

    private static async Task IsToldAsync(Space space)
    {
        using HttpClient http = new();
        using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync(Space.At(space.PodOf("hub"), "/status")));
        foreach ((string name, string type) in ((string, string)[])
                 [("keyed", "header_injection"), ("bearer", "header_injection"), ("open", "unauthenticated"), ("overridden", "unauthenticated")])
        {
            status.RootElement.GetProperty("backends").EnumerateArray().Single(b => b.GetProperty("name").GetString() == name)
                .GetProperty("auth_type").GetString().ShouldBe(type, name);
        }

        VirtualMCPServer hub = await space.ServerBecomesAsync(
            "hub", s => s.Status.DiscoveredBackends.Count(b => b.Status == "ready") == 4, "the status has four backends that are ready");
        Told("keyed").ShouldBe(("ready", "key1", "header_injection"));
        Told("bearer").ShouldBe(("ready", "key2", "header_injection"));
        Told("open").ShouldBe(("ready", "nobody", "unauthenticated"));
        Told("overridden").ShouldBe(("ready", "nobody", "unauthenticated"));
        Told("broken").Status.ShouldBe("unavailable");
        hub.Status.DiscoveredBackends.Single(b => b.Name == "broken").Message.ShouldNotBeNull().ShouldContain("missing");

        (string? Status, string? Config, string? Type) Told(string name)
        {
            DiscoveredBackend backend = hub.Status.DiscoveredBackends.Single(b => b.Name == name);
            return (backend.Status, backend.AuthConfigRef, backend.AuthType);
        }
    }
}
