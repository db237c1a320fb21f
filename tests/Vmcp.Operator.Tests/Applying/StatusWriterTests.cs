using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Applying;

public sealed class StatusWriterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryCluster _cluster;
    private readonly StatusWriter _writer;

    public StatusWriterTests()
    {
        _cluster = new InMemoryCluster(_time);
        _writer = new StatusWriter(_cluster, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Scenario", "STAT-09")]
    public async Task Operator_and_runtime_keep_each_others_words()
    {
        KubeObject hub = await CreateAsync();
        JsonObject runtime = new()
        {
            ["apiVersion"] = "toolhive.stacklok.dev/v1beta1",
            ["kind"] = "VirtualMCPServer",
            ["metadata"] = new JsonObject { ["name"] = "hub", ["namespace"] = "demo" },
            ["status"] = new JsonObject
            {
                ["backendCount"] = 1,
                ["discoveredBackends"] = new JsonArray(new JsonObject { ["name"] = "alpha", ["status"] = "ready" }),
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "BackendsHealthy", ["status"] = "True", ["reason"] = "AllHealthy", ["message"] = "", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" }),
            },
        };

        // Both at once, many times, each deciding on what it saw first.
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), Token, async (i, token) =>
        {
            if (i % 2 == 0)
                await _writer.WriteAsync(hub, Plan($"message {i}"), token);
            else
                await _cluster.PatchAsync(ToolHive.VirtualMCPServer, hub.Key, new Patch.Apply(runtime.DeepClone().AsObject()), new WriteOptions { FieldManager = "vmcp-runtime", Subresource = "status" }, token);
        });

        KubeObject after = await GetAsync();
        after.At("status", "discoveredBackends")!.Value.GetArrayLength().ShouldBe(1);
        after.At("status", "backendCount")!.Value.GetInt32().ShouldBe(1);
        Types(after).ShouldBe(["BackendsHealthy", "Ready"], ignoreOrder: true);
        after.At("status", "phase")!.Value.GetString().ShouldBe("Ready");
    }

    [Fact]
    public async Task The_same_words_are_not_written_again()
    {
        (await _writer.WriteAsync(await CreateAsync(), Plan("fine"), Token)).ShouldBe(1);
        _time.Advance(TimeSpan.FromHours(1));
        (await _writer.WriteAsync(await GetAsync(), Plan("fine"), Token)).ShouldBe(0);
    }

    [Fact]
    public async Task A_cache_that_lags_behind_causes_no_second_write()
    {
        KubeObject stale = await CreateAsync();
        await _writer.WriteAsync(stale, Plan("fine"), Token);
        (await _writer.WriteAsync(stale, Plan("fine"), Token)).ShouldBe(0);
    }

    [Fact]
    public async Task A_condition_keeps_its_time_until_its_status_turns()
    {
        await _writer.WriteAsync(await CreateAsync(), Plan("one"), Token);
        _time.Advance(TimeSpan.FromMinutes(5));
        await _writer.WriteAsync(await GetAsync(), Plan("two"), Token);
        Ready(await GetAsync()).GetProperty("lastTransitionTime").GetString().ShouldBe("2026-01-01T00:00:00Z");
        Ready(await GetAsync()).GetProperty("message").GetString().ShouldBe("two");

        await _writer.WriteAsync(await GetAsync(), Plan("three", ready: "False"), Token);
        Ready(await GetAsync()).GetProperty("lastTransitionTime").GetString().ShouldBe("2026-01-01T00:05:00Z");
    }

    [Fact]
    public async Task Every_condition_names_the_generation_it_is_about()
    {
        await _writer.WriteAsync(await CreateAsync(), Plan("x") with { ObservedGeneration = 7 }, Token);
        Ready(await GetAsync()).GetProperty("observedGeneration").GetInt64().ShouldBe(7);
    }

    [Fact]
    public async Task A_condition_no_longer_planned_goes()
    {
        PlannedCondition extra = new("OIDCConfigRefValidated", "True", "OIDCConfigRefValid", "");
        await _writer.WriteAsync(await CreateAsync(), Plan("x") with { Conditions = [extra, .. Plan("x").Conditions] }, Token);
        Types(await GetAsync()).ShouldContain("OIDCConfigRefValidated");
        await _writer.WriteAsync(await GetAsync(), Plan("x"), Token);
        Types(await GetAsync()).ShouldBe(["Ready"]);
    }

    [Fact]
    public async Task A_hash_no_longer_planned_goes()
    {
        await _writer.WriteAsync(await CreateAsync(), Plan("x") with { TelemetryConfigHash = "abc" }, Token);
        await _writer.WriteAsync(await GetAsync(), Plan("x"), Token);
        (await GetAsync()).At("status", "telemetryConfigHash").ShouldBeNull();
    }

    [Fact]
    public async Task A_newer_health_check_alone_is_no_change()
    {
        await _writer.WriteAsync(await CreateAsync(), Inline("ready", 1), Token);
        (await _writer.WriteAsync(await GetAsync(), Inline("ready", 2), Token)).ShouldBe(0);
        (await _writer.WriteAsync(await GetAsync(), Inline("degraded", 3), Token)).ShouldBe(1);
        JsonElement backend = (await GetAsync()).At("status", "discoveredBackends")!.Value[0];
        backend.GetProperty("status").GetString().ShouldBe("degraded");
        backend.GetProperty("lastHealthCheck").GetString().ShouldBe("2026-01-01T00:03:00Z");
        backend.TryGetProperty("circuitLastChanged", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task In_inline_mode_each_half_has_its_own_manager()
    {
        await _writer.WriteAsync(await CreateAsync(), Inline("ready", 1), Token);
        _cluster.Writes.Where(w => w.Subresource == "status").Select(w => w.Manager).ShouldBe(["vmcp-operator", "vmcp-runtime"]);
    }

    [Fact]
    public async Task The_last_backend_can_go_and_come_back()
    {
        await _writer.WriteAsync(await CreateAsync(), Inline("ready", 1), Token);
        StatusPlan none = Inline("ready", 1) with { Backends = Inline("ready", 1).Backends! with { BackendCount = 0, Backends = [] } };
        await _writer.WriteAsync(await GetAsync(), none, Token);
        (await GetAsync()).At("status", "discoveredBackends").ShouldBeNull();
        (await GetAsync()).At("status", "backendCount")!.Value.GetInt32().ShouldBe(0);
        (await _writer.WriteAsync(await GetAsync(), none, Token)).ShouldBe(0);
        await _writer.WriteAsync(await GetAsync(), Inline("ready", 2), Token);
        (await GetAsync()).At("status", "discoveredBackends")!.Value.GetArrayLength().ShouldBe(1);
    }

    private async Task<KubeObject> CreateAsync() => await _cluster.CreateAsync(
        ToolHive.VirtualMCPServer,
        JsonNode.Parse("""{"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"VirtualMCPServer","metadata":{"name":"hub","namespace":"demo"},"spec":{}}""")!.AsObject(),
        WriteOptions.Default,
        Token);

    private async Task<KubeObject> GetAsync() => (await _cluster.GetAsync(ToolHive.VirtualMCPServer, new ObjectKey("demo", "hub"), Token))!;

    private static StatusPlan Plan(string message, string ready = "True") => new()
    {
        Phase = "Ready",
        Message = message,
        ObservedGeneration = 1,
        Conditions = [new PlannedCondition("Ready", ready, "DeploymentReady", message)],
    };

    private static StatusPlan Inline(string status, int minute) => Plan("x") with
    {
        Backends = new BackendStatusPlan
        {
            BackendCount = 1,
            Backends = [new BackendStatus(new ObservedBackend { Name = "alpha", Status = status, LastHealthCheck = new DateTimeOffset(2026, 1, 1, 0, minute, 0, TimeSpan.Zero) })],
            Conditions = [new PlannedCondition("BackendsDiscovered", "True", "Discovered", "")],
        },
    };

    private static IEnumerable<string> Types(KubeObject item) =>
        item.At("status", "conditions")!.Value.EnumerateArray().Select(c => c.GetProperty("type").GetString()!);

    private static JsonElement Ready(KubeObject item) =>
        item.At("status", "conditions")!.Value.EnumerateArray().Single(c => c.GetProperty("type").GetString() == "Ready");
}
