using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vmcp.KubeKit.Contract;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Tests.InMemory;

/// <summary>What the in-memory cluster knows of kinds without a schema.</summary>
public sealed class RuleTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly InMemoryCluster _cluster = new(new FakeTimeProvider());

    [Theory]
    [InlineData("containers", "containers: Required value")]
    [InlineData("image", "containers[0].image: Required value")]
    [InlineData("mount", "volumeMounts[0].name: Not found: \"none\"")]
    [InlineData("variable", "env[0].valueFrom: Invalid value")]
    [InlineData("twice", "containers[1].name: Duplicate value: \"main\"")]
    public async Task A_deployment_no_pod_could_come_of_is_refused(string fault, string message)
    {
        JsonObject body = Samples.Deployment("one");
        JsonObject pod = body["spec"]!["template"]!["spec"]!.AsObject();
        JsonObject container = pod["containers"]![0]!.AsObject();
        switch (fault)
        {
            case "containers":
                pod.Remove("containers");
                break;
            case "image":
                container.Remove("image");
                break;
            case "mount":
                container["volumeMounts"] = JsonNode.Parse("""[{"name":"none","mountPath":"/x"}]""");
                break;
            case "variable":
                container["env"] = JsonNode.Parse("""[{"name":"X","value":"1","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]""");
                break;
            default:
                pod["containers"]!.AsArray().Add(container.DeepClone());
                break;
        }

        body["metadata"]!["namespace"] = "ns";
        KubeException refusal = await Should.ThrowAsync<KubeException>(() => _cluster.CreateAsync(BuiltIn.Deployment, body, WriteOptions.Default, None));

        refusal.Error.ShouldBe(KubeError.Invalid);
        refusal.Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_custom_kind_nobody_registered_has_a_status_and_the_list_keys_of_ours()
    {
        var type = new ResourceType("example.test", "v1", "things", "Thing");
        JsonObject body = Samples.Json("""{"apiVersion":"example.test/v1","kind":"Thing","metadata":{"name":"one","namespace":"ns"},"spec":{}}""");
        await _cluster.CreateAsync(type, body, WriteOptions.Default, None);

        await StatusAsync("a", """{"conditions":[{"type":"A","status":"True"}],"discoveredBackends":[{"name":"x"}]}""");
        KubeObject both = await StatusAsync("b", """{"conditions":[{"type":"B","status":"True"}],"discoveredBackends":[{"name":"y"}]}""");

        both.At("status", "conditions")!.Value.GetArrayLength().ShouldBe(2);
        both.At("status", "discoveredBackends")!.Value.GetArrayLength().ShouldBe(2);
        both.Meta.Generation.ShouldBe(1);

        Task<KubeObject> StatusAsync(string manager, string status)
        {
            JsonObject applied = body.DeepClone().AsObject();
            applied["status"] = JsonNode.Parse(status);
            return _cluster.PatchAsync(
                type, new ObjectKey("ns", "one"), new Patch.Apply(applied, Force: false), new WriteOptions { FieldManager = manager, Subresource = "status" }, None);
        }
    }

    [Fact]
    public async Task A_kind_registered_without_a_status_counts_it_as_spec()
    {
        var type = new ResourceType("example.test", "v1", "things", "Thing");
        _cluster.Register(type, status: false);
        JsonObject body = Samples.Json("""{"metadata":{"name":"one","namespace":"ns"},"status":{"phase":"a"}}""");

        KubeObject made = await _cluster.CreateAsync(type, body, WriteOptions.Default, None);
        KubeObject changed = await _cluster.PatchAsync(
            type, made.Key, new Patch.Merge(Samples.Json("""{"status":{"phase":"b"}}""")), WriteOptions.Default, None);

        made.At("status", "phase")!.Value.GetString().ShouldBe("a");
        changed.Meta.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task Thousands_of_objects_are_no_matter()
    {
        const int count = 3000;
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            JsonObject body = Samples.Of($"w{i}", """{"parts":[{"name":"a","count":1},{"name":"b"}]}""");
            body["metadata"]!["namespace"] = $"ns{i % 10}";
            await _cluster.PatchAsync(
                Samples.Widget, new ObjectKey($"ns{i % 10}", $"w{i}"), new Patch.Apply(body), new WriteOptions { FieldManager = "me" }, None);
        }

        ObjectPage page = await _cluster.ListAsync(Samples.Widget, new ListOptions { Namespace = "ns3" }, None);

        page.Items.Count.ShouldBe(count / 10);
        System.Diagnostics.Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }
}
