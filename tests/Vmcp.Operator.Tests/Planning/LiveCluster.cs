using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Tests.Planning;

/// <summary>
/// What an API server and a Deployment controller would make of plans, step by step; each step can be the last one before a crash.
/// </summary>
internal sealed class LiveCluster
{
    private readonly Dictionary<ChildRef, JsonObject> _children = [];
    private readonly List<JsonObject> _pods = [];
    private int _next;

    /// <summary>As a plan sees it.</summary>
    public LiveState State => new()
    {
        Children = _children.ToImmutableDictionary(c => c.Key, c => KubeObject.From(c.Value)),
        Pods = [.. _pods.Select(p => KubeObject.From(p))],
    };

    public IEnumerable<string> Pods => _pods.Select(p => (string)p["metadata"]!["name"]!);

    public bool Has(ResourceType type) => _children.Keys.Any(c => c.Type == type);

    public JsonObject Get(ResourceType type) => _children.Single(c => c.Key.Type == type).Value;

    /// <summary>Writes a plan; with a limit it stops after so many writes, as a crash would.</summary>
    public void Apply(ServerPlan plan, int writes = int.MaxValue)
    {
        if (plan.Outcome == PlanOutcome.Hold)
            return;
        foreach (DesiredObject wanted in plan.Objects)
        {
            ChildRef key = new(wanted.Type, wanted.Name);
            bool exists = _children.TryGetValue(key, out JsonObject? live);
            if (exists && (wanted.Mode == WriteMode.CreateOnce || Same(live!, wanted.Body)))
                continue;
            if (writes-- <= 0)
                return;
            Store(key, (JsonObject)wanted.Body.DeepClone(), live);
        }

        foreach (ChildRef gone in plan.Removals)
        {
            if (writes-- <= 0)
                return;
            _children.Remove(gone);
        }
    }

    public void Put(ResourceType type, JsonObject body) => _children[new ChildRef(type, (string)body["metadata"]!["name"]!)] = body;

    /// <summary>One step of the Deployment controller and the kubelet; false when there is nothing to do.</summary>
    public bool Step(bool newPodsGetReady = true)
    {
        if (!Has(BuiltIn.Deployment))
            return false;
        JsonObject deployment = Get(BuiltIn.Deployment);
        JsonObject? terminating = _pods.FirstOrDefault(p => p["metadata"]!["deletionTimestamp"] is not null);
        JsonObject[] running = [.. _pods.Where(p => p["metadata"]!["deletionTimestamp"] is null)];
        JsonObject[] current = [.. running.Where(p => Template(p) == Template(deployment["spec"]!["template"]!))];
        JsonObject[] old = [.. running.Except(current)];
        int replicas = Replicas(deployment);
        bool moved = true;
        if (terminating is not null)
            _pods.Remove(terminating);
        else if (current.Length < replicas)
            _pods.Add(NewPod(deployment));
        else if (current.FirstOrDefault(p => !IsReady(p)) is { } starting && newPodsGetReady)
            SetReady(starting);
        else if (current.Length > replicas)
            current[0]["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        else if (old.Length > 0 && current.All(IsReady))
            old[0]["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        else
            moved = false;
        Observe(deployment, replicas);
        return moved;
    }

    public void Settle(Func<ServerPlan> plan)
    {
        for (int i = 0; i < 50; i++)
        {
            string before = Fingerprint();
            Apply(plan());
            while (Step())
            {
            }

            if (Fingerprint() == before)
                return;
        }

        throw new InvalidOperationException("does not settle");
    }

    /// <summary>The pods that run and need rights they do not have.</summary>
    public IEnumerable<string> PodsWithoutRights() => _pods
        .Where(p => (bool?)p["spec"]!["automountServiceAccountToken"] != false)
        .Where(_ => !Has(BuiltIn.Role) || !Has(BuiltIn.RoleBinding) || !Has(BuiltIn.ServiceAccount))
        .Select(p => (string)p["metadata"]!["name"]!);

    public JsonObject Pod(int index) => _pods[index];

    public string Fingerprint() =>
        string.Join('\n', _children.OrderBy(c => c.Key.Type.Kind).ThenBy(c => c.Key.Name).Select(c => c.Value.ToJsonString()).Concat(_pods.Select(p => p.ToJsonString())));

    private void Store(ChildRef key, JsonObject body, JsonObject? live)
    {
        if (live?["status"] is { } status)
            body["status"] = status.DeepClone();
        JsonNode metadata = body["metadata"]!;
        metadata["uid"] = live is null ? $"uid-{++_next}" : (string)live["metadata"]!["uid"]!;
        metadata["generation"] = live is null ? 1 : (int)live["metadata"]!["generation"]! + 1;
        if (key.Type == BuiltIn.Deployment && body["spec"]!["replicas"] is null && live?["spec"]!["replicas"] is { } replicas)
            body["spec"]!["replicas"] = replicas.DeepClone();
        _children[key] = body;
    }

    private static bool Same(JsonObject live, JsonObject wanted)
    {
        JsonObject copy = (JsonObject)live.DeepClone();
        copy.Remove("status");
        copy["metadata"]!.AsObject().Remove("uid");
        copy["metadata"]!.AsObject().Remove("generation");
        if (wanted["spec"]?["replicas"] is null)
            (copy["spec"] as JsonObject)?.Remove("replicas");
        return JsonNode.DeepEquals(copy, wanted);
    }

    private JsonObject NewPod(JsonObject deployment)
    {
        JsonObject pod = (JsonObject)deployment["spec"]!["template"]!.DeepClone();
        pod["metadata"]!["name"] = $"hub-{++_next}";
        pod["status"] = JsonNode.Parse("""{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"name":"vmcp","ready":false,"restartCount":0,"state":{"running":{}}}]}""");
        return pod;
    }

    private static void SetReady(JsonObject pod)
    {
        pod["status"]!["conditions"]![0]!["status"] = "True";
        pod["status"]!["containerStatuses"]![0]!["ready"] = true;
    }

    private void Observe(JsonObject deployment, int replicas)
    {
        int updated = _pods.Count(p => Template(p) == Template(deployment["spec"]!["template"]!) && p["metadata"]!["deletionTimestamp"] is null);
        deployment["status"] = new JsonObject
        {
            ["observedGeneration"] = deployment["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = _pods.Count(p => p["metadata"]!["deletionTimestamp"] is null),
            ["updatedReplicas"] = updated,
            ["readyReplicas"] = Math.Min(replicas, _pods.Count(IsReady)),
        };
    }

    private static int Replicas(JsonObject deployment) => (int?)deployment["spec"]!["replicas"] ?? 1;

    private static bool IsReady(JsonObject pod) => (string)pod["status"]!["conditions"]![0]!["status"]! == "True";

    private static string Template(JsonNode template) => template["spec"]!.ToJsonString() + template["metadata"]!["annotations"]!.ToJsonString();
}
