using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Kubernetes.Tests.Yaml;

public sealed class KubeYamlTests
{
    [Fact]
    public void Documents_come_with_their_lines_and_empty_ones_are_skipped()
    {
        IReadOnlyList<YamlDocument> documents = KubeYaml.ReadAll("# nothing\n---\nkind: A\n---\n# still nothing\n---\n\nkind: B\n", "m.yaml");

        documents.Select(d => (d.Line, d.Body["kind"]!.GetValue<string>())).ShouldBe([(3, "A"), (8, "B")]);
    }

    [Fact]
    public void Json_is_read_too() =>
        KubeYaml.ReadAll("""{"kind": "A", "n": [1, 2.5, true, null, "x"]}""", "m.json").Single().Body.ToJsonString()
            .ShouldBe("""{"kind":"A","n":[1,2.5,true,null,"x"]}""");

    [Theory]
    [InlineData("12", "12")]
    [InlineData("-12", "-12")]
    [InlineData("0400", "256")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("1.50", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("'12'", "\"12\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("08", "8")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("100m", "\"100m\"")]
    public void Plain_scalars_mean_what_kubectl_takes_them_for(string yaml, string json) =>
        KubeYaml.ReadAll($"v: {yaml}\n", "m").Single().Body.ToJsonString().ShouldBe($$"""{"v":{{json}}}""");

    [Fact]
    public void Anchors_aliases_and_merge_keys_are_followed() =>
        KubeYaml.ReadAll("a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\n", "m").Single().Body.ToJsonString()
            .ShouldBe("""{"a":{"p":1,"q":2},"b":{"p":1,"q":2},"c":{"q":3,"p":1}}""");

    [Theory]
    [InlineData("a: 1\nb: [1, 2\n", 3)]
    [InlineData("a: 1\na: 2\n", 2)]
    [InlineData("kind: A\n---\n- 1\n", 3)]
    [InlineData("a: *nowhere\n", 1)]
    [InlineData("a:\n\tb: 1\n", 2)]
    [InlineData("a: !!python/object x\n", 1)]
    [InlineData("? [1]\n: 2\n", 1)]
    public void Trouble_names_file_and_line(string yaml, int line)
    {
        KubeYamlException trouble = Should.Throw<KubeYamlException>(() => KubeYaml.ReadAll(yaml, "dir/m.yaml"));

        trouble.Message.ShouldStartWith($"dir/m.yaml:{line}: ");
    }

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Should.Throw<KubeYamlException>(() => KubeYaml.ReadAll(bomb, "m")).Message.ShouldContain("aliases counted in full");
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Should.Throw<KubeYamlException>(() => KubeYaml.ReadAll("a: " + new string('[', 200) + new string(']', 200), "m"))
            .Message.ShouldContain("nested deeper than 128");

    [Fact]
    public void A_number_too_large_for_json_stays_text() =>
        KubeYaml.ReadAll("v: 1" + new string('0', 400), "m").Single().Body["v"]!.GetValueKind().ShouldBe(System.Text.Json.JsonValueKind.String);

    [Fact]
    public void Broken_texts_are_read_or_refused_with_their_place_and_never_end_otherwise()
    {
        const string Manifest = "a: &x {p: 1, q: [2, 0x1F]}\nb: *x\nc:\n  <<: *x\n  q: |\n    text\n---\n\"\\u0041\\x42\": !!int 3\n";
        const string Letters = "ab1 -:#'\"\\\n\t{}[],&*!|>%@`~.=0xe_?\r\u2028\ud83d";
        Random random = new(11);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            char[] text = Manifest.ToCharArray();
            for (int n = random.Next(1, 6); n > 0; n--)
                text[random.Next(text.Length)] = Letters[random.Next(Letters.Length)];
            try
            {
                foreach (YamlDocument document in KubeYaml.ReadAll(new string(text), "m"))
                    KubeYaml.Write(document.Body).ShouldNotBeEmpty();
            }
            catch (KubeYamlException e)
            {
                e.Line.ShouldBeInRange(1, 20);
                refused++;
            }
        }

        refused.ShouldBeInRange(100, 2900);
    }

    [Fact]
    public void Objects_are_written_as_kubectl_shows_them() =>
        KubeYaml.Write(JsonNode.Parse("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{},"finalizers":[]},
             "data":{"config.yaml":"name: a\nlist:\n- 1\n","on":"true","port":"4483","none":""},
             "args":["serve","--config=/etc/x","a: b","it's",{"k":"v","l":[1,[2,3]]},null,1.5,false]}
            """))
            .ShouldBe("""
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: a
                  labels: {}
                  finalizers: []
                data:
                  config.yaml: |
                    name: a
                    list:
                    - 1
                  "on": "true"
                  port: "4483"
                  none: ""
                args:
                - serve
                - --config=/etc/x
                - 'a: b'
                - it's
                - k: v
                  l:
                  - 1
                  - - 2
                    - 3
                - null
                - 1.5
                - false

                """.ReplaceLineEndings("\n"));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("x ")]
    [InlineData("y")]
    [InlineData("no")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("-")]
    [InlineData("- x")]
    [InlineData("-x")]
    [InlineData("--- x")]
    [InlineData("...")]
    [InlineData("? x")]
    [InlineData("#x")]
    [InlineData("a #b")]
    [InlineData("a: b")]
    [InlineData("a:")]
    [InlineData("{workload}_")]
    [InlineData("*x")]
    [InlineData("&x")]
    [InlineData("!x")]
    [InlineData("%x")]
    [InlineData("@x")]
    [InlineData("`x")]
    [InlineData("'x'")]
    [InlineData("it's: so")]
    [InlineData("\"x\"")]
    [InlineData("<<")]
    [InlineData("=")]
    [InlineData("1:20")]
    [InlineData("2026-01-02")]
    [InlineData("1_000")]
    [InlineData("0x")]
    [InlineData(".inf")]
    [InlineData("1e3")]
    [InlineData("a\nb")]
    [InlineData("a\nb\n")]
    [InlineData("a\nb\n\n\n")]
    [InlineData("  a\nb")]
    [InlineData("\na")]
    [InlineData("\n")]
    [InlineData("\n\n ")]
    [InlineData("a\r\nb")]
    [InlineData("a\tb\n\tc")]
    [InlineData("\tc\nd")]
    [InlineData("a\u0085b")]
    [InlineData("a\0b")]
    [InlineData("grün \u2028 ☃ \U0001F600")]
    [InlineData("a\n# b\n--- c\n")]
    [InlineData("a \n b \n")]
    public void What_is_written_is_read_back(string value)
    {
        JsonObject body = new() { ["v"] = value, ["list"] = new JsonArray(value, new JsonArray(value)), ["deep"] = new JsonObject { ["w"] = value } };
        if (value.Length is > 0 and < 20 && !value.Contains('\n', StringComparison.Ordinal))
            body["k" + value] = 1;

        string yaml = KubeYaml.Write(body);

        JsonNode.DeepEquals(KubeYaml.ReadAll(yaml, "m").Single().Body, body).ShouldBeTrue(yaml);
    }

    [Fact]
    public void Random_trees_survive_the_way_there_and_back()
    {
        Random random = new(20260823);
        for (int i = 0; i < 500; i++)
        {
            JsonObject body = new() { ["v"] = Tree(random, 4) };
            string yaml = KubeYaml.Write(body);

            JsonNode.DeepEquals(KubeYaml.ReadAll(yaml, "m").Single().Body, body).ShouldBeTrue(yaml);
        }
    }

    private static JsonNode? Tree(Random random, int depth)
    {
        int kind = random.Next(depth == 0 ? 5 : 7);
        if (kind == 5)
            return new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Tree(random, depth - 1))]);
        if (kind == 6)
        {
            JsonObject map = [];
            for (int i = random.Next(4); i > 0; i--)
                map[Text(random)] = Tree(random, depth - 1);
            return map;
        }

        return kind switch { 0 => null, 1 => random.Next(), 2 => random.NextDouble(), 3 => random.Next(2) == 0, _ => Text(random) };
    }

    private static string Text(Random random)
    {
        const string Letters = "ab1 -:#'\"\\\n\t{}[],&*!|>%@`~.=0xe_?\r";
        return string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Letters[random.Next(Letters.Length)]));
    }
}
