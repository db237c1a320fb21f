using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NJsonSchema;
using NJsonSchema.Validation;
using Vmcp.Kubernetes.Yaml;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Deploying;

/// <summary>The chart and the kustomizations are two ways to the same objects.</summary>
public sealed class ChartTests
{
    [Fact]
    public Task With_its_own_values_it_is_the_operator_for_all_namespaces() => IsAsync("cluster-scope", _ => { });

    [Fact]
    public Task With_namespaces_to_watch_it_is_the_operator_for_chosen_namespaces() =>
        IsAsync("namespace-scope", values => values["watchNamespaces"] = new JsonArray("default"));

    [Fact]
    public Task With_everything_switched_on_it_is_the_hardened_operator() => IsAsync("hardened", values =>
    {
        values["highAvailability"]!["enabled"] = true;
        values["networkPolicy"]!["enabled"] = true;
    });

    [Fact]
    public void Each_value_changes_what_is_rendered()
    {
        Dictionary<string, (string Path, JsonNode Value, string Shows)> turns = new()
        {
            ["name"] = ("name", "second", "serviceAccountName: second"),
            ["image"] = ("image.repository", "mirror/operator", "mirror/operator:"),
            ["image tag"] = ("image.tag", "v9", "vmcp-operator:v9"),
            ["pull policy"] = ("image.pullPolicy", "Always", "imagePullPolicy: Always"),
            ["gateway"] = ("gatewayImage.repository", "mirror/vmcp", "mirror/vmcp:"),
            ["gateway tag"] = ("gatewayImage.tag", "v8", "vmcp:v8"),
            ["pull secrets"] = ("imagePullSecrets", new JsonArray(new JsonObject { ["name"] = "pull" }), "name: pull"),
            ["replicas"] = ("replicas", 5, "replicas: 5"),
            ["namespaces"] = ("watchNamespaces", new JsonArray("a", "b"), "value: a,b"),
            ["arguments"] = ("extraArgs", new JsonArray("--debug"), "--debug"),
            ["resources"] = ("resources", new JsonObject { ["limits"] = new JsonObject { ["memory"] = "1Gi" } }, "memory: 1Gi"),
            ["node selector"] = ("nodeSelector", new JsonObject { ["pool"] = "infra" }, "pool: infra"),
            ["tolerations"] = ("tolerations", new JsonArray(new JsonObject { ["key"] = "infra" }), "key: infra"),
            ["affinity"] = ("affinity", new JsonObject { ["nodeAffinity"] = new JsonObject() }, "nodeAffinity"),
            ["priority"] = ("priorityClassName", "high", "priorityClassName: high"),
            ["pod annotations"] = ("podAnnotations", new JsonObject { ["team"] = "tools" }, "team: tools"),
            ["account annotations"] = ("serviceAccountAnnotations", new JsonObject { ["role"] = "none" }, "role: none"),
            ["availability"] = ("highAvailability.enabled", true, "PodDisruptionBudget"),
            ["policy"] = ("networkPolicy.enabled", true, "NetworkPolicy"),
            ["prometheus"] = ("networkPolicy.prometheusNamespace", "metrics", "kubernetes.io/metadata.name: metrics"),
        };
        string Text(JsonObject values) => string.Join("\n---\n", Chart.Render(values).Select(KubeYaml.Write));

        foreach ((string what, (string path, JsonNode value, string shows)) in turns)
        {
            JsonObject values = Chart.DefaultValues();
            if (path.StartsWith("networkPolicy.p", StringComparison.Ordinal))
                values["networkPolicy"]!["enabled"] = true;
            string before = Text(values);
            string[] names = path.Split('.');
            (names.Length == 2 ? values[names[0]]!.AsObject() : values)[names[^1]] = value;

            before.ShouldNotContain(shows, Case.Sensitive, what);
            Text(values).ShouldContain(shows, Case.Sensitive, what);
        }

        IEnumerable<string> leaves = Chart.DefaultValues().SelectMany(v => v.Value is JsonObject { Count: > 0 } map && v.Key != "resources" ? map.Select(m => $"{v.Key}.{m.Key}") : [v.Key]);
        leaves.ShouldBe(turns.Values.Select(t => t.Path), ignoreOrder: true);
    }

    [Fact]
    public async Task The_schema_takes_its_values_and_refuses_mistakes()
    {
        JsonSchema schema = await JsonSchema.FromFileAsync(Path.Combine(Chart.Folder, "values.schema.json"), TestContext.Current.CancellationToken);
        ICollection<ValidationError> Check(Action<JsonObject> edit)
        {
            JsonObject values = Chart.DefaultValues();
            edit(values);
            return schema.Validate(values.ToJsonString());
        }

        Check(_ => { }).ShouldBeEmpty();
        Check(v => v["replica"] = 2).ShouldNotBeEmpty("a typo");
        Check(v => v["replicas"] = "two").ShouldNotBeEmpty("a wrong type");
        Check(v => v["watchNamespaces"] = "tools").ShouldNotBeEmpty("a text for a list");
        Check(v => v["image"]!["pullPolicy"] = "Sometimes").ShouldNotBeEmpty("an unknown policy");
        Check(v => v["highAvailability"]!["enable"] = true).ShouldNotBeEmpty("a typo below");
        Chart.DefaultValues().Select(v => v.Key).Except(schema.Properties.Keys).ShouldBeEmpty();
    }

    [Fact]
    public void Every_value_has_a_comment_and_the_definitions_are_those_of_deploy()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Chart.Folder, "values.yaml"));
        foreach (string key in Chart.DefaultValues().Select(v => v.Key).Except(["tolerations", "affinity", "priorityClassName"]))
        {
            int line = Array.FindIndex(lines, l => l.StartsWith(key + ":", StringComparison.Ordinal));
            lines[line - 1].ShouldStartWith("# ", customMessage: key);
        }

        string[] Names(string folder) => [.. Directory.EnumerateFiles(folder, "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        string crds = Path.Combine(Repository.Root, "deploy", "crds"), copied = Path.Combine(Chart.Folder, "crds");
        Names(copied).ShouldBe(Names(crds));
        Names(crds).ShouldAllBe(name => File.ReadAllText(Path.Combine(crds, name)) == File.ReadAllText(Path.Combine(copied, name)));
    }

    [Fact]
    public void Its_version_is_that_of_the_programs()
    {
        string version = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props")), "<Version>(.*)</Version>").Groups[1].Value;

        JsonObject chart = KubeYaml.ReadAll(File.ReadAllText(Path.Combine(Chart.Folder, "Chart.yaml")), "Chart.yaml").Single().Body;
        chart["version"]!.GetValue<string>().ShouldBe(version);
        chart["appVersion"]!.GetValue<string>().ShouldBe(version);
    }

    /// <summary>The chart makes the objects of a kustomization, but for the namespace, which is Helm's to make.</summary>
    private static async Task IsAsync(string scope, Action<JsonObject> edit)
    {
        JsonObject values = Chart.DefaultValues();
        // The kustomizations name no release.
        values["image"]!["tag"] = "latest";
        values["gatewayImage"]!["tag"] = "latest";
        edit(values);

        Dictionary<string, JsonObject> chart = ByName(Chart.Render(values));
        Dictionary<string, JsonObject> kustomize = ByName(await KustomizeAsync(Path.Combine("deploy", "operator", scope)));

        chart.Keys.ShouldBe(kustomize.Keys.Where(k => !k.StartsWith("Namespace ", StringComparison.Ordinal)), ignoreOrder: true);
        foreach ((string name, JsonObject made) in chart)
            KubeYaml.Write(Sorted(made)).ShouldBe(KubeYaml.Write(Sorted(kustomize[name])), name);
    }

    internal static async Task<IReadOnlyList<JsonObject>> KustomizeAsync(string folder)
    {
        await using TestProcess kubectl = TestProcess.Start(Assets.Find().Kubectl, ["kustomize", Path.Combine(Repository.Root, folder)]);
        (await kubectl.WaitForExitAsync()).ShouldBe(0, string.Join('\n', kubectl.Lines));
        return [.. KubeYaml.ReadAll(string.Join('\n', kubectl.Lines), folder).Select(d => d.Body)];
    }

    private static Dictionary<string, JsonObject> ByName(IEnumerable<JsonObject> objects) =>
        objects.ToDictionary(o => $"{o["kind"]} {o["metadata"]!["namespace"]}/{o["metadata"]!["name"]}");

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        // Of things with names the order means nothing.
        JsonArray list when list.All(item => item is JsonObject named && named.ContainsKey("name")) => new JsonArray([.. list.OrderBy(i => i!["name"]!.ToString(), StringComparer.Ordinal).Select(Sorted)]),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
