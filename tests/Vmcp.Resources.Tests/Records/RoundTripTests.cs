using System.Text.Json.Nodes;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Resources.Tests.Records;

public sealed class RoundTripTests
{
    private static readonly YamlDocument[] All =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Vmcp.Resources.Tests/Samples"), "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(file => KubeYaml.ReadAll(File.ReadAllText(file), Path.GetFileName(file))),
    ];

    public static TheoryData<string> Samples => [.. All.Select(Name)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_manifest_survives_its_record(string sample)
    {
        JsonObject manifest = All.Single(document => Name(document) == sample).Body;
        KubeObject read = KubeObject.From(manifest);

        JsonObject written = read.Kind switch
        {
            "VirtualMCPServer" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.VirtualMCPServer)),
            "MCPGroup" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPGroup)),
            "MCPServer" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPServer)),
            "MCPRemoteProxy" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPRemoteProxy)),
            "MCPServerEntry" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPServerEntry)),
            "MCPExternalAuthConfig" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPExternalAuthConfig)),
            "MCPOIDCConfig" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPOIDCConfig)),
            "MCPToolConfig" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPToolConfig)),
            "VirtualMCPCompositeToolDefinition" =>
                ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.VirtualMCPCompositeToolDefinition)),
            "MCPTelemetryConfig" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPTelemetryConfig)),
            "MCPAuthzConfig" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.MCPAuthzConfig)),
            "EmbeddingServer" => ResourceWriter.Write(ResourceReader.Read(read, ResourcesJson.Default.EmbeddingServer)),
            _ => throw new InvalidOperationException($"{sample}: unknown kind"),
        };

        Sorted(written).ShouldBe(Sorted(manifest));
    }

    [Fact]
    public void There_is_a_sample_of_every_kind() =>
        ToolHive.All.Select(kind => kind.Kind).Except(All.Select(document => document.Body["kind"]!.GetValue<string>())).ShouldBeEmpty();

    [Fact]
    public void A_status_survives_its_record()
    {
        JsonObject written = JsonNode.Parse("""
            {"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"VirtualMCPServer","metadata":{"name":"hub","namespace":"team","generation":3,
            "creationTimestamp":"2026-01-02T03:04:05+00:00","ownerReferences":[{"apiVersion":"v1","kind":"X","name":"y","uid":"z"}]},"spec":{},
            "status":{"mode":"inline","phase":"Ready","backendCount":1,"observedGeneration":3,
            "conditions":[{"type":"Ready","status":"True","reason":"DeploymentReady","message":"","observedGeneration":3,"lastTransitionTime":"2026-01-02T03:04:05+00:00"}],
            "discoveredBackends":[{"name":"alpha","status":"ready","authSource":"workload","authType":"header_injection","consecutiveFailures":0,"lastHealthCheck":"2026-01-02T03:04:05+00:00"}]}}
            """)!.AsObject();

        VirtualMCPServer server = ResourceReader.Read(KubeObject.From(written), ResourcesJson.Default.VirtualMCPServer);

        server.Key.ShouldBe(new ObjectKey("team", "hub"));
        server.Status.DiscoveredBackends.Single().AuthSource.ShouldBe("workload");
        Sorted(ResourceWriter.Write(server)).ShouldBe(Sorted(written));
    }

    [Fact]
    public void What_nobody_set_is_not_written() =>
        ResourceWriter.Write(new MCPServer
        {
            Metadata = new ObjectMeta { Name = "alpha" },
            Spec = new MCPServerSpec { Image = "echo:1", GroupRef = new MCPGroupRef { Name = "team" } },
        }).ToJsonString().ShouldBe(
            """{"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"MCPServer","metadata":{"name":"alpha"},"spec":{"image":"echo:1","groupRef":{"name":"team"}}}""");

    private static string Name(YamlDocument document) => $"{document.Body["kind"]} {document.Body["metadata"]!["name"]}";

    private static string Sorted(JsonNode? node) => Order(node)?.ToJsonString() ?? "null";

    private static JsonNode? Order(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Order(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Order)]),
        _ => node?.DeepClone(),
    };
}
