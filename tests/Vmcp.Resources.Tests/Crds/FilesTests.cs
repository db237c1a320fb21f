using Vmcp.CrdGenerator;
using Vmcp.KubeKit.Server;

namespace Vmcp.Resources.Tests.Crds;

public sealed class FilesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "crds");

    [Fact]
    public void The_files_in_deploy_are_what_the_records_say_now()
    {
        var files = Definitions.Files();

        Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)
            .ShouldBe(files.Keys, "deploy/crds has other files than the generator writes; run make crds");
        foreach ((string name, string text) in files)
            (File.ReadAllText(Path.Combine(Folder, name)) == text).ShouldBeTrue($"deploy/crds/{name} is stale; run make crds");
    }

    [Fact]
    public void The_same_records_give_the_same_bytes() => Definitions.Files().ShouldBe(Definitions.Files());

    [Fact]
    public void A_definition_is_small_enough_for_a_client_side_apply()
    {
        // kubectl apply keeps the whole object in an annotation, and annotations may have 256 KiB together.
        foreach (var definition in Definitions.All())
            definition.ToJsonString().Length.ShouldBeLessThan(256 * 1024 - 1024, definition["metadata"]!["name"]!.GetValue<string>());
    }
}
