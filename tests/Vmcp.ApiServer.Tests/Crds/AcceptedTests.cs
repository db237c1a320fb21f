using System.Text.Json.Nodes;
using Vmcp.CrdGenerator;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.ApiServer.Tests.Crds;

[Collection(CrdCollection.Name)]
public sealed class AcceptedTests(CrdServer crds)
{
    private static readonly YamlDocument[] All =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Vmcp.Resources.Tests/Samples"), "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(file => KubeYaml.ReadAll(File.ReadAllText(file), Path.GetFileName(file))),
    ];

    public static TheoryData<string> Samples => [.. All.Select(Name)];

    public static TheoryData<string> Kinds => [.. ToolHive.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_definition_is_new_to_the_server_and_taken_without_a_warning(string kind)
    {
        // Under another group it is a new one; an update is not checked for what the old one had already.
        string definition = Definitions.All().Single(d => d["spec"]!["names"]!["kind"]!.GetValue<string>() == kind)
            .ToJsonString().Replace(ToolHive.Group, "fresh.example.com", StringComparison.Ordinal);

        Verdict verdict = await crds.PostAsync(
            "apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation=Strict", JsonNode.Parse(definition)!.AsObject());

        verdict.Accepted.ShouldBeTrue(verdict.Message);
        verdict.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task An_example_is_accepted(string sample)
    {
        Verdict verdict = await crds.TryCreateAsync(All.Single(document => Name(document) == sample).Body.DeepClone().AsObject());

        verdict.Accepted.ShouldBeTrue(verdict.Message);
        verdict.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task An_example_keeps_every_field(string sample)
    {
        JsonObject manifest = All.Single(document => Name(document) == sample).Body;

        Verdict verdict = await crds.TryCreateAsync(manifest.DeepClone().AsObject());

        Missing(manifest["spec"]!, verdict.Body["spec"], "spec").ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_old_version_takes_the_same_with_one_warning(string sample)
    {
        JsonObject manifest = All.Single(document => Name(document) == sample).Body.DeepClone().AsObject();
        manifest["apiVersion"] = "toolhive.stacklok.dev/v1alpha1";

        Verdict verdict = await crds.TryCreateAsync(manifest);

        verdict.Accepted.ShouldBeTrue(verdict.Message);
        verdict.Warnings.ShouldHaveSingleItem().ShouldContain("toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1");
    }

    [Theory]
    [InlineData("MCPServer", "image: i\nnotYetKnown: {a: [1]}")]
    [InlineData("MCPRemoteProxy", "remoteUrl: 'https://x'\nnotYetKnown: {a: [1]}")]
    [InlineData("EmbeddingServer", "notYetKnown: {a: [1]}")]
    public async Task A_kind_of_another_operator_keeps_what_only_that_one_knows(string kind, string spec)
    {
        Verdict verdict = await crds.TryCreateAsync(RuleTests.Manifest(kind, spec));

        verdict.Body["spec"]!["notYetKnown"]?.ToJsonString().ShouldBe("""{"a":[1]}""", verdict.Message);
    }

    private static string Name(YamlDocument document) => $"{document.Body["kind"]} {document.Body["metadata"]!["name"]}";

    private static IEnumerable<string> Missing(JsonNode wanted, JsonNode? found, string path) => wanted switch
    {
        _ when found is null => [path],
        JsonObject map => map.SelectMany(m => m.Value is null ? [] : Missing(m.Value, found[m.Key], $"{path}.{m.Key}")),
        JsonArray list => list.SelectMany((item, i) => item is null ? [] : Missing(item, found.AsArray().ElementAtOrDefault(i), $"{path}[{i}]")),
        _ => JsonNode.DeepEquals(wanted, found) ? [] : [path],
    };
}
