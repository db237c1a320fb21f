using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;

namespace Vmcp.Operator.Tests.Applying;

public sealed class DifferenceTests
{
    [Fact]
    public void What_the_server_and_others_added_is_no_difference() =>
        Find("""{"metadata":{"labels":{"a":"1"}},"spec":{"replicas":2}}""", """{"metadata":{"labels":{"a":"1","b":"2"},"uid":"u"},"spec":{"replicas":2,"paused":false},"status":{}}""")
            .ShouldBeNull();

    [Theory]
    [InlineData("""{"spec":{"replicas":3}}""", "spec.replicas")]
    [InlineData("""{"spec":{"replicas":2,"paused":true}}""", "spec.paused")]
    [InlineData("""{"metadata":{"labels":{"a":"2"}}}""", "metadata.labels.a")]
    public void A_value_that_is_missing_or_another_is_named_by_its_path(string desired, string path) =>
        Find(desired, """{"metadata":{"labels":{"a":"1"}},"spec":{"replicas":2}}""").ShouldBe(path);

    [Fact]
    public void Containers_are_matched_by_name_and_an_injected_one_is_no_difference() =>
        Find(
            """{"spec":{"template":{"spec":{"containers":[{"name":"vmcp","image":"i"}]}}}}""",
            """{"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"x"},{"name":"vmcp","image":"i","terminationMessagePath":"/dev/x"}]}}}}""")
            .ShouldBeNull();

    [Fact]
    public void A_changed_variable_of_a_container_is_a_difference() =>
        Find(
            """{"spec":{"containers":[{"name":"vmcp","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}]}}""",
            """{"spec":{"containers":[{"name":"vmcp","env":[{"name":"B","value":"3"},{"name":"A","value":"1"}]}]}}""")
            .ShouldBe("spec.containers[vmcp].env[B].value");

    [Theory]
    [InlineData("500m", "0.5")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1000m", "1")]
    public void Amounts_are_compared_by_what_they_mean(string desired, string live) =>
        Find(Limit(desired), Limit(live)).ShouldBeNull();

    [Fact]
    public void A_variable_is_compared_by_its_letters() =>
        Find("""{"env":[{"name":"A","value":"1.0"}]}""", """{"env":[{"name":"A","value":"1"}]}""").ShouldBe("env[A].value");

    [Fact]
    public void A_value_the_server_normalised_at_our_last_write_is_no_difference() =>
        Find("""{"spec":{"odd":"08"}}""", """{"spec":{"odd":"8"}}""", accepted: """{"spec":{"odd":"8"}}""").ShouldBeNull();

    [Theory]
    [InlineData("""[{"apiGroups":[""],"resources":["a"],"verbs":["get"]}]""", null)]
    [InlineData("""[{"apiGroups":[""],"resources":["a"],"verbs":["get","delete"]}]""", "rules[0].verbs")]
    [InlineData("""[{"apiGroups":[""],"resources":["a"],"verbs":["get"]},{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]""", "rules")]
    [InlineData("""[{"apiGroups":[""],"resources":["a"],"verbs":["get"],"nonResourceURLs":["/"]}]""", "rules[0].nonResourceURLs")]
    [InlineData("[]", "rules")]
    public void A_right_too_much_is_a_difference(string live, string? path) =>
        Find("""{"rules":[{"apiGroups":[""],"resources":["a"],"verbs":["get"]}]}""", $$"""{"rules":{{live}}}""", type: BuiltIn.Role).ShouldBe(path);

    [Fact]
    public void An_empty_list_is_what_is_not_there() => Find("""{"spec":{"items":[]}}""", """{"spec":{}}""").ShouldBeNull();

    private static string Limit(string amount) => "{\"resources\":{\"limits\":{\"cpu\":\"" + amount + "\"}}}";

    private static string? Find(string desired, string live, string? accepted = null, ResourceType? type = null) => Difference.First(
        type ?? BuiltIn.Deployment,
        JsonNode.Parse(desired)!.AsObject(),
        JsonDocument.Parse(live).RootElement,
        accepted is null ? null : JsonDocument.Parse(accepted).RootElement);
}
