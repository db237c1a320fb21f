using System.Text.Json.Nodes;
using Vmcp.Kubernetes.InMemory.Patching;

namespace Vmcp.Kubernetes.Tests.InMemory;

/// <summary>The two JSON patches, pure.</summary>
public sealed class PatchTests
{
    // The cases of RFC 7396, appendix A, that are objects on both sides.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void A_merge_patch_is_that_of_the_RFC(string target, string patch, string result) =>
        Same(MergePatch.Apply(Object(target), Object(patch)), result);

    [Theory]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/1","value":3}]""", """{"a":[1,3,2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-","value":3}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"replace","path":"/a/1","value":{"b":null}}]""", """{"a":[1,{"b":null}]}""")]
    [InlineData("""{"a":{"b":1},"c":{}}""", """[{"op":"move","from":"/a/b","path":"/c/d"}]""", """{"a":{},"c":{"d":1}}""")]
    [InlineData("""{"a":{"b":[1]}}""", """[{"op":"copy","from":"/a/b","path":"/a/c"}]""", """{"a":{"b":[1],"c":[1]}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"test","path":"/a~1b","value":1},{"op":"remove","path":"/m~0n"}]""", """{"a/b":1}""")]
    [InlineData("""{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    [InlineData("""{"a":null}""", """[{"op":"test","path":"/a","value":null}]""", """{"a":null}""")]
    public void A_JSON_patch_is_that_of_the_RFC(string target, string operations, string result) =>
        Same(JsonPatch.Apply(Object(target), JsonNode.Parse(operations)!.AsArray()), result);

    [Theory]
    [InlineData("""[{"op":"add","path":"/a/3","value":1}]""", "there is no index 3")]
    [InlineData("""[{"op":"add","path":"/a/01x","value":1}]""", "there is no index 01x")]
    [InlineData("""[{"op":"remove","path":"/none"}]""", "there is no /none")]
    [InlineData("""[{"op":"add","path":"/none/x","value":1}]""", "there is nothing that has /none/x")]
    [InlineData("""[{"op":"add","path":"/x"}]""", "it has no value")]
    [InlineData("""[{"op":"add","value":1}]""", "it has no path")]
    [InlineData("""[{"op":"add","path":"x","value":1}]""", "\"x\" is no JSON pointer")]
    [InlineData("""[{"op":"turn","path":"/a"}]""", "there is no operation \"turn\"")]
    [InlineData("""[{"op":"test","path":"/a","value":[1]}]""", "the test failed")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p"}]""", "a value cannot move into itself")]
    [InlineData("""["x"]""", "operation 0 is no object")]
    [InlineData("""[{"op":"remove","path":""}]""", "what is left is no object")]
    public void A_JSON_patch_that_cannot_be_says_why_and_changes_nothing(string operations, string why)
    {
        JsonObject target = Object("""{"a":[1,2],"o":{"p":1}}""");

        Should.Throw<FormatException>(() => JsonPatch.Apply(target, JsonNode.Parse(operations)!.AsArray())).Message.ShouldContain(why);

        Same(target, """{"a":[1,2],"o":{"p":1}}""");
    }

    private static JsonObject Object(string text) => JsonNode.Parse(text)!.AsObject();

    private static void Same(JsonNode got, string wanted) => JsonNode.DeepEquals(got, JsonNode.Parse(wanted)).ShouldBeTrue(got.ToJsonString());
}
