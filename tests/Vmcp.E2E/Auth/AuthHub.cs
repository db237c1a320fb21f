using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>
/// A gateway with two pods that lets in whom an authorization server vouches for: over <c>alpha</c>, which wants no credential, and <c>beta</c>,
/// which wants a token exchanged for the user's own, or one of the gateway's for its health checks.
/// </summary>
public abstract class AuthHub(SharedCluster shared, string mode) : IAsyncLifetime
{
    public const string Audience = "hub";
    public const string BetaAudience = "beta-api";
    private int _users;

    /// <summary>discovered or inline.</summary>
    public string Mode => mode;

    public string ClientSecret { get; } = $"planted-client-secret-{mode}";

    public Space Space { get; private set; } = null!;

    public TestAuthorizationServer Idp { get; private set; } = null!;

    public ScriptedBackend Alpha { get; private set; } = null!;

    public ScriptedBackend Beta { get; private set; } = null!;

    public IReadOnlyList<PodView> Pods => Space.PodsOf("hub");

    public async ValueTask InitializeAsync()
    {
        Idp = await TestAuthorizationServer.StartAsync(o => o.Clients["hub-client"] = ClientSecret);
        Alpha = await ScriptedBackend.StartAsync();
        Beta = await ScriptedBackend.StartAsync();
        Beta.Behaviour = Idp.Demand(BetaAudience);
        Space = await shared.Cluster.SpaceAsync();
        await Space.OidcAsync("idp", Idp);
        await Space.SecretAsync("client", ClientSecret);
        await Space.ExchangeAsync("as-the-user", Idp, "hub-client", "client", BetaAudience);
        await Space.GroupAsync("team");
        await Space.MemberAsync("team", "alpha", Alpha.Url);
        await Space.MemberAsync("team", "beta", Beta.Url, "as-the-user");
        await Space.ServerAsync("hub", "team", mode, $"replicas: 2, {Space.Quick}", $"type: oidc, oidcConfigRef: {{name: idp, audience: {Audience}}}");
        await Space.PodsReadyAsync("hub", 2);
        await Space.AllListAsync("hub", NewUser("setup").Headers, "alpha_echo", "beta_echo");
    }

    /// <summary>A user no other test has.</summary>
    public Login NewUser(string stem) => new(Idp, $"{stem}-{Interlocked.Increment(ref _users)}", Audience);

    /// <summary>The backends as a pod's <c>/status</c> has them.</summary>
    public static async Task<IReadOnlyList<JsonElement>> StatusAsync(PodView pod)
    {
        using HttpClient http = new();
        using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync(Space.At(pod, "/status")));
        return [.. status.RootElement.GetProperty("backends").Clone().EnumerateArray()];
    }

    public async ValueTask DisposeAsync()
    {
        if (Space is not null)
            await Space.DisposeAsync();
        await Alpha.DisposeAsync();
        await Beta.DisposeAsync();
        await Idp.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class DiscoveredAuthHub(SharedCluster shared) : AuthHub(shared, "discovered");

public sealed class InlineAuthHub(SharedCluster shared) : AuthHub(shared, "inline");
