using System.Text.Json.Nodes;
using Vmcp.ApiServer.Tests.Crds;
using Vmcp.Operator.Planning.Objects;

namespace Vmcp.ApiServer.Tests.Deploying;

/// <summary>What is under deploy/ as an API server sees it.</summary>
[Collection(CrdCollection.Name)]
public sealed class InstallTests(CrdServer crds)
{
    /// <summary>Every kustomization a user may apply.</summary>
    public static TheoryData<string> Kustomizations =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy"), "kustomization.yaml", SearchOption.AllDirectories)
            .Where(file => !File.ReadAllText(file).Contains("kind: Component", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Kustomizations))]
    public async Task A_kustomization_is_accepted_field_by_field(string folder)
    {
        foreach (JsonObject manifest in await ChartTests.KustomizeAsync(folder))
            await IsAcceptedAsync(manifest, folder);
    }

    [Fact]
    public async Task The_chart_is_accepted_field_by_field()
    {
        JsonObject values = Chart.DefaultValues();
        values["highAvailability"]!["enabled"] = true;
        values["networkPolicy"]!["enabled"] = true;
        values["watchNamespaces"] = new JsonArray("default", "tools");

        foreach (JsonObject manifest in Chart.Render(values))
            await IsAcceptedAsync(manifest, "chart");
    }

    [Theory]
    [InlineData("cluster-scope")]
    [InlineData("namespace-scope")]
    [InlineData("hardened")]
    public async Task The_pods_of_a_kustomization_keep_to_the_restricted_Pod_Security_Standard(string scope)
    {
        JsonObject[] deployments = [.. (await ChartTests.KustomizeAsync($"deploy/operator/{scope}")).Where(m => m["kind"]!.GetValue<string>() == "Deployment")];
        JsonNode pod = deployments.ShouldHaveSingleItem()["spec"]!["template"]!["spec"]!;
        pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>().ShouldBeTrue();
        pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>().ShouldBe("RuntimeDefault");
        foreach (JsonNode? container in pod["containers"]!.AsArray())
        {
            JsonNode context = container!["securityContext"]!;
            context["allowPrivilegeEscalation"]!.GetValue<bool>().ShouldBeFalse();
            context["readOnlyRootFilesystem"]!.GetValue<bool>().ShouldBeTrue();
            context["capabilities"]!["drop"]!.AsArray().Select(c => c!.GetValue<string>()).ShouldBe(["ALL"]);
        }

        foreach (JsonNode? volume in pod["volumes"]!.AsArray())
            volume!.AsObject().ContainsKey("hostPath").ShouldBeFalse();
    }

    [Fact]
    public async Task The_network_policies_name_the_pods_and_ports_there_are()
    {
        JsonObject[] policies =
        [
            .. await ChartTests.KustomizeAsync("deploy/operator/hardened"), .. await ChartTests.KustomizeAsync("deploy/gateways/network-policies"),
        ];
        string[] texts = [.. policies.Where(p => p["kind"]!.GetValue<string>() == "NetworkPolicy").Select(p => p.ToJsonString())];

        texts.Length.ShouldBe(2);
        string gateway = ChildNames.Labels("hub").First(l => l.Key == "app.kubernetes.io/name").Value;
        texts.ShouldAllBe(t => t.Contains($"\"app.kubernetes.io/name\":\"{gateway}\"", StringComparison.Ordinal));
        texts.ShouldAllBe(t => t.Contains("\"app.kubernetes.io/name\":\"vmcp-operator\"", StringComparison.Ordinal));
        texts.ShouldAllBe(t => t.Contains("\"port\":4483", StringComparison.Ordinal));
    }

    private async Task IsAcceptedAsync(JsonObject manifest, string what)
    {
        string version = manifest["apiVersion"]!.GetValue<string>(), kind = manifest["kind"]!.GetValue<string>();
        JsonObject sent = manifest.DeepClone().AsObject();
        string root = version.Contains('/', StringComparison.Ordinal) ? $"apis/{version}" : $"api/{version}";
        // Namespaces of the manifests are not there; what matters is the object.
        bool namespaced = kind is not ("Namespace" or "ClusterRole" or "ClusterRoleBinding" or "CustomResourceDefinition");
        if (namespaced)
            sent["metadata"]!["namespace"] = crds.Namespace;
        string plural = kind == "NetworkPolicy" ? "networkpolicies" : kind.ToLowerInvariant() + "s";
        Verdict verdict = await crds.PostAsync($"{root}{(namespaced ? $"/namespaces/{crds.Namespace}" : "")}/{plural}?dryRun=All&fieldValidation=Strict", sent);

        bool exists = verdict.Body["reason"]?.GetValue<string>() == "AlreadyExists";
        (verdict.Accepted || exists).ShouldBeTrue($"{what}: {kind} {manifest["metadata"]!["name"]}: {verdict.Message}");
        verdict.Warnings.ShouldBeEmpty(what);
    }
}
