using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Auth.Incoming;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Gateway.Hosting;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

/// <summary>Tokens a real API server issues open a gateway that the operator, with the rights we ship, has configured.</summary>
public sealed class ClusterKeysTests
{
    private const string Manifests = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPOIDCConfig
        metadata: {name: k8s}
        spec: {type: kubernetesServiceAccount, kubernetesServiceAccount: {serviceAccount: bot}}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: oidc, oidcConfigRef: {name: k8s, audience: vmcp}}
          outgoingAuth: {source: MODE}
        """;

    [Fact]
    public async Task An_inline_pod_judges_the_clusters_tokens_by_the_keys_it_mounts()
    {
        await using OperatorWorld world = await StartAsync("inline");
        KubeObject keys = await KeysAsync(world);
        string file = Path.Combine(world.Server.Folder, "jwks.json");
        await File.WriteAllTextAsync(file, keys.At("data", "jwks.json")!.Value.GetString(), TestContext.Current.CancellationToken);
        OidcConfig oidc = await OidcAsync(world);
        oidc.JwksFile.ShouldBe("/etc/vmcp-oidc-keys/jwks.json");
        oidc.Issuer.ShouldBe("https://kubernetes.default.svc.cluster.local", "what the server says of itself, not what the CRD fills in");

        await JudgesAsync(world, oidc with { JwksFile = file });

        // A stranger's hand in it is put right at once.
        await world.Admin.DeleteAsync(BuiltIn.ConfigMap, keys.Key, Kubernetes.Api.DeleteOptions.Default, TestContext.Current.CancellationToken);
        (await KeysAsync(world)).At("data", "jwks.json")!.Value.GetString().ShouldBe(keys.At("data", "jwks.json")!.Value.GetString());
    }

    [Fact]
    public async Task A_discovered_pod_judges_them_by_what_its_own_account_may_fetch()
    {
        await using OperatorWorld world = await StartAsync("discovered");
        OidcConfig oidc = await OidcAsync(world);
        (oidc.JwksUrl, oidc.JwksFile).ShouldBe(("https://kubernetes.default.svc/openid/v1/jwks", null));
        (oidc.JwksAuthTokenPath, oidc.CaBundlePath).ShouldBe(("/var/run/secrets/kubernetes.io/serviceaccount/token", "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"));
        string token = Path.Combine(world.Server.Folder, "token");
        await File.WriteAllTextAsync(token, await world.Server.TokenForServiceAccountAsync("demo", "hub-vmcp"), TestContext.Current.CancellationToken);

        // In a cluster the names lead to the same server.
        await JudgesAsync(world, oidc with { JwksUrl = new Uri(world.Server.Url, "openid/v1/jwks").ToString(), JwksAuthTokenPath = token, CaBundlePath = world.Server.CaFile });
    }

    private static async Task<OperatorWorld> StartAsync(string mode)
    {
        OperatorWorld world = await OperatorWorld.StartAsync();
        world.StartOperator();
        await world.GroupAsync("team", "alpha");
        await world.ApplyAsync(Manifests.Replace("MODE", mode, StringComparison.Ordinal));
        VirtualMCPServer hub = await world.RunsAsync("hub", mode);
        hub.Status.Conditions.Single(c => c.Type == "AuthConfigured").Reason.ShouldBe("AuthValid");
        return world;
    }

    private static async Task<OidcConfig> OidcAsync(OperatorWorld world)
    {
        KubeObject map = (await world.Admin.GetAsync(BuiltIn.ConfigMap, world.Key("hub-vmcp-config"), TestContext.Current.CancellationToken)).ShouldNotBeNull();
        OidcConfig oidc = ConfigFile.Load(map.At("data", "config.yaml")!.Value.GetString()!, "config.yaml", _ => null).Config!.IncomingAuth!.Oidc!;
        oidc.RequiredSubject.ShouldBe("system:serviceaccount:demo:bot");
        return oidc;
    }

    private static async Task JudgesAsync(OperatorWorld world, OidcConfig oidc)
    {
        GatewayConfig config = new() { IncomingAuth = new IncomingAuthConfig { Type = IncomingAuthType.Oidc, Oidc = oidc } };
        IIncomingAuth door = IncomingDoor.Open(config, _ => null, TimeProvider.System, NullLoggerFactory.Instance);
        await using IAsyncDisposable end = (IAsyncDisposable)door;
        string bot = await world.Server.TokenForServiceAccountAsync("demo", "bot", audience: "vmcp");
        string other = await world.Server.TokenForServiceAccountAsync("demo", "other", audience: "vmcp");
        string elsewhere = await world.Server.TokenForServiceAccountAsync("demo", "bot", audience: "another");

        Admission admitted = await Eventually.ReadsAsync(
            async () => await door.AdmitAsync([$"Bearer {bot}"], TestContext.Current.CancellationToken), a => a is Admission.Admitted, "the account comes in", TimeSpan.FromMinutes(1));

        ((Admission.Admitted)admitted).Caller.Principal.Subject.ShouldBe("system:serviceaccount:demo:bot");
        (await door.AdmitAsync([$"Bearer {other}"], TestContext.Current.CancellationToken)).ShouldBeOfType<Admission.Challenged>();
        (await door.AdmitAsync([$"Bearer {elsewhere}"], TestContext.Current.CancellationToken)).ShouldBeOfType<Admission.Challenged>();
    }

    private static Task<KubeObject> KeysAsync(OperatorWorld world) => Eventually.ReadsAsync(
        async () => (await world.Admin.GetAsync(BuiltIn.ConfigMap, world.Key("hub-oidc-keys"), TestContext.Current.CancellationToken))!,
        k => k is not null,
        "the keys are there",
        TimeSpan.FromMinutes(1));
}
