using System.Security.Cryptography;
using System.Text;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

/// <summary>What a Secret holds is nowhere else: no log, metric, event, status or object of any version has it, nor a hash of it.</summary>
public sealed class PlantedSecretTests
{
    private static readonly string[] Values = ["planted-0f3a-first", "planted-0f3a-rotated", "planted-0f3a-under-a-wrong-key", "planted-0f3a-header"];

    private static readonly ResourceType[] Kinds =
    [
        .. ToolHive.All, BuiltIn.ConfigMap, BuiltIn.Pod, BuiltIn.Service, BuiltIn.ServiceAccount, BuiltIn.Deployment, BuiltIn.Event, BuiltIn.Lease,
        BuiltIn.PodDisruptionBudget, BuiltIn.Role, BuiltIn.RoleBinding,
    ];

    private const string Entry = """
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServerEntry
        metadata: {name: ent}
        spec:
          groupRef: {name: team}
          remoteUrl: https://mcp.example.com/mcp
          transport: streamable-http
          headerForward: {addHeadersFromSecret: [{headerName: X-A, valueSecretRef: {name: s2, key: token}}]}

        """;

    [Theory]
    [InlineData("inline", "discovered")]
    [InlineData("discovered", "inline")]
    public async Task What_a_secret_holds_is_nowhere_else(string source, string other)
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta", auth: "key1") + Fixtures.HeaderAuth("key1", "s1") + Entry
            + Planted("s1", Values[0]) + Planted("s2", Values[3]) + Fixtures.Hub(source, "  replicas: 2"));
        await world.ConditionAsync("Ready=True");
        await world.ConfigHasAsync(source == "inline" ? "name: beta" : "discovered");

        string session = Encoding.UTF8.GetString((await world.MustGetAsync(BuiltIn.Secret, "hub-hmac-secret")).At("data", "hmac-secret")!.Value.GetBytesFromBase64());

        await world.ApplyAsync(Planted("s1", Values[1]));
        await world.SettleAsync();
        await world.MergeAsync(BuiltIn.Secret, "s1", "{\"data\":{\"token\":null,\"wrong\":\"" + Base64(Values[2]) + "\"}}");
        await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Any(c => c.Contains("beta=False", StringComparison.Ordinal)), "the condition of beta");
        await world.DeleteAsync(BuiltIn.Secret, "s1");
        await world.SettleAsync();
        await world.ApplyAsync(Planted("s1", Values[0]));
        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", "{\"spec\":{\"outgoingAuth\":{\"source\":\"" + other + "\"}}}");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "mode")?.GetString() == other && OperatorWorld.Conditions(h).Contains("ModeTransition=False/Complete"), $"mode {other}");
        await world.MergeAsync(BuiltIn.Secret, "hub-hmac-secret", "{\"data\":{\"hmac-secret\":\"" + Base64("planted-0f3a-session") + "\"}}");
        await world.ConditionAsync("SessionSecretValid=False/HMACSecretInvalid");
        await world.SettleAsync();

        List<string> secrets = await VersionsAsync(world, BuiltIn.Secret);
        string[] needles = [.. Values.Append("planted-0f3a-session").Append(session).SelectMany(Spellings)];
        // The search finds what is there to be found.
        foreach (string value in Values)
            secrets.ShouldContain(v => v.Contains(Base64(value), StringComparison.Ordinal));

        List<string> told = [.. world.Log.Lines, world.Operator.Metrics.Text()];
        foreach (ResourceType kind in Kinds)
            told.AddRange(await VersionsAsync(world, kind));
        world.Cluster.ObjectsOf(BuiltIn.Event).ShouldNotBeEmpty();
        told.Count.ShouldBeGreaterThan(100);
        told.Where(text => needles.Any(n => text.Contains(n, StringComparison.OrdinalIgnoreCase))).ShouldBeEmpty();
    }

    private static string Planted(string name, string value) => Fixtures.Secret(name, Base64(value));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // As text, as a Secret spells it, and what tells whether a guess is right: a hash of either, also a short one.
    private static IEnumerable<string> Spellings(string value) =>
    [
        value, Base64(value), Base64(Base64(value)),
        .. new[] { value, Base64(value) }.Select(v => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(v)))[..16]),
    ];

    /// <summary>Every version an object of a kind ever had, its deletion included.</summary>
    private static async Task<List<string>> VersionsAsync(OperatorWorld world, ResourceType kind)
    {
        world.Cluster.SendBookmark(kind);
        List<string> versions = [];
        await foreach (WatchEvent change in world.Cluster.WatchAsync(kind, new WatchOptions { ResourceVersion = "1" }, OperatorWorld.Token))
        {
            if (change.Kind == WatchEventKind.Bookmark)
                break;
            versions.Add(change.Object.Body.GetRawText());
        }

        return versions;
    }
}
