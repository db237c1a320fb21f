using System.Text.Json.Nodes;
using Vmcp.KubeKit.Contract;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.ApiServer.Tests.Drift;

/// <summary>One request by chance; the same on whatever cluster it is sent to.</summary>
/// <param name="Text">What it is, for failures.</param>
/// <param name="SendAsync">Sends it; the object it answers, or null.</param>
public sealed record RandomStep(string Text, Func<ICluster, string, Task<KubeObject?>> SendAsync)
{
    private static readonly string[] Managers = ["ann", "bob", "cyd"];

    /// <summary>A request for the object <c>x</c> of a kind.</summary>
    public static RandomStep Next(ResourceType type, Func<Random, JsonObject> spec, Random random)
    {
        string manager = Managers[random.Next(Managers.Length)];
        var options = new WriteOptions { FieldManager = manager };
        JsonObject body = Body(type, spec(random), random);
        switch (random.Next(20))
        {
            case < 9:
                return Applied(type, body, options, force: random.Next(3) > 0);
            case < 11 when type == Samples.Widget:
                JsonObject status = Bare(type);
                status["status"] = RandomBodies.WidgetStatus(random);
                return Applied(type, status, options with { Subresource = "status" }, force: random.Next(3) > 0);
            case < 13:
                JsonObject patch = Sparse(body, random);
                return Patched(type, new Patch.Merge(patch), options, $"merge by {manager} {patch.ToJsonString()}");
            case < 14:
                JsonArray operations = RandomBodies.Operations(random);
                return Patched(type, new Patch.Json(operations), options, $"JSON patch by {manager} {operations.ToJsonString()}");
            case < 16:
                return Replaced(type, body, options, $"replace by {manager} {body.ToJsonString()}");
            case < 18:
                return new RandomStep($"create by {manager} {body.ToJsonString()}", async (cluster, space) =>
                    await cluster.CreateAsync(type, In(body, space), options, CancellationToken.None));
            case < 19:
                string hold = random.Next(2) == 0 ? """{"metadata":{"finalizers":["vmcp.test/a"]}}""" : """{"metadata":{"finalizers":null}}""";
                return Patched(type, new Patch.Merge(Samples.Json(hold)), options, $"merge by {manager} {hold}");
            default:
                return new RandomStep("delete", async (cluster, space) =>
                {
                    await cluster.DeleteAsync(type, new ObjectKey(space, "x"), DeleteOptions.Default, CancellationToken.None);
                    return null;
                });
        }
    }

    private static RandomStep Applied(ResourceType type, JsonObject body, WriteOptions options, bool force) =>
        Patched(type, new Patch.Apply(body, force), options, $"apply{(options.Subresource is null ? "" : "/status")} by {options.FieldManager}{(force ? " with force" : "")} {body.ToJsonString()}");

    private static RandomStep Patched(ResourceType type, Patch patch, WriteOptions options, string text) => new(text, async (cluster, space) =>
        await cluster.PatchAsync(
            type, new ObjectKey(space, "x"), patch is Patch.Apply apply ? apply with { Body = In(apply.Body, space) } : patch, options, CancellationToken.None));

    private static RandomStep Replaced(ResourceType type, JsonObject body, WriteOptions options, string text) => new(text, async (cluster, space) =>
    {
        JsonObject copy = In(body, space);
        if (await cluster.GetAsync(type, new ObjectKey(space, "x"), CancellationToken.None) is { } stored)
            copy["metadata"]!["resourceVersion"] = stored.Meta.ResourceVersion;
        return await cluster.ReplaceAsync(type, copy, options, CancellationToken.None);
    });

    private static JsonObject Bare(ResourceType type) => new()
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["metadata"] = new JsonObject { ["name"] = "x" },
    };

    private static JsonObject Body(ResourceType type, JsonObject members, Random random)
    {
        JsonObject body = Bare(type);
        if (random.Next(2) == 0)
            body["metadata"]!["labels"] = RandomBodies.Texts(random);
        if (random.Next(3) == 0)
            body["metadata"]!["annotations"] = RandomBodies.Texts(random);
        foreach ((string name, JsonNode? value) in members)
            body[name] = value?.DeepClone();
        return body;
    }

    /// <summary>A body in which some members are null: a merge patch.</summary>
    private static JsonObject Sparse(JsonObject body, Random random)
    {
        JsonObject copy = body.DeepClone().AsObject();
        foreach (string part in (string[])["spec", "data"])
        {
            foreach (string name in (copy[part] as JsonObject ?? []).Select(m => m.Key).ToArray())
            {
                if (random.Next(4) == 0 && name is not ("template" or "selector" or "replicas"))
                    copy[part]![name] = null;
            }
        }

        return copy;
    }

    private static JsonObject In(JsonObject body, string space)
    {
        JsonObject copy = body.DeepClone().AsObject();
        copy["metadata"]!["namespace"] = space;
        return copy;
    }
}
