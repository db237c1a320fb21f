using System.Text.Json.Nodes;
using Vmcp.Operator.Planning.Templates;

namespace Vmcp.Operator.Tests.Templates;

public sealed class PatchedTemplateTests
{
    private const string Ours = """
        {"metadata":{"labels":{"app":"x"},"annotations":{"ours":"1"}},"spec":{"containers":[{"name":"vmcp","image":"v:1"}]}}
        """;

    [Theory, Trait("Scenario", "POD-01")]
    [InlineData("""{"spec":{"containers":"invalid-not-an-array"}}""", "spec.containers must be an array, not a string")]
    [InlineData("""{"spec":[]}""", "spec must be an object, not an array")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "metadata.labels.a must be a string, not a number")]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "spec.containers[0] has no name, by which it is merged")]
    [InlineData("""{"spec":{"containers":["vmcp"]}}""", "spec.containers[0] must be an object, not a string")]
    [InlineData("""{"spec":{"containers":[null]}}""", "spec.containers[0] must not be null")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","env":{"A":"b"}}]}}""", "spec.containers[0].env must be an array, not an object")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","env":[{"name":"A","value":1}]}]}}""", "spec.containers[0].env[0].value must be a string, not a number")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","ports":[{"containerPort":"80"}]}]}}""", "spec.containers[0].ports[0].containerPort must be a whole number, not a string")]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":1.5}}""", "spec.terminationGracePeriodSeconds must be a whole number, not a number")]
    [InlineData("""{"spec":{"hostNetwork":"yes"}}""", "spec.hostNetwork must be true or false, not a string")]
    [InlineData("""{"spec":{"nodeSelector":{"a":true}}}""", "spec.nodeSelector.a must be a string, not true or false")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","$patch":"destroy"}]}}""", "spec.containers[0].$patch must be replace, delete or merge")]
    [InlineData("""{"spec":{"$patches":"x"}}""", "spec.$patches is no directive of a strategic merge patch")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","resources":{"limits":{"memory":[]}}}]}}""", "spec.containers[0].resources.limits.memory must be a quantity, not an array")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","$patch":"delete"}]}}""", "spec.containers must keep the container \"vmcp\", which is the gateway")]
    [InlineData("""{"spec":{"$patch":"delete"}}""", "spec.containers must keep the container \"vmcp\", which is the gateway")]
    [InlineData("""{"metadata":{"labels":{"app":"y"}}}""", "metadata.labels[\"app\"] must stay \"x\": Deployment and Service select the pods by it")]
    public void What_cannot_be_a_pod_template_is_refused_with_its_path(string patch, string problem)
    {
        (JsonObject? template, IReadOnlyList<string> problems) = Patch(patch);

        template.ShouldBeNull();
        problems.ShouldContain(problem);
    }

    [Fact]
    public void Many_problems_are_cut_short()
    {
        string labels = string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"l{i}\":{i}"));

        IReadOnlyList<string> problems = Patch("{\"metadata\":{\"labels\":{" + labels + "}}}").Problems;

        problems.Count.ShouldBe(9);
        problems[^1].ShouldBe("and 12 more");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec":{"containers":[{"name":"vmcp","resources":{"limits":{"cpu":2}},"readinessProbe":{"httpGet":{"port":80}}}],"unheardOf":1}}""")]
    public void What_the_API_server_would_read_is_taken(string patch) => Patch(patch).Problems.ShouldBeEmpty();

    [Fact]
    public void The_operators_own_annotations_stay_whatever_the_user_says()
    {
        JsonObject template = Patch("""{"metadata":{"annotations":{"ours":"changed","theirs":"2"}}}""").Template!;

        template["metadata"]!["annotations"]!.ToJsonString().ShouldBe("""{"ours":"1","theirs":"2"}""");
        Patch("""{"metadata":{"annotations":null}}""").Template!["metadata"]!["annotations"]!.ToJsonString().ShouldBe("""{"ours":"1"}""");
    }

    private static (JsonObject? Template, IReadOnlyList<string> Problems) Patch(string patch) =>
        PatchedTemplate.Of(JsonNode.Parse(Ours)!.AsObject(), JsonNode.Parse(patch)!.AsObject());
}
