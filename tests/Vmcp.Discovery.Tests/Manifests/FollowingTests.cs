using System.Text;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Manifests;

/// <summary>A directory is followed, and one bad file costs nothing but its own news.</summary>
public sealed class FollowingTests
{
    [Fact]
    public async Task Files_come_change_and_go()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group);
        await folder.LoadAsync();

        folder.With("b.yaml", Yaml.Documents(Yaml.Server("one"), Yaml.Server("two")));
        await folder.LookAsync();
        folder.Names(ToolHive.MCPServer).ShouldBe(["default/one", "default/two"]);

        folder.With("b.yaml", Yaml.Server("two", "http://127.0.0.1:2/mcp"));
        await folder.LookAsync();
        folder.Names(ToolHive.MCPServer).ShouldBe(["default/two"]);
        Url(folder, "two").ShouldBe("http://127.0.0.1:2/mcp");

        folder.Delete("b.yaml");
        await folder.LookAsync();
        folder.Names(ToolHive.MCPServer).ShouldBeEmpty();
        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
        folder.Log.Where(l => l.Contains("Manifests: added", StringComparison.Ordinal)).ShouldHaveSingleItem()
            .ShouldContain("added MCPServer default/one, added MCPServer default/two");
    }

    [Fact]
    public async Task Nothing_is_written_or_said_at_rest()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"))).With("b.yaml", "kind: [");
        await folder.LoadAsync();
        string version = folder.Get(ToolHive.MCPServer, "one").Meta.ResourceVersion;
        int lines = folder.Log.Length;
        DateTimeOffset? looked = folder.Directory.State.LastLook;

        // Other bytes, the same objects.
        folder.With("a.yaml", "# a comment\n" + Yaml.Documents(Yaml.Group, Yaml.Server("one")));
        for (int i = 0; i < 3; i++)
            await folder.LookAsync();

        folder.Get(ToolHive.MCPServer, "one").Meta.ResourceVersion.ShouldBe(version);
        folder.Log.Length.ShouldBe(lines);
        folder.Directory.State.LastLook.ShouldNotBeNull().ShouldBeGreaterThan(looked!.Value);
    }

    [Fact]
    public async Task A_member_and_its_status_come_in_one_write()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group);
        await folder.LoadAsync();
        ObjectPage page = await folder.Directory.Cluster.ListAsync(ToolHive.MCPServer, new ListOptions(), CancellationToken.None);

        folder.With("b.yaml", Yaml.Server("one"));
        await folder.LookAsync();
        folder.With("b.yaml", Yaml.Server("one", "http://127.0.0.1:2/mcp").Replace("streamable-http", "sse", StringComparison.Ordinal));
        await folder.LookAsync();

        List<string?> seen = [];
        await foreach (WatchEvent change in folder.Directory.Cluster.WatchAsync(
            ToolHive.MCPServer, new WatchOptions { ResourceVersion = page.ResourceVersion }, CancellationToken.None))
        {
            seen.Add($"{change.Object.At("spec", "transport")} {change.Object.At("status", "url")}");
            if (seen.Count == 2)
                break;
        }

        seen.ShouldBe(["streamable-http http://127.0.0.1:9001/mcp", "sse http://127.0.0.1:2/mcp"]);
    }

    [Theory]
    [InlineData("kind: [", "b.yaml:")]
    [InlineData("apiVersion: v1\n", "b.yaml:1: not a Kubernetes object: kind is missing")]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {}}", "b.yaml:1: Secret: metadata.name is missing")]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: No_Name}}", "metadata.name: Invalid value")]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: x, labels: [1]}}", "metadata has not the form it must have")]
    [InlineData("{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: x}, spec: {groupRef: team}}", "spec.groupRef: found a text")]
    [InlineData("{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: x}, spec: {groupRef: null}}", "spec.groupRef is null")]
    [InlineData("{apiVersion: v1, kind: List, items: [1]}", "items[0] is no object")]
    public async Task A_broken_file_keeps_what_it_had_and_says_so_until_it_is_mended(string broken, string problem)
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group).With("b.yaml", Yaml.Server("one")).With("c.yaml", Yaml.Server("two"));
        await folder.LoadAsync();

        folder.With("b.yaml", broken).With("c.yaml", Yaml.Server("three"));
        await folder.LookAsync();
        await folder.LookAsync();

        folder.Names(ToolHive.MCPServer).ShouldBe(["default/one", "default/three"]);
        folder.Problem.ShouldStartWith("b.yaml:");
        folder.Problem.ShouldContain(problem);
        folder.Directory.State.TroubleSince.ShouldNotBeNull();
        folder.Log.Count(l => l.StartsWith("Warning: Manifests: b.yaml:", StringComparison.Ordinal)).ShouldBe(1);

        folder.With("b.yaml", Yaml.Server("four"));
        await folder.LookAsync();

        folder.Names(ToolHive.MCPServer).ShouldBe(["default/four", "default/three"]);
        folder.Directory.State.Problems.ShouldBeEmpty();
        folder.Directory.State.TroubleSince.ShouldBeNull();
        folder.Log.ShouldContain(l => l.Contains("Manifests: b.yaml is well again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_with_one_bad_document_is_not_half_taken()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"), "kind: MCPServer\n"));

        await folder.LoadAsync();

        folder.Names(ToolHive.MCPServer).ShouldBeEmpty();
        folder.Problem.ShouldContain("a.yaml:11: not a Kubernetes object: apiVersion is missing");
    }

    [Fact]
    public async Task Of_two_files_with_the_same_object_the_first_by_name_has_it()
    {
        using WatchedFolder folder = new WatchedFolder()
            .With("b.yaml", Yaml.Server("one", "http://127.0.0.1:2/mcp"))
            .With("c.yaml", Yaml.Documents(Yaml.Server("one", "http://127.0.0.1:3/mcp"), Yaml.Server("two")));
        await folder.LoadAsync();

        Url(folder, "one").ShouldBe("http://127.0.0.1:2/mcp");
        folder.Names(ToolHive.MCPServer).ShouldBe(["default/one", "default/two"]);
        folder.Problem.ShouldBe("c.yaml:1: MCPServer default/one is also at b.yaml:1, which keeps it; remove one");

        folder.With("a.yaml", "\n" + Yaml.Server("one", "http://127.0.0.1:1/mcp"));
        await folder.LookAsync();
        Url(folder, "one").ShouldBe("http://127.0.0.1:1/mcp");
        folder.Directory.State.Problems.Length.ShouldBe(2);

        folder.Delete("a.yaml");
        folder.Delete("b.yaml");
        await folder.LookAsync();
        Url(folder, "one").ShouldBe("http://127.0.0.1:3/mcp");
        folder.Directory.State.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_object_twice_in_one_file_is_a_mistake_of_the_file()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Group));

        await folder.LoadAsync();

        folder.Names(ToolHive.MCPGroup).ShouldBeEmpty();
        folder.Problem.ShouldBe("a.yaml:5: MCPGroup default/team is there twice; the other is at a.yaml:1");
    }

    [Theory]
    [InlineData("data: {password: \"%%s3cr3t%%\"}", "data[password] is not base64")]
    [InlineData("stringData: {password: 4711}", "stringData[password] is no text")]
    [InlineData("stringData: [s3cr3t]", "stringData is no map")]
    [InlineData("stringData: {password: \"s3cr3t}", "")]
    [InlineData("stringData: {\"s p\": s3cr3t}", "Invalid value: a valid config key")]
    [InlineData("type: 5\nstringData: {password: s3cr3t}\nmetadata: {}", "")]
    public async Task No_value_of_a_secret_is_told(string body, string problem)
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", $"apiVersion: v1\nkind: Secret\nmetadata: {{name: keys}}\n{body}\n");

        await folder.LoadAsync();
        folder.Problem.ShouldContain(problem);
        folder.With("a.yaml", Yaml.Secret("keys", "password", "s3cr3t"));
        await folder.LookAsync();
        folder.With("a.yaml", Yaml.Secret("keys", "password", "s3cr3t2"));
        await folder.LookAsync();
        folder.Delete("a.yaml");
        await folder.LookAsync();

        folder.Log.ShouldContain(l => l.Contains("changed Secret default/keys", StringComparison.Ordinal));
        string.Concat(folder.Log).ShouldNotContain("s3cr3t");
        string.Concat(folder.Log).ShouldNotContain("4711");
        string.Concat(folder.Log).ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("s3cr3t")));
    }

    [Fact]
    public async Task A_secret_may_change_its_type()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Secret("keys", "a", "1"));
        await folder.LoadAsync();

        folder.With("a.yaml", Yaml.Secret("keys", "a", "2") + "type: example.com/token\n");
        await folder.LookAsync();

        folder.Get(BuiltIn.Secret, "keys").At("type")!.Value.GetString().ShouldBe("example.com/token");
        folder.Directory.State.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_directory_that_goes_away_keeps_everything_and_says_so()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group);
        await folder.LoadAsync();

        Directory.Move(folder.Path, folder.Path + ".away");
        await folder.LookAsync();
        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
        folder.Problem.ShouldContain("cannot be read");

        Directory.Move(folder.Path + ".away", folder.Path);
        await folder.LookAsync();
        folder.Directory.State.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_no_start()
    {
        ManifestDirectory missing = new("/nowhere/at/all", "default", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        (await Should.ThrowAsync<ManifestException>(() => missing.LoadAsync(CancellationToken.None))).Message.ShouldContain("/nowhere/at/all cannot be read");
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_not_taken_and_keeps_what_it_had()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group);
        await folder.LoadAsync();

        folder.With("a.yaml", Yaml.Group + "#" + new string('x', ManifestBounds.BytesOfFile));
        await folder.LookAsync();

        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
        folder.Problem.ShouldContain($"a manifest has at most {ManifestBounds.BytesOfFile}");
    }

    [Fact]
    public async Task Files_beyond_the_bound_are_not_read_and_named()
    {
        using WatchedFolder folder = new();
        for (int i = 0; i <= ManifestBounds.Files; i++)
            folder.With($"f{i:0000}.yaml", "");
        folder.With($"f{ManifestBounds.Files:0000}.yaml", Yaml.Group);

        await folder.LoadAsync();

        folder.Names(ToolHive.MCPGroup).ShouldBeEmpty();
        folder.Problem.ShouldBe($"f{ManifestBounds.Files:0000}.yaml: not read: a directory has at most {ManifestBounds.Files} files");
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_taken_when_it_stays()
    {
        FakeTimeProvider time = new();
        using WatchedFolder folder = new WatchedFolder(time).With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"), Yaml.Server("two")));
        await folder.LoadAsync();

        // The first half of the file is a good manifest too.
        folder.With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one")));
        Task look = folder.LookAsync();
        folder.With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"), Yaml.Server("two"), Yaml.Server("three")));
        time.Advance(TimeSpan.FromSeconds(1));
        await look;
        folder.Names(ToolHive.MCPServer).ShouldContain("default/two");

        look = folder.LookAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await look;
        folder.Names(ToolHive.MCPServer).ShouldBe(["default/one", "default/three", "default/two"]);
        folder.Log.ShouldNotContain(l => l.Contains("removed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_editor_that_moves_the_file_away_for_a_moment_removes_nothing()
    {
        FakeTimeProvider time = new();
        using WatchedFolder folder = new WatchedFolder(time).With("a.yaml", Yaml.Group);
        await folder.LoadAsync();

        File.Move(folder["a.yaml"], folder["a.yaml~"]);
        Task look = folder.LookAsync();
        File.Move(folder["a.yaml~"], folder["a.yaml"]);
        time.Advance(TimeSpan.FromSeconds(1));
        await look;

        folder.Log.ShouldNotContain(l => l.Contains("removed", StringComparison.Ordinal));
        folder.Names(ToolHive.MCPGroup).ShouldBe(["default/team"]);
    }

    [Fact]
    public async Task It_looks_by_itself_until_it_is_told_to_stop()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group);
        using CancellationTokenSource stop = new();
        await folder.LoadAsync();
        Task running = folder.Directory.RunAsync(stop.Token);

        folder.With("b.yaml", Yaml.Server("one"));
        await TestKit.Eventually.BecomesAsync(() => folder.Names(ToolHive.MCPServer).Length == 1, "the file is seen");

        await stop.CancelAsync();
        await running;
    }

    private static string? Url(WatchedFolder folder, string name) => folder.Get(ToolHive.MCPServer, name).At("status", "url")?.GetString();
}
