using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Config.Model;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Manifests;

/// <summary>A directory as a source of backends.</summary>
public sealed class SourceTests
{
    [Fact]
    public async Task It_begins_with_all_backends_and_says_where_it_stands()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"), Yaml.Server("two"), Yaml.Entry("local", "http://127.0.0.1:1/mcp")));
        await using ManifestSource source = await StartAsync(folder);

        SourcePicture picture = source.Current;
        picture.Backends.Backends.Select(b => b.Name).ShouldBe(["one", "two"]);
        picture.Unserved.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            u => u.Name.ShouldBe("local"), u => u.Reason.ShouldBe("EntryNotValid"), u => u.Message.ShouldContain("loopback"));
        picture.State.ShouldSatisfyAllConditions(
            s => s.Kind.ShouldBe("manifests"), s => s.Synced.ShouldBeTrue(), s => s.Trouble.ShouldBeNull(), s => s.LastContact.ShouldNotBeNull());
        await Eventually.BecomesAsync(() => source.Current.State.LastContact > picture.State.LastContact, "it looks again");
    }

    [Fact]
    public async Task Trouble_is_told_with_its_first_file_and_how_many_more_and_wakes_those_who_wait()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one")));
        await using ManifestSource source = await StartAsync(folder);
        int told = 0;
        source.Changed += () => Interlocked.Increment(ref told);

        folder.With("b.yaml", "kind: [").With("c.yaml", "kind: [");
        await Eventually.BecomesAsync(() => source.Current.State.Trouble?.EndsWith("(and 1 more)", StringComparison.Ordinal) == true, "both are told");

        source.Current.State.Trouble.ShouldNotBeNull().ShouldStartWith("b.yaml:");
        source.Current.State.TroubleSince.ShouldNotBeNull();
        source.Current.Backends.Backends.ShouldHaveSingleItem().Name.ShouldBe("one");
        Volatile.Read(ref told).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task It_knows_why_a_backend_left()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one"), Yaml.Server("two")));
        await using ManifestSource source = await StartAsync(folder);

        folder.With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one")));
        await Eventually.BecomesAsync(() => source.Current.Backends.Backends.Length == 1, "two is gone");

        source.WhyLeft("two").ShouldBe("its MCPServer was deleted");
        source.WhyLeft("one").ShouldBeNull();
    }

    [Fact]
    public async Task A_group_that_is_still_to_come_is_told_and_waited_for()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Server("one"));
        await using ManifestSource source = await StartAsync(folder);
        source.Current.State.Trouble.ShouldNotBeNull().ShouldContain("MCPGroup \"team\" does not exist");

        folder.With("group.yaml", Yaml.Group);

        await Eventually.BecomesAsync(() => source.Current.State.Trouble is null, "the group is seen");
        source.Current.Backends.Backends.ShouldHaveSingleItem().Name.ShouldBe("one");
    }

    [Fact]
    public async Task An_edited_configuration_reaches_the_backends()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("one")));
        await using ManifestSource source = await StartAsync(folder);
        TimeSpan before = source.Current.Backends.Backends[0].Timeout;

        source.Take(Config with { Operational = new OperationalConfig { Timeouts = new TimeoutsConfig { Default = before + TimeSpan.FromSeconds(7) } } });

        await Eventually.BecomesAsync(() => source.Current.Backends.Backends[0].Timeout == before + TimeSpan.FromSeconds(7), "the new deadline holds");
    }

    [Fact]
    public async Task It_runs_until_it_is_told_to_stop()
    {
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", Yaml.Group);
        await using ManifestSource source = await StartAsync(folder);
        using CancellationTokenSource stop = new();
        Task running = source.RunAsync(stop.Token);
        running.IsCompleted.ShouldBeFalse();

        await stop.CancelAsync();

        await running.WaitAsync(Eventually.DefaultLimit);
    }

    [Fact]
    public async Task A_file_has_so_many_objects_at_most()
    {
        string many = string.Join("---\n", Enumerable.Range(0, ManifestBounds.ObjectsOfFile + 1).Select(i => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{i}}}}}\n"));
        using WatchedFolder folder = new WatchedFolder().With("a.yaml", many);

        await folder.LoadAsync();

        folder.Problem.ShouldBe($"a.yaml has {ManifestBounds.ObjectsOfFile + 1} objects; a file has at most {ManifestBounds.ObjectsOfFile}");
    }

    [Fact]
    public void All_files_together_have_so_many_objects_at_most()
    {
        IReadOnlyList<Manifest> full = Objects("a", ManifestBounds.ObjectsOfDirectory), one = Objects("b", 1);

        ManifestMerge merge = ManifestMerge.Of([("a.yaml", full), ("b.yaml", one)]);

        merge.Objects.Count.ShouldBe(ManifestBounds.ObjectsOfDirectory);
        merge.Problems.Values.ShouldHaveSingleItem().ShouldBe($"b.yaml: not taken: with it there were more than {ManifestBounds.ObjectsOfDirectory} objects");

        static ImmutableArray<Manifest> Objects(string prefix, int count) =>
            [.. Enumerable.Range(0, count).Select(i => new Manifest(BuiltIn.ConfigMap, new ObjectKey("default", $"{prefix}{i}"), [], $"{prefix}.yaml:{i}"))];
    }

    private static GatewayConfig Config { get; } = new() { Name = "front", GroupRef = "team" };

    private static async Task<ManifestSource> StartAsync(WatchedFolder folder)
    {
        await folder.LoadAsync();
        return await ManifestSource.StartAsync(
            folder.Directory, new ManifestTarget("default", "team", null), Config, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }
}
