using Vmcp.Discovery.Manifests;

namespace Vmcp.Discovery.Tests.Manifests;

/// <summary>Which group of a directory is served.</summary>
public sealed class TargetTests
{
    [Theory]
    [InlineData("team", null, null, "default/team/")]
    [InlineData("team", null, "team", "default/team/")]
    [InlineData("other/team", null, null, "other/team/")]
    [InlineData("team other/team", null, "team", "! MCPGroup \"team\" is in several namespaces: default, other; choose one with --namespace")]
    [InlineData("team other/team", "other", "team", "other/team/")]
    [InlineData("a b", null, null, "! the manifests have 2 MCPGroups: default/a, default/b; choose one with --group")]
    [InlineData("a b", null, "b", "default/b/")]
    [InlineData("a other/b", "other", null, "other/b/")]
    [InlineData("", null, null, "! the manifests have no MCPGroup; add one, or say with --group which one is to come")]
    [InlineData("a", null, "later", "default/later/")]
    [InlineData("a", "other", "later", "other/later/")]
    public async Task The_group_is_the_one_that_is_named_or_the_only_one(string groups, string? space, string? group, string chosen)
    {
        using WatchedFolder folder = new();
        foreach (string name in groups.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            folder.With($"{name.Replace('/', '.')}.yaml", Group(name));
        await folder.LoadAsync();

        Choose(folder, space, group, null).ShouldBe(chosen);
    }

    [Theory]
    [InlineData("", null, "default/team/")]
    [InlineData("one", null, "default/team/one")]
    [InlineData("one two", null, "! MCPGroup \"default/team\" has 2 VirtualMCPServers: one, two; leave one, or name one as name in a file given with --config")]
    [InlineData("one two", "two", "default/team/two")]
    [InlineData("one", "two", "default/team/one")]
    public async Task The_groups_own_server_counts(string servers, string? named, string chosen)
    {
        using WatchedFolder folder = new WatchedFolder().With("group.yaml", Yaml.Group).With("stranger.yaml", Server("stranger", "another"));
        foreach (string name in servers.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            folder.With($"{name}.yaml", Server(name, "team"));
        await folder.LoadAsync();

        Choose(folder, null, null, named).ShouldBe(chosen);
    }

    private static string Choose(WatchedFolder folder, string? space, string? group, string? server)
    {
        try
        {
            ManifestTarget target = ManifestTarget.Choose(folder.Directory, "default", space, group, server);
            return $"{target.Namespace}/{target.Group}/{target.Server}";
        }
        catch (ManifestException e)
        {
            return "! " + e.Message;
        }
    }

    private static string Group(string name) => name.Split('/') is [var space, var own]
        ? Yaml.Group.Replace("name: team", $"name: {own}, namespace: {space}", StringComparison.Ordinal)
        : Yaml.Group.Replace("name: team", $"name: {name}", StringComparison.Ordinal);

    private static string Server(string name, string group) =>
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: VirtualMCPServer, metadata: {{name: {name}}}, spec: {{groupRef: {{name: {group}}}}}}}\n";
}
