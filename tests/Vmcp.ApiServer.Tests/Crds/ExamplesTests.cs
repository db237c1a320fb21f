using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.ApiServer.Tests.Crds;

/// <summary>The folders under examples/ as an API server sees them.</summary>
[Collection(CrdCollection.Name)]
public sealed class ExamplesTests(CrdServer crds)
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_object_of_an_example_is_accepted_without_a_warning(string file)
    {
        foreach (YamlDocument document in KubeYaml.ReadAll(await File.ReadAllTextAsync(Path.Combine(Repository.Root, file), TestContext.Current.CancellationToken), file))
        {
            Verdict verdict = await TryCreateAsync(document.Body.DeepClone().AsObject());

            verdict.Accepted.ShouldBeTrue($"{file}: {verdict.Message}");
            verdict.Warnings.ShouldBeEmpty(file);
        }
    }

    private Task<Verdict> TryCreateAsync(JsonObject manifest)
    {
        string kind = manifest["kind"]!.GetValue<string>();
        if (ToolHive.All.Any(type => type.Kind == kind))
            return crds.TryCreateAsync(manifest);
        string version = manifest["apiVersion"]!.GetValue<string>();
        string root = version.Contains('/', StringComparison.Ordinal) ? $"apis/{version}" : $"api/{version}";
        return crds.PostAsync($"{root}/namespaces/{crds.Namespace}/{kind.ToLowerInvariant()}s?dryRun=All&fieldValidation=Strict", manifest);
    }
}
