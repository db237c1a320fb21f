using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>The client secret of incoming auth, from its Secret to the introspection endpoint.</summary>
public sealed class IntrospectionTests(SharedCluster shared)
{
    private const string ClientSecret = "planted-introspection-secret";

    [Fact]
    [Trait("Scenario", "SEC-03")]
    [Trait("Scenario", "IAUTH-02")]
    public async Task Without_its_client_secret_nothing_starts_with_it_opaque_tokens_come_in_and_an_edit_is_rolled_out()
    {
        await using TestAuthorizationServer idp = await TestAuthorizationServer.StartAsync(o => (o.Clients["first"], o.Clients["second"]) = (ClientSecret, ClientSecret));
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await OidcAsync(space, idp, "first");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.ServerAsync("hub", "team", "discovered", Space.Calm, "type: oidc, oidcConfigRef: {name: idp, audience: hub}");

        await space.ServerBecomesAsync("hub", s => Is(s, "AuthConfigured", "False", "AuthInvalid"), "the missing Secret is told");
        (await space.FindAsync(BuiltIn.Deployment, "hub")).ShouldBeNull();
        await Eventually.BecomesAsync(
            async () => (await space.Cluster.Server.KubectlAsync("get", "events.events.k8s.io", "-n", space.Name, "-o", "yaml")).Contains("SecretValidationFailed", StringComparison.Ordinal),
            "an event tells it",
            Space.Limit);
        await space.SecretAsync("oidc-client", ClientSecret);
        await space.PodsReadyAsync("hub", 1);
        VirtualMCPServer hub = await space.ServerBecomesAsync(
            "hub",
            s => Is(s, "AuthConfigured", "True", "AuthValid") && Is(s, "OIDCConfigRefValidated", "True", "OIDCConfigRefValid") && s.Status.OidcConfigHash is { Length: > 0 },
            "incoming auth is configured");
        PodView pod = space.PodOf("hub");
        await ComesInAsync(space, idp);
        idp.RequestsOf(AuthKind.Introspection).ShouldAllBe(r => r.ClientId == "first" && r.ClientSecret == ClientSecret);

        await OidcAsync(space, idp, "second");

        await space.ServerBecomesAsync("hub", s => s.Status.OidcConfigHash != hub.Status.OidcConfigHash, "the hash follows the edit");
        await Eventually.BecomesAsync(() => space.PodsOf("hub") is [{ Ready: true } next] && next.Uid != pod.Uid, "the pod is replaced", Space.Limit);
        await ComesInAsync(space, idp);
        idp.RequestsOf(AuthKind.Introspection)[^1].ClientId.ShouldBe("second");
        await space.IsNowhereAsync(ClientSecret);
    }

    private static Task OidcAsync(Space space, TestAuthorizationServer idp, string client) => space.OidcAsync(
        "idp",
        $"type: inline, inline: {{issuer: \"{idp.Issuer}\", introspectionUrl: \"{idp.IntrospectionUrl}\", clientId: {client}, "
        + "clientSecretRef: {name: oidc-client, key: token}, jwksAllowPrivateIP: true, protectedResourceAllowPrivateIP: true, insecureAllowHTTP: true}");

    private static async Task ComesInAsync(Space space, TestAuthorizationServer idp)
    {
        string token = idp.OpaqueToken("alice", "hub");
        Dictionary<string, string> headers = new() { ["Authorization"] = $"Bearer {token}" };
        await space.AllListAsync("hub", headers, "alpha_echo");
        headers["Authorization"] = $"Bearer {idp.OpaqueToken("alice", "another-gateway")}";
        await using ModernClient client = new(Space.At(space.PodOf("hub")), headers: headers);
        (await client.DiscoverAsync()).HttpStatus.ShouldBe(401);
        headers["Authorization"] = "Bearer opaque-that-never-was";
        (await client.DiscoverAsync()).HttpStatus.ShouldBe(401);
        await space.IsNowhereAsync(token);
    }

    private static bool Is(VirtualMCPServer server, string type, string status, string reason) =>
        server.Status.Conditions.Any(c => c.Type == type && c.Status == status && c.Reason == reason);
}
