using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Config.Backends;
using Vmcp.Config.Reading;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Members;
using Vmcp.Discovery.Reading;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Settings;
using Vmcp.Resources;
using Vmcp.Resources.Backends;
using World = Vmcp.Operator.Planning.World;

namespace Vmcp.Discovery.Tests.Parity;

/// <summary>
/// The same resources mean the same backends in both modes: the operator's inline document, read in a pod with the variables the kubelet
/// makes, and the source's own picture.
/// </summary>
public sealed class ParityTests
{
    private static readonly string Pem = MakePem();

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(3000)]
    public void Both_modes_serve_the_same_backends_in_the_same_way(int first)
    {
        int served = 0, leftOut = 0, keyed = 0;
        HashSet<string> kinds = [];
        for (int seed = first; seed < first + 250; seed++)
        {
            RandomResources resources = new(seed);
            (string settings, string outgoing) = (resources.Incoming() + resources.Settings(), resources.Outgoing());
            World world = Read(resources);
            World before = world;
            ImmutableArray<Backend> inline = Inline(Server("inline", settings, outgoing), world, resources);
            GroupPlan discovered = Discovered(Server("discovered", settings, outgoing), world, resources);

            string where = $"seed {seed}: {settings}{outgoing}\n{resources.Yaml}";
            Tell(discovered.Backends).ShouldBe(Tell(inline), where);
            // Secrets do not print; equality compares them all the same.
            discovered.Backends.Select(b => b.Strategy).ShouldBe(inline.Select(b => b.Strategy), where);
            discovered.Backends.Select(b => b.Name).Intersect(discovered.Unserved.Select(u => u.Name)).ShouldBeEmpty(where);
            ReferenceEquals(before, world).ShouldBeTrue();
            served += inline.Length;
            leftOut += discovered.Unserved.Length;
            keyed += inline.Count(b => b.Strategy.HasCredential || b.StaticHeaders.Count > 0);
            kinds.UnionWith(inline.Select(b => b.Strategy.Type));
        }

        // The dice must not make it a comparison of nothing.
        served.ShouldBeGreaterThan(50);
        keyed.ShouldBeGreaterThan(15);
        leftOut.ShouldBeGreaterThan(100);
        kinds.ShouldBe(["aws_sts", "header_injection", "token_exchange", "unauthenticated", "xaa"], ignoreOrder: true);
    }

    /// <summary>All of a backend but whose word chose its credential, which an inline document does not say; the bundle as present or not.</summary>
    private static string[] Tell(ImmutableArray<Backend> backends) =>
    [
        .. backends.Select(b => $"{b.Name} {b.Url.OriginalString} {b.Transport} {b.IsEntry} {Worlds.Header.Of(b)} {b.Timeout} "
            + $"[{string.Join(", ", b.StaticHeaders.Select(h => $"{h.Key}={h.Value}"))}] [{string.Join(", ", b.Metadata.Select(m => $"{m.Key}={m.Value}"))}] "
            + $"bundle: {b.CaBundlePath is not null || b.CaBundlePem is not null}"),
    ];

    private static ImmutableArray<Backend> Inline(VirtualMCPServer server, World world, RandomResources resources)
    {
        DocumentResult result = DocumentPlanner.Plan(server, world, OperatorSettings.Default);
        if (result.Document is not { } document)
            return [];
        Dictionary<string, string> env = Kubelet.Variables(document.Env, resources.Secrets);
        ConfigResult read = ConfigFile.Load(document.ConfigYaml, "config.yaml", env.GetValueOrDefault, credentialsLater: true);
        read.Problems.Where(p => p.Severity == Severity.Error).ShouldBeEmpty(document.ConfigYaml);
        return BackendMapping.ToBackends(read.Config!, env.GetValueOrDefault).Backends.Backends;
    }

    private static GroupPlan Discovered(VirtualMCPServer server, World world, RandomResources resources)
    {
        GatewayDocument document = DocumentPlanner.Plan(server, world, OperatorSettings.Default).Document.ShouldNotBeNull();
        ConfigResult read = ConfigFile.Load(document.ConfigYaml, "config.yaml", _ => "x");
        GroupPlan plan = GroupPlanner.Plan(new GroupWorld
        {
            Server = server,
            Config = read.Config.ShouldNotBeNull(),
            Members = MemberBackends.Of(
                world.Servers.Where(s => s.Spec.GroupRef?.Name == "team"),
                world.RemoteProxies.Where(s => s.Spec.GroupRef?.Name == "team"),
                world.Entries.Where(s => s.Spec.GroupRef?.Name == "team")),
            AuthConfigs = name => world.ExternalAuthConfigs.GetValueOrDefault(name),
            Secrets = name => Content(resources.Secrets.GetValueOrDefault(name)),
            ConfigMaps = name => Content(name == "roots" ? new() { ["ca.crt"] = Pem } : null),
        });
        // The rights the operator gives are exactly what the source asks for, or it would be refused, or could read too much.
        plan.Secrets.Except(document.ReadSecrets).ShouldBeEmpty();
        plan.ConfigMaps.Except(document.ReadConfigMaps).ShouldBeEmpty();
        return plan;
    }

    private static NamedContent Content(Dictionary<string, string>? data) =>
        data is null ? NamedContent.Missing : new NamedContent(data.ToImmutableSortedDictionary(StringComparer.Ordinal), null);

    private static VirtualMCPServer Server(string source, string settings, string outgoing) => As(
        KubeYaml.ReadAll(
            $"{{kind: VirtualMCPServer, metadata: {{name: hub, namespace: demo, generation: 1}}, spec: {{groupRef: {{name: team}}, "
            + $"{settings}outgoingAuth: {{source: {source}{outgoing}}}}}}}",
            "test").Single().Body,
        ResourcesJson.Default.VirtualMCPServer);

    private static World Read(RandomResources resources)
    {
        World world = World.Empty with
        {
            Group = As(JsonNode.Parse("""{"kind":"MCPGroup","metadata":{"name":"team","namespace":"demo"},"status":{"phase":"Ready"}}""")!, ResourcesJson.Default.MCPGroup),
            OidcConfigs = ImmutableSortedDictionary.Create<string, MCPOIDCConfig>(StringComparer.Ordinal).Add(
                "idp",
                As(JsonNode.Parse("""{"kind":"MCPOIDCConfig","metadata":{"name":"idp","namespace":"demo"},"spec":{"type":"inline","inline":{"issuer":"https://idp.example.com"}}}""")!, ResourcesJson.Default.MCPOIDCConfig)),
            Secrets = resources.Secrets.ToImmutableSortedDictionary(s => s.Key, s => new SecretFacts([.. s.Value.Keys], "v1"), StringComparer.Ordinal),
            ConfigMaps = ImmutableSortedDictionary.Create<string, ConfigMapFacts>(StringComparer.Ordinal)
                .Add("roots", new ConfigMapFacts(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("ca.crt", Pem), "v1")),
        };
        foreach (JsonObject body in KubeYaml.ReadAll(resources.Yaml, "test").Select(d => d.Body))
        {
            string name = body["metadata"]!["name"]!.GetValue<string>();
            world = body["kind"]!.GetValue<string>() switch
            {
                "MCPServer" => world with { Servers = world.Servers.Add(As(body, ResourcesJson.Default.MCPServer)) },
                "MCPRemoteProxy" => world with { RemoteProxies = world.RemoteProxies.Add(As(body, ResourcesJson.Default.MCPRemoteProxy)) },
                "MCPServerEntry" => world with { Entries = world.Entries.Add(As(body, ResourcesJson.Default.MCPServerEntry)) },
                _ => world with { ExternalAuthConfigs = world.ExternalAuthConfigs.SetItem(name, As(body, ResourcesJson.Default.MCPExternalAuthConfig)) },
            };
        }

        return world;
    }

    private static T As<T>(JsonNode body, JsonTypeInfo<T> type) => body.Deserialize(type)!;

    private static string MakePem()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        return root.ExportCertificatePem();
    }
}
