using System.Text.Json.Nodes;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Audit;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>The real API server as issuer: pods of the cluster come in with tokens of their own ServiceAccounts.</summary>
public sealed class ServiceAccountTests(SharedCluster shared)
{
    [Fact]
    public async Task A_discovered_gateway_asks_for_the_clusters_keys_with_the_token_it_has_now()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await StartAsync("discovered", alpha);
        PodView pod = space.PodOf("hub");
        await OnlyTheAgentComesInAsync(space, pod, alpha);

        AuditEvent[] before = await KeyRequestsAsync(space);
        before.ShouldNotBeEmpty();
        before.ShouldAllBe(e => e.Code == 200);
        await space.Cluster.Kubelet.RotateTokenAsync(pod);
        // A key that is not there makes the gateway look for newer ones, though not at once.
        string issuer = (string)JwtClaims(await AccountTokenAsync(space, "planner", "hub"))["iss"]!;
        await using TestAuthorizationServer stranger = await TestAuthorizationServer.StartAsync();
        string unknown = stranger.Token("planner", "hub", claims: c => c["iss"] = issuer);
        await Eventually.BecomesAsync(
            async () =>
            {
                (await StatusOfAsync(pod, unknown)).ShouldBe(401);
                return (await KeyRequestsAsync(space)).Length > before.Length;
            },
            "the keys are asked for again",
            Space.Limit);

        AuditEvent[] after = [.. (await KeyRequestsAsync(space)).Skip(before.Length)];
        after.ShouldAllBe(e => e.Code == 200);
        Credentials(after).Except(Credentials(before)).ShouldNotBeEmpty("the token was read again");
    }

    [Fact]
    public async Task An_inline_gateway_is_given_the_clusters_keys_and_asks_nothing()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await StartAsync("inline", alpha);
        PodView pod = space.PodOf("hub");

        await OnlyTheAgentComesInAsync(space, pod, alpha);

        (await ProcessView.CredentialsAsync(pod)).ShouldBeEmpty();
        (await space.AuditAsync()).Where(e => e.User == space.AccountOf("hub")).ShouldBeEmpty();
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
    }

    private async Task<Space> StartAsync(string mode, ScriptedBackend alpha)
    {
        Space space = await shared.Cluster.SpaceAsync();
        // The name "kubernetes.default.svc" is known inside clusters only.
        string keys = new Uri(shared.Cluster.Server.Url, "openid/v1/jwks").AbsoluteUri;
        await space.OidcAsync("cluster", $"type: kubernetesServiceAccount, kubernetesServiceAccount: {{serviceAccount: planner, jwksUrl: \"{keys}\"}}");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.ServerAsync("hub", "team", mode, Space.Calm, "type: oidc, oidcConfigRef: {name: cluster, audience: hub}");
        await space.PodsReadyAsync("hub", 1);
        return space;
    }

    private static async Task OnlyTheAgentComesInAsync(Space space, PodView pod, ScriptedBackend alpha)
    {
        string token = await AccountTokenAsync(space, "planner", "hub");
        Dictionary<string, string> headers = new() { ["Authorization"] = $"Bearer {token}" };
        await space.AllListAsync("hub", headers, "alpha_echo");
        await using ModernClient planner = new(Space.At(pod), headers: headers);
        (await planner.CallToolAsync("alpha_echo", """{"input":"from a pod"}""")).Text().ShouldBe("from a pod");

        (await StatusOfAsync(pod, null)).ShouldBe(401);
        (await StatusOfAsync(pod, await AccountTokenAsync(space, "stranger", "hub"))).ShouldBe(401, "another account");
        (await StatusOfAsync(pod, await AccountTokenAsync(space, "planner", "another-gateway"))).ShouldBe(401, "for somebody else");
        (await StatusOfAsync(pod, await AccountTokenAsync(space, "planner", null))).ShouldBe(401, "for the API server");
        alpha.Requests.ShouldAllBe(r => r.Header("Authorization") == null);
        await space.IsNowhereAsync(token);
    }

    private static Task<string> AccountTokenAsync(Space space, string account, string? audience) =>
        space.Cluster.Server.TokenForServiceAccountAsync(space.Name, account, audience: audience);

    private static async Task<int> StatusOfAsync(PodView pod, string? token)
    {
        await using LegacyClient client = LegacyClient.Unconnected(
            Space.At(pod), token is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" });
        return (await client.SendRawAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""u8.ToArray())).HttpStatus;
    }

    private static JsonObject JwtClaims(string token)
    {
        string part = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        return JsonNode.Parse(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')))!.AsObject();
    }

    private static async Task<AuditEvent[]> KeyRequestsAsync(Space space) =>
        [.. (await space.AuditAsync()).Where(e => e.User == space.AccountOf("hub") && e.Uri.StartsWith("/openid/v1/jwks", StringComparison.Ordinal))];

    /// <summary>Which tokens these requests came with.</summary>
    private static IEnumerable<string> Credentials(IEnumerable<AuditEvent> requests) =>
        requests.Select(e => e.Body["user"]!["extra"]!["authentication.kubernetes.io/credential-id"]![0]!.GetValue<string>());
}
