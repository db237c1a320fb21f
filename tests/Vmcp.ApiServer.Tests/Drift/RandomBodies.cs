using System.Text.Json.Nodes;

namespace Vmcp.ApiServer.Tests.Drift;

/// <summary>Bodies by chance, from few values so that they meet.</summary>
public static class RandomBodies
{
    public static JsonObject Widget(Random random)
    {
        var spec = new JsonObject();
        Maybe(random, () => spec["size"] = random.Next(3));
        Maybe(random, () => spec["color"] = random.Next(2) == 0 ? "red" : "blue");
        Maybe(random, () =>
        {
            var frame = new JsonObject();
            Maybe(random, () => frame["width"] = random.Next(2));
            Maybe(random, () => frame["height"] = random.Next(2));
            if (frame.Count > 0)
                spec["frame"] = frame;
        });
        Maybe(random, () => spec["words"] = Some(random, 1, "x", "y", "z"));
        Maybe(random, () => spec["tags"] = Some(random, 1, "x", "y", "z"));
        Maybe(random, () => spec["whole"] = Texts(random));
        Maybe(random, () => spec["parts"] = new JsonArray([.. Some(random, 1, "a", "b", "c").Select(name =>
        {
            var part = new JsonObject { ["name"] = name!.DeepClone() };
            Maybe(random, () => part["count"] = random.Next(2));
            Maybe(random, () => part["note"] = "n");
            return (JsonNode)part;
        })]));
        return new JsonObject { ["spec"] = spec };
    }

    public static JsonObject WidgetStatus(Random random)
    {
        var status = new JsonObject();
        Maybe(random, () => status["phase"] = random.Next(2) == 0 ? "Ready" : "Pending");
        Maybe(random, () => status["conditions"] = new JsonArray([.. Some(random, 1, "Valid", "Live").Select(type =>
            (JsonNode)new JsonObject { ["type"] = type!.DeepClone(), ["status"] = random.Next(2) == 0 ? "True" : "False" })]));
        Maybe(random, () => status["discoveredBackends"] = new JsonArray([.. Some(random, 1, "a", "b").Select(name =>
            (JsonNode)new JsonObject { ["name"] = name!.DeepClone(), ["status"] = random.Next(2) == 0 ? "ready" : "degraded" })]));
        return status;
    }

    public static JsonObject ConfigMap(Random random) => new() { ["data"] = Texts(random) };

    public static JsonObject Deployment(Random random)
    {
        JsonArray containers = new([.. Some(random, 0, "side", "more").Prepend(JsonValue.Create("main")).Select(name =>
        {
            var container = new JsonObject { ["name"] = name!.DeepClone(), ["image"] = $"image:{random.Next(2)}" };
            Maybe(random, () => container["args"] = Some(random, 1, "a", "b"));
            Maybe(random, () => container["env"] = new JsonArray([.. Some(random, 1, "ONE", "TWO", "THREE").Select(e =>
                (JsonNode)new JsonObject { ["name"] = e!.DeepClone(), ["value"] = $"{random.Next(2)}" })]));
            Maybe(random, () => container["ports"] = new JsonArray([.. Some(random, 1, "80", "90").Select(p =>
                (JsonNode)new JsonObject { ["containerPort"] = int.Parse(p!.GetValue<string>(), null), ["name"] = $"p{p}" })]));
            Maybe(random, () => container["volumeMounts"] = new JsonArray([.. Some(random, 1, "a", "b").Select(m =>
                (JsonNode)new JsonObject { ["name"] = "tmp", ["mountPath"] = $"/{m}" })]));
            return (JsonNode)container;
        })]);
        return new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["replicas"] = random.Next(3),
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "x" } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "x" } },
                    ["spec"] = new JsonObject
                    {
                        ["volumes"] = new JsonArray(new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject() }),
                        ["containers"] = containers,
                    },
                },
            },
        };
    }

    /// <summary>A JSON patch of labels, which each kind has or has not.</summary>
    public static JsonArray Operations(Random random)
    {
        var operation = new JsonObject
        {
            ["op"] = random.Next(3) switch { 0 => "add", 1 => "replace", _ => "remove" },
            ["path"] = $"/metadata/labels/{(char)('a' + random.Next(3))}",
        };
        if (operation["op"]!.GetValue<string>() != "remove")
            operation["value"] = $"{random.Next(3)}";
        return [operation];
    }

    public static JsonObject Texts(Random random) =>
        new(Some(random, 1, "a", "b", "c").Select(k => KeyValuePair.Create(k!.GetValue<string>(), (JsonNode?)JsonValue.Create($"{random.Next(3)}"))));

    private static void Maybe(Random random, Action then)
    {
        if (random.Next(2) == 0)
            then();
    }

    private static JsonArray Some(Random random, int least, params string[] of)
    {
        string[] mixed = [.. of];
        random.Shuffle(mixed);
        return new JsonArray([.. mixed.Take(random.Next(least, of.Length + 1)).Select(v => (JsonNode)JsonValue.Create(v))]);
    }
}
