using System.Text.Json.Nodes;

namespace Vmcp.Images.Tests;

/// <summary>The bill of materials names all that is in deps.json, with licence and hash where they are known.</summary>
public sealed class SbomTests : IDisposable
{
    private const string Hash = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="; // of nothing
    private const string Deps = """
        {"libraries": {
          "vmcp/1.2.3": {"type": "project", "sha512": ""},
          "Vmcp.Core/1.2.3": {"type": "project", "sha512": ""},
          "Some.Package/8.9.1": {"type": "package", "sha512": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
          "runtimepack.Some.Runtime/10.0.1": {"type": "runtimepack", "sha512": ""}}}
        """;

    private readonly DirectoryInfo _packages = Directory.CreateTempSubdirectory("vmcp-images-tests-");

    public void Dispose() => _packages.Delete(recursive: true);

    [Fact]
    public void Every_library_is_there_with_licence_and_hash()
    {
        Package("some.package", "8.9.1", "<license type=\"expression\">BSD-3-Clause</license>");
        Package("some.runtime", "10.0.1", "<license type=\"file\">LICENSE.TXT</license>");

        JsonObject bill = Sbom.Build("vmcp", "1.2.3", Deps, _packages.FullName, [new SystemPackage("libssl3", "3.0~1", ["Apache-2.0"])]);

        bill["bomFormat"]!.GetValue<string>().ShouldBe("CycloneDX");
        bill["specVersion"]!.GetValue<string>().ShouldBe("1.6");
        bill["metadata"]!["component"]!["name"]!.GetValue<string>().ShouldBe("vmcp");
        JsonArray components = bill["components"]!.AsArray();
        components.Select(c => $"{c!["name"]} {c["version"]}").ShouldBe(["Some.Package 8.9.1", "Vmcp.Core 1.2.3", "Some.Runtime 10.0.1", "libssl3 3.0~1"]);
        components.Select(c => c!["bom-ref"]!.GetValue<string>()).ShouldBeUnique();
        components[0]!["licenses"]![0]!["expression"]!.GetValue<string>().ShouldBe("BSD-3-Clause");
        components[0]!["purl"]!.GetValue<string>().ShouldBe("pkg:nuget/Some.Package@8.9.1");
        components[2]!["licenses"].ShouldBeNull();
        foreach (int package in (int[])[0, 2])
            components[package]!["hashes"]![0]!["content"]!.GetValue<string>().ShouldBe(Convert.ToHexStringLower(Convert.FromBase64String(Hash)));
        components[3]!["licenses"]![0]!["license"]!["name"]!.GetValue<string>().ShouldBe("Apache-2.0");
    }

    private void Package(string id, string version, string licence)
    {
        DirectoryInfo folder = _packages.CreateSubdirectory(Path.Combine(id, version));
        File.WriteAllText(Path.Combine(folder.FullName, id + ".nuspec"), $"<package xmlns=\"http://example.com\"><metadata>{licence}</metadata></package>");
        File.WriteAllText(Path.Combine(folder.FullName, $"{id}.{version}.nupkg.sha512"), Hash);
    }
}
