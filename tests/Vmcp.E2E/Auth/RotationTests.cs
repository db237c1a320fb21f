using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>Client secrets and auth configs that change while a gateway runs: without a restart in discovered mode, by one rollout in inline mode.</summary>
public sealed class RotationTests(SharedCluster shared)
{
    private const string Old = "planted-old-client-secret", Fresh = "planted-fresh-client-secret";

    [Theory]
    [InlineData("discovered", 0)]
    [InlineData("inline", 1)]
    [Trait("Scenario", "NEW-SEC-02")]
    [Trait("Scenario", "LIVE-05")]
    public async Task A_rotated_client_secret_and_an_edited_auth_config_are_used(string mode, int rollouts)
    {
        await using TestAuthorizationServer idp = await TestAuthorizationServer.StartAsync(o => o.Clients["client"] = Old);
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using ScriptedBackend beta = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.OidcAsync("idp", idp);
        await space.SecretAsync("secret", Old);
        await space.ExchangeAsync("exchange", idp, "client", "secret", "first-api");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.MemberAsync("team", "beta", beta.Url, "exchange");
        await space.ServerAsync("hub", "team", mode, Space.Calm, "type: oidc, oidcConfigRef: {name: idp, audience: hub}");
        await space.PodsReadyAsync("hub", 1);
        Login alice = new(idp, "alice", "hub");
        await space.AllListAsync("hub", alice.Headers, "alpha_echo", "beta_echo");
        PodView first = space.PodOf("hub");
        long generation = (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation;
        int alphaSessions = Sessions(alpha);
        alphaSessions.ShouldBePositive();

        // From now on the old secret is refused, as by a server at which it was rotated, and what was issued for it is worth nothing.
        idp.Options.Clients["client"] = Fresh;
        HashSet<string?> stale = [.. beta.Requests.Select(r => r.Header("Authorization"))];
        beta.Behaviour = Behaviour.Demand(r => idp.Accepts(r.Header("Authorization"), "first-api") && !stale.Contains(r.Header("Authorization")));
        await space.SecretAsync("secret", Fresh);
        await CallsBecomeAsync(space, alice, "rotated");

        beta.Behaviour = idp.Demand("second-api");
        await space.ExchangeAsync("exchange", idp, "client", "secret", "second-api");
        await CallsBecomeAsync(space, alice, "edited");

        idp.RequestsFor(TestAuthorizationServer.TokenExchange).Where(r => r.Field("audience") == "second-api").ShouldAllBe(r => r.ClientSecret == Fresh);
        if (rollouts == 0)
        {
            (space.PodOf("hub").Uid, space.PodOf("hub").Restarts).ShouldBe((first.Uid, 0));
            (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(generation);
            Sessions(alpha).ShouldBe(alphaSessions, "a backend that uses neither is not connected anew");
        }
        else
        {
            await Eventually.BecomesAsync(() => space.PodsOf("hub").All(p => p.Uid != first.Uid), "the first pod is replaced", Space.Limit);
            (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(generation + (2 * rollouts));
        }

        await space.IsNowhereAsync(Old, Fresh, alice.Token);
    }

    private static int Sessions(ScriptedBackend backend) => backend.Requests.Count(r => r.Method is "initialize" or "server/discover");

    private static Task CallsBecomeAsync(Space space, Login user, string text) => Eventually.BecomesAsync(
        async () =>
        {
            // A pod that is on its way out may refuse; the next one is asked then.
            try
            {
                foreach (PodView pod in space.PodsOf("hub"))
                {
                    await using ModernClient client = new(Space.At(pod), headers: user.Headers);
                    RpcAnswer answer = await client.CallToolAsync("beta_echo", $$"""{"input":"{{text}}"}""");
                    if (answer.Result is not { } result || result.TryGetProperty("isError", out JsonElement error) && error.GetBoolean())
                        return false;
                }

                return space.PodsOf("hub").Count > 0;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        $"calls with what was {text} succeed",
        Space.Limit);
}
