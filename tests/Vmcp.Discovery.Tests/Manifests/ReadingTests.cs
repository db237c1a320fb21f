using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Manifests;

/// <summary>What a directory of manifests is read as.</summary>
public sealed class ReadingTests
{
    [Fact]
    public async Task Documents_lists_json_and_both_versions_are_read()
    {
        using WatchedFolder folder = new WatchedFolder()
            .With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"), Yaml.Server("two", apiVersion: "v1alpha1")))
            .With("b.yml", """
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: three}, spec: {groupRef: {name: team}}}
                """)
            .With("c.json", """{"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"MCPRemoteProxy","metadata":{"name":"four"},"spec":{}}""");

        await folder.LoadAsync();

        folder.Directory.State.Problems.ShouldBeEmpty();
        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
        folder.Names(ToolHive.MCPServer).ShouldBe(["default/one", "default/three", "default/two"]);
        folder.Names(ToolHive.MCPRemoteProxy).ShouldBe(["default/four"]);
        folder.Get(ToolHive.MCPServer, "two").ApiVersion.ShouldBe(ToolHive.ApiVersion);
        folder.Get(ToolHive.MCPServer, "one").At("status", "url")!.Value.GetString().ShouldBe("http://127.0.0.1:9001/mcp");
    }

    [Fact]
    public async Task A_namespace_that_is_written_stays()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group.Replace("name: team", "name: team, namespace: other", StringComparison.Ordinal));

        await folder.LoadAsync();

        folder.Names(ToolHive.MCPGroup).ShouldBe(["other/team"]);
    }

    [Fact]
    public async Task Secrets_have_their_plain_text_in_data()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", """
            apiVersion: v1
            kind: Secret
            metadata: {name: keys}
            data: {one: b25l, two: b2xk}
            stringData: {two: new}
            """);

        await folder.LoadAsync();

        KubeObject secret = folder.Get(BuiltIn.Secret, "keys");
        Value("one").ShouldBe("one");
        Value("two").ShouldBe("new");
        secret.At("stringData").ShouldBeNull();

        string Value(string key) => Encoding.UTF8.GetString(secret.At("data", key)!.Value.GetBytesFromBase64());
    }

    [Fact]
    public async Task Objects_exported_from_a_cluster_come_without_what_only_the_cluster_knows()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPExternalAuthConfig
            metadata:
              name: token
              uid: 7
              resourceVersion: "12"
              generation: 4
              creationTimestamp: "2026-01-01T00:00:00Z"
              finalizers: [x.example/y]
              ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}]
              labels: {a: b}
              annotations: {"kubectl.kubernetes.io/last-applied-configuration": "{}", mine: yours}
            spec: {type: unauthenticated}
            status: {conditions: [{type: Valid, status: "False", reason: X, message: old}]}
            """);

        await folder.LoadAsync();
        folder.Directory.State.Problems.ShouldBeEmpty();
        KubeObject config = folder.Get(ToolHive.MCPExternalAuthConfig, "token");
        config.Meta.Labels.ShouldBe([new("a", "b")]);
        config.Meta.Annotations.ShouldBe([new("mine", "yours")]);
        config.Meta.Generation.ShouldBe(1);
        config.At("status").ShouldBeNull();

        // A finalizer would hold it here for ever.
        folder.Delete("a.yaml");
        await folder.LookAsync();
        folder.Names(ToolHive.MCPExternalAuthConfig).ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_kinds_are_passed_over_with_one_line()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(
            Yaml.Group,
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}\n",
            "{apiVersion: v1, kind: Service, metadata: {name: s}}\n",
            "{apiVersion: v1, kind: Service, metadata: {name: t}}\n"));

        await folder.LoadAsync();
        await folder.LookAsync();

        folder.Directory.State.Problems.ShouldBeEmpty();
        folder.Log.Where(l => l.Contains("passed over", StringComparison.Ordinal)).ShouldHaveSingleItem()
            .ShouldContain("a.yaml: passed over 3 objects of kinds a gateway does not read: Deployment, Service");
    }

    [Fact]
    public async Task Folders_hidden_files_and_other_files_are_not_read()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group).With(".b.yaml", ":").With("c.yaml~", ":").With("d.txt", ":").With("e.yaml.swp", ":");
        Directory.CreateDirectory(folder["below.yaml"]);
        await File.WriteAllTextAsync(folder["below.yaml/x.yaml"], Yaml.Server("x"));

        await folder.LoadAsync();

        folder.Directory.State.Problems.ShouldBeEmpty();
        folder.Names(ToolHive.MCPServer).ShouldBeEmpty();
        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
    }

    [Fact]
    public async Task A_pipe_among_the_files_holds_nothing_up()
    {
        using WatchedFolder folder = new WatchedFolder().With("b.yaml", Yaml.Group);
        using (Process made = Process.Start("mkfifo", folder["a.yaml"]))
            await made.WaitForExitAsync();

        await folder.LoadAsync().WaitAsync(TimeSpan.FromMinutes(1));

        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
    }

    [Fact]
    public async Task Files_are_read_through_links_as_a_mounted_config_map_has_them()
    {
        using WatchedFolder folder = new();
        Swap("..2026_1", Yaml.Server("one", "http://127.0.0.1:1/mcp"));
        File.CreateSymbolicLink(folder["s.yaml"], "..data/s.yaml");
        await folder.LoadAsync();
        folder.Get(ToolHive.MCPServer, "one").At("status", "url")!.Value.GetString().ShouldBe("http://127.0.0.1:1/mcp");

        Swap("..2026_2", Yaml.Server("one", "http://127.0.0.1:2/mcp"));
        await folder.LookAsync();

        folder.Get(ToolHive.MCPServer, "one").At("status", "url")!.Value.GetString().ShouldBe("http://127.0.0.1:2/mcp");

        void Swap(string version, string text)
        {
            Directory.CreateDirectory(folder[version]);
            File.WriteAllText(folder[$"{version}/s.yaml"], text);
            if (Directory.Exists(folder["..data"]))
                Directory.Delete(folder["..data"]);
            File.CreateSymbolicLink(folder["..data"], version);
        }
    }

    [Theory]
    [InlineData("https://mcp.example.com/mcp", "", "Valid", "")]
    [InlineData("http://127.0.0.1:9001/mcp", "", "Failed", "loopback")]
    [InlineData("http://127.0.0.1:9001/mcp", ", allowPrivateEndpoint: true", "Failed", "loopback")]
    [InlineData("http://10.1.2.3/mcp", "", "Failed", "allowPrivateEndpoint")]
    [InlineData("http://10.1.2.3/mcp", ", allowPrivateEndpoint: true", "Valid", "")]
    public async Task An_entry_is_judged_as_the_operator_judges_it_whatever_status_is_written(string url, string more, string phase, string problem)
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Entry("remote", url, more) + "status: {phase: Valid}\n"));

        await folder.LoadAsync();

        MCPServerEntry entry = ResourceReader.Read(folder.Get(ToolHive.MCPServerEntry, "remote"), ResourcesJson.Default.MCPServerEntry);
        entry.Status.Phase.ShouldBe(phase);
        entry.Status.Conditions.ShouldHaveSingleItem().Message.ShouldContain(problem);
    }

    [Fact]
    public async Task An_entry_without_its_group_waits_for_it()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Entry("remote", "https://mcp.example.com/mcp"));
        await folder.LoadAsync();
        folder.Get(ToolHive.MCPServerEntry, "remote").At("status", "phase")!.Value.GetString().ShouldBe("Failed");

        folder.With("group.yaml", Yaml.Group);
        await folder.LookAsync();

        folder.Get(ToolHive.MCPServerEntry, "remote").At("status", "phase")!.Value.GetString().ShouldBe("Valid");
    }

    [Fact]
    public void What_was_written_can_be_read_again()
    {
        JsonObject body = ManifestObject.Of(KubeYaml.ReadAll(Yaml.Server("one"), "x"), "default").ShouldHaveSingleItem().Body;

        ManifestObject.Of(KubeYaml.ReadAll(KubeYaml.Write(body), "x"), "other").ShouldHaveSingleItem().Body.ToJsonString().ShouldBe(body.ToJsonString());
    }
}
