using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Tests.Applying;

public sealed class ApplierTests
{
    private static readonly ServerRef Server = new(new ObjectKey("demo", "hub"), "uid-1");
    private readonly InMemoryCluster _cluster = new(TimeProvider.System);
    private readonly Applier _applier;

    public ApplierTests() => _applier = new Applier(_cluster);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cache_that_lags_behind_our_write_causes_no_second_one()
    {
        KubeObject before = (await ApplyAsync(Map("a"), null)).Single();
        KubeObject after = (await ApplyAsync(Map("b"), before)).Single();
        after.At("data", "k")?.GetString().ShouldBe("b");
        _cluster.ForgetRequests();

        await ApplyAsync(Map("b"), before);

        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_child_deleted_behind_our_back_is_made_again()
    {
        await ApplyAsync(Map("a"), null);
        await _cluster.DeleteAsync(BuiltIn.ConfigMap, new ObjectKey("demo", "map"), DeleteOptions.Default, Token);

        (await ApplyAsync(Map("a"), null)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_field_no_longer_wanted_is_removed()
    {
        JsonObject wide = Map("a");
        wide["data"]!["extra"] = "x";
        KubeObject before = (await ApplyAsync(wide, null)).Single();

        KubeObject after = (await ApplyAsync(Map("a"), before)).Single();

        after.At("data", "extra").ShouldBeNull();
    }

    [Fact]
    public async Task A_stranger_with_a_childs_name_is_left_alone_even_when_no_cache_knows_it()
    {
        await _cluster.CreateAsync(BuiltIn.ConfigMap, Map("theirs", owner: "somebody-else"), WriteOptions.Default, Token);
        _cluster.ForgetRequests();

        ApplyResult result = await RunAsync(Plan(Map("ours")), LiveState.None);

        result.Obstacles.ShouldHaveSingleItem().Reason.ShouldBe("ResourceConflict");
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_plan_on_hold_writes_nothing()
    {
        await RunAsync(Plan(Map("a")) with { Outcome = PlanOutcome.Hold }, LiveState.None);
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "SEC-01")]
    public async Task A_session_key_is_32_random_bytes_and_never_changes()
    {
        ServerPlan plan = Plan(Secret(), WriteMode.CreateOnce);
        await RunAsync(plan, LiveState.None);
        string made = await KeyAsync();
        Convert.FromBase64String(Encoding.ASCII.GetString(Convert.FromBase64String(made))).Length.ShouldBe(32);

        ApplyResult again = await RunAsync(plan, LiveState.None);

        again.Writes.ShouldBeEmpty();
        (await KeyAsync()).ShouldBe(made);
    }

    [Theory]
    [InlineData("AAAA")]
    [InlineData("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQT0=")]
    [InlineData("not base64!")]
    public async Task A_broken_session_key_is_told_and_never_repaired(string value)
    {
        JsonObject secret = Secret();
        secret["data"] = new JsonObject { ["hmac-secret"] = value };
        await _cluster.CreateAsync(BuiltIn.Secret, secret, WriteOptions.Default, Token);
        _cluster.ForgetRequests();

        Obstacle obstacle = (await RunAsync(Plan(Secret(), WriteMode.CreateOnce), LiveState.None)).Obstacles.ShouldHaveSingleItem();

        obstacle.Reason.ShouldBe("HMACSecretInvalid");
        obstacle.Message.ShouldContain("hub-hmac-secret");
        obstacle.Message.ShouldNotContain(value);
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removal_is_decided_on_pods_read_just_then()
    {
        await ApplyAsync(Map("a"), null);
        await _cluster.CreateAsync(BuiltIn.Pod, Pod(), WriteOptions.Default, Token);
        ServerPlan plan = Plan(Map("a")) with { Objects = [], Removals = [new ChildRef(BuiltIn.ConfigMap, "map")] };

        ApplyResult held = await _applier.ApplyAsync(Server, plan, LiveState.None, (_, _, pods) => pods.IsEmpty, Token);
        held.RemovalsDeferred.ShouldBeTrue();
        (await _cluster.GetAsync(BuiltIn.ConfigMap, new ObjectKey("demo", "map"), Token)).ShouldNotBeNull();

        await _cluster.DeleteAsync(BuiltIn.Pod, new ObjectKey("demo", "old"), DeleteOptions.Default, Token);
        ApplyResult gone = await _applier.ApplyAsync(Server, plan, LiveState.None, (_, _, pods) => pods.IsEmpty, Token);
        gone.Writes.ShouldHaveSingleItem().Kind.ShouldBe(WriteKind.Deleted);
        (await _cluster.GetAsync(BuiltIn.ConfigMap, new ObjectKey("demo", "map"), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_removal_is_decided_on_the_Deployment_read_just_then()
    {
        await ApplyAsync(Map("a"), null);
        KubeObject stored = await _cluster.CreateAsync(BuiltIn.Deployment, Deployment(), WriteOptions.Default, Token);
        ServerPlan plan = Plan(Map("a")) with { Objects = [], Removals = [new ChildRef(BuiltIn.ConfigMap, "map")] };
        List<string?> seen = [];

        await _applier.ApplyAsync(Server, plan, LiveState.None, (_, deployment, _) => { seen.Add(deployment?.Meta.Uid); return false; }, Token);

        seen.ShouldBe([stored.Meta.Uid]);
    }

    [Theory]
    [InlineData("ServiceAccount")]
    [InlineData("Role")]
    [InlineData("RoleBinding")]
    public async Task No_pod_is_made_and_no_document_changed_while_what_a_pod_needs_is_refused(string kind)
    {
        ServerPlan plan = Plan(Map("new")) with
        {
            Objects =
            [
                new DesiredObject(BuiltIn.ServiceAccount, Child(BuiltIn.ServiceAccount, "hub-vmcp")),
                new DesiredObject(BuiltIn.Role, Child(BuiltIn.Role, "hub-vmcp")),
                new DesiredObject(BuiltIn.RoleBinding, Child(BuiltIn.RoleBinding, "hub-vmcp")),
                new DesiredObject(BuiltIn.ConfigMap, Map("new")),
                new DesiredObject(BuiltIn.Service, Child(BuiltIn.Service, "vmcp-hub")),
                new DesiredObject(BuiltIn.Deployment, Deployment()),
            ],
        };
        _cluster.FailNext(r => r.Verb == "apply" && r.Type.Kind == kind, new KubeException(KubeError.Forbidden, "attempting to grant extra privileges"));

        ApplyResult refused = await RunAsync(plan, LiveState.None);

        refused.Obstacles.ShouldHaveSingleItem().Child.Type.Kind.ShouldBe(kind);
        _cluster.ObjectsOf(BuiltIn.Deployment).ShouldBeEmpty();
        _cluster.ObjectsOf(BuiltIn.ConfigMap).ShouldBeEmpty();
        _cluster.ObjectsOf(BuiltIn.Service).ShouldHaveSingleItem();

        (await RunAsync(plan, LiveState.None)).Obstacles.ShouldBeEmpty();
        _cluster.ObjectsOf(BuiltIn.Deployment).ShouldHaveSingleItem();
        _cluster.ObjectsOf(BuiltIn.ConfigMap).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_session_Secret_that_may_not_be_made_is_an_obstacle()
    {
        _cluster.FailNext(r => r.Verb == "create", new KubeException(KubeError.Forbidden, "exceeded quota: secrets"));
        Obstacle obstacle = (await RunAsync(Plan(Secret(), WriteMode.CreateOnce), LiveState.None)).Obstacles.ShouldHaveSingleItem();
        obstacle.Reason.ShouldBe("Rejected");
        obstacle.Message.ShouldContain("exceeded quota");
    }

    private async Task<ImmutableArray<KubeObject>> ApplyAsync(JsonObject body, KubeObject? cached)
    {
        LiveState live = cached is null
            ? LiveState.None
            : new LiveState { Children = ImmutableDictionary<ChildRef, KubeObject>.Empty.Add(new ChildRef(BuiltIn.ConfigMap, "map"), cached) };
        await RunAsync(Plan(body), live);
        return [.. _cluster.ObjectsOf(BuiltIn.ConfigMap)];
    }

    private Task<ApplyResult> RunAsync(ServerPlan plan, LiveState live) => _applier.ApplyAsync(Server, plan, live, (_, _, _) => true, Token);

    private async Task<string> KeyAsync() =>
        (await _cluster.GetAsync(BuiltIn.Secret, new ObjectKey("demo", "hub-hmac-secret"), Token))!.At("data", "hmac-secret")!.Value.GetString()!;

    private static ServerPlan Plan(JsonObject body, WriteMode mode = WriteMode.Apply) => new()
    {
        Outcome = PlanOutcome.Apply,
        Objects = [new DesiredObject(mode == WriteMode.Apply ? BuiltIn.ConfigMap : BuiltIn.Secret, body, mode)],
        Status = new StatusPlan { Phase = "Pending" },
    };

    private static JsonObject Map(string value, string owner = "uid-1") => With(owner, new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = "map", ["namespace"] = "demo" },
        ["data"] = new JsonObject { ["k"] = value },
    });

    private static JsonObject Secret() => With("uid-1", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = "hub-hmac-secret", ["namespace"] = "demo" },
        ["type"] = "Opaque",
    });

    private static JsonObject Child(ResourceType type, string name) => With("uid-1", new JsonObject
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
    });

    private static JsonObject Deployment()
    {
        JsonObject body = Child(BuiltIn.Deployment, "hub");
        body["spec"] = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "vmcp", ["image"] = "i" }) },
            },
        };
        return body;
    }

    private static JsonObject Pod() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = "old",
            ["namespace"] = "demo",
            ["labels"] = new JsonObject { ["app"] = "virtualmcpserver", ["app.kubernetes.io/instance"] = "hub" },
        },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) },
    };

    private static JsonObject With(string owner, JsonObject body)
    {
        body["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "toolhive.stacklok.dev/v1beta1",
            ["kind"] = "VirtualMCPServer",
            ["name"] = "hub",
            ["uid"] = owner,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        return body;
    }
}
