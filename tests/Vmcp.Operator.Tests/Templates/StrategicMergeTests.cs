using System.Text.Json.Nodes;
using Vmcp.Operator.Planning.Templates;

namespace Vmcp.Operator.Tests.Templates;

public sealed class StrategicMergeTests
{
    private const string Ours = """
        {"metadata":{"labels":{"app":"x"},"annotations":{"ours":"1"}},
         "spec":{"containers":[{"name":"vmcp","image":"v:1","args":["serve"],
            "env":[{"name":"A","value":"1"},{"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
            "ports":[{"name":"http","containerPort":4483}],
            "resources":{"limits":{"cpu":"500m","memory":"512Mi"},"requests":{"cpu":"100m"}},
            "livenessProbe":{"httpGet":{"path":"/health","port":"http"},"periodSeconds":10},
            "volumeMounts":[{"name":"tmp","mountPath":"/tmp"}]}],
          "volumes":[{"name":"tmp","emptyDir":{"sizeLimit":"64Mi"}}],
          "tolerations":[{"key":"a","operator":"Exists"}],
          "imagePullSecrets":[{"name":"p1"}],
          "securityContext":{"runAsUser":1000,"fsGroup":1000}}}
        """;

    [Fact, Trait("Scenario", "POD-03")]
    public void Named_items_merge_and_new_ones_come_after_ours()
    {
        JsonNode spec = Merge("""{"spec":{"containers":[{"name":"sidecar","image":"s"},{"name":"vmcp","resources":{"limits":{"memory":"1Gi"}}}]}}""")["spec"]!;

        JsonArray containers = spec["containers"]!.AsArray();
        containers.Select(c => (string)c!["name"]!).ShouldBe(["vmcp", "sidecar"]);
        containers[0]!["resources"]!.ToJsonString().ShouldBe("""{"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"100m"}}""");
        ((string)containers[0]!["image"]!).ShouldBe("v:1");
    }

    [Theory]
    [InlineData("""{"env":[{"name":"B","value":"2"},{"name":"A","value":"9"}]}""", "env", """[{"name":"A","value":"9"},{"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},{"name":"B","value":"2"}]""")]
    [InlineData("""{"ports":[{"containerPort":9000},{"containerPort":4483,"hostPort":80}]}""", "ports", """[{"name":"http","containerPort":4483,"hostPort":80},{"containerPort":9000}]""")]
    [InlineData("""{"volumeMounts":[{"mountPath":"/tmp","name":"big"},{"mountPath":"/x","name":"y"}]}""", "volumeMounts", """[{"name":"big","mountPath":"/tmp"},{"mountPath":"/x","name":"y"}]""")]
    [InlineData("""{"args":["other"]}""", "args", """["other"]""")]
    [InlineData("""{"args":null}""", "args", null)]
    [InlineData("""{"env":[{"name":"A","$patch":"delete"}]}""", "env", """[{"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]""")]
    [InlineData("""{"env":[{"name":"Z","$patch":"delete"},{"name":"S","$patch":"delete"}]}""", "env", """[{"name":"A","value":"1"}]""")]
    [InlineData("""{"env":[{"$patch":"replace"},{"name":"N","value":"n"}]}""", "env", """[{"name":"N","value":"n"}]""")]
    [InlineData("""{"resources":{"$patch":"replace","limits":{"memory":"1Gi","cpu":null}}}""", "resources", """{"limits":{"memory":"1Gi"}}""")]
    [InlineData("""{"resources":{"$patch":"delete"}}""", "resources", null)]
    [InlineData("""{"resources":{"$patch":"merge","limits":{"cpu":null}}}""", "resources", """{"limits":{"memory":"512Mi"},"requests":{"cpu":"100m"}}""")]
    [InlineData("""{"resources":{"$retainKeys":["limits"],"limits":{"cpu":"1"}}}""", "resources", """{"limits":{"cpu":"1","memory":"512Mi"}}""")]
    [InlineData("""{"$setElementOrder/env":[{"name":"S"},{"name":"A"}],"env":[{"name":"A","value":"2"}]}""", "env", """[{"name":"A","value":"2"},{"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]""")]
    [InlineData("""{"command":["a",null]}""", "command", """["a",null]""")]
    public void Members_of_a_container_follow_their_documented_strategy(string patch, string member, string? expected)
    {
        JsonObject container = JsonNode.Parse(patch)!.AsObject();
        container["name"] = "vmcp";
        JsonObject whole = new() { ["spec"] = new JsonObject { ["containers"] = new JsonArray(container) } };

        JsonNode? merged = Merge(whole.ToJsonString())["spec"]!["containers"]![0]![member];

        (merged?.ToJsonString()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"tolerations":[{"key":"b"}]}""", "tolerations", """[{"key":"b"}]""")]
    [InlineData("""{"imagePullSecrets":[{"name":"p2"}]}""", "imagePullSecrets", """[{"name":"p1"},{"name":"p2"}]""")]
    [InlineData("""{"volumes":[{"name":"v","secret":{"secretName":"q"}}]}""", "volumes", """[{"name":"tmp","emptyDir":{"sizeLimit":"64Mi"}},{"name":"v","secret":{"secretName":"q"}}]""")]
    [InlineData("""{"hostAliases":[{"ip":"1.1.1.1","hostnames":["a"]},{"ip":"1.1.1.1","hostnames":["b"]}]}""", "hostAliases", """[{"hostnames":["b"],"ip":"1.1.1.1"}]""")]
    [InlineData("""{"initContainers":[{"name":"i","image":"x"}]}""", "initContainers", """[{"image":"x","name":"i"}]""")]
    [InlineData("""{"securityContext":{"runAsUser":null,"fsGroup":5}}""", "securityContext", """{"fsGroup":5}""")]
    [InlineData("""{"nodeSelector":{"disktype":"ssd"}}""", "nodeSelector", """{"disktype":"ssd"}""")]
    [InlineData("""{"someNewField":{"a":[1,2]}}""", "someNewField", """{"a":[1,2]}""")]
    public void Members_of_the_pod_follow_their_documented_strategy(string patch, string member, string expected) =>
        Merge($$"""{"spec":{{patch}}}""")["spec"]![member]!.ToJsonString().ShouldBe(expected);

    [Theory]
    [InlineData("""{"volumes":[{"name":"tmp","persistentVolumeClaim":{"claimName":"c"}}]}""", """{"name":"tmp","persistentVolumeClaim":{"claimName":"c"}}""", "volumes")]
    [InlineData("""{"volumes":[{"name":"tmp","emptyDir":{"medium":"Memory"}}]}""", """{"name":"tmp","emptyDir":{"sizeLimit":"64Mi","medium":"Memory"}}""", "volumes")]
    public void A_volume_of_another_kind_takes_the_place_of_ours(string patch, string expected, string list) =>
        Merge($$"""{"spec":{{patch}}}""")["spec"]![list]![0]!.ToJsonString().ShouldBe(expected);

    [Fact]
    public void A_plain_value_takes_the_place_of_a_reference()
    {
        JsonNode env = Merge("""{"spec":{"containers":[{"name":"vmcp","env":[{"name":"S","value":"v"}]}]}}""")["spec"]!["containers"]![0]!["env"]!;

        env[1]!.ToJsonString().ShouldBe("""{"name":"S","value":"v"}""");
    }

    [Fact]
    public void Another_probe_action_takes_the_place_of_ours_and_keeps_the_times()
    {
        JsonNode probe = Merge("""{"spec":{"containers":[{"name":"vmcp","livenessProbe":{"tcpSocket":{"port":4483}}}]}}""")["spec"]!["containers"]![0]!["livenessProbe"]!;

        probe.ToJsonString().ShouldBe("""{"periodSeconds":10,"tcpSocket":{"port":4483}}""");
    }

    [Fact]
    public void Finalizers_add_up_and_can_be_taken_out()
    {
        JsonObject with = Merge("""{"metadata":{"finalizers":["a/b","c/d"]}}""");
        JsonObject without = StrategicMerge.Apply(with, Parse("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["a/b"],"finalizers":["c/d","e/f"]}}"""), PodShape.Template);

        without["metadata"]!["finalizers"]!.ToJsonString().ShouldBe("""["c/d","e/f"]""");
    }

    [Fact]
    public void Order_of_members_in_the_patch_does_not_matter()
    {
        string a = Merge("""{"spec":{"nodeSelector":{"b":"1","a":"2"},"dnsPolicy":"None"},"metadata":{"labels":{"z":"1","y":"2"}}}""").ToJsonString();
        string b = Merge("""{"metadata":{"labels":{"y":"2","z":"1"}},"spec":{"dnsPolicy":"None","nodeSelector":{"a":"2","b":"1"}}}""").ToJsonString();

        a.ShouldBe(b);
    }

    [Fact]
    public void Neither_template_nor_patch_is_changed()
    {
        JsonObject ours = Parse(Ours);
        JsonObject patch = Parse("""{"spec":{"containers":[{"name":"vmcp","image":"other","$retainKeys":["name"]}],"volumes":[{"name":"tmp","$patch":"delete"}]}}""");
        string before = patch.ToJsonString();

        StrategicMerge.Apply(ours, patch, PodShape.Template);

        ours.ToJsonString().ShouldBe(Parse(Ours).ToJsonString());
        patch.ToJsonString().ShouldBe(before);
    }

    private static JsonObject Merge(string patch) => StrategicMerge.Apply(Parse(Ours), Parse(patch), PodShape.Template);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
