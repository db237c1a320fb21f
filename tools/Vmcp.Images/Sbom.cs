using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Vmcp.Images;

/// <summary>
/// The bill of materials of an image in CycloneDX 1.6: every package in the program's deps.json and every package of the distribution. Written here,
/// because the CycloneDX tools for .NET know neither runtime packs nor files of a distribution.
/// </summary>
public static class Sbom
{
    private const string RuntimePack = "runtimepack.";

    /// <summary>Describes an image.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="deps">The text of its <c>.deps.json</c>.</param>
    /// <param name="packageFolder">NuGet's folder of restored packages, which holds licences and hashes.</param>
    /// <param name="system">Packages of the distribution; empty for an image on a base of somebody else.</param>
    public static JsonObject Build(string program, string version, string deps, string packageFolder, IReadOnlyList<SystemPackage> system)
    {
        using JsonDocument document = JsonDocument.Parse(deps);
        List<JsonObject> components = [];
        foreach (JsonProperty library in document.RootElement.GetProperty("libraries").EnumerateObject().OrderBy(l => l.Name, StringComparer.Ordinal))
        {
            string[] name = library.Name.Split('/');
            string kind = library.Value.GetProperty("type").GetString()!;
            if (kind == "project")
            {
                if (name[0] != program)
                    components.Add(Component(name[0], name[1], "Apache-2.0", null, purl: null));
            }
            else
            {
                components.Add(Package(name[0], name[1], library.Value.GetProperty("sha512").GetString()!, packageFolder));
            }
        }

        foreach (SystemPackage package in system)
            components.Add(Component(package.Name, package.Version, null, null, $"pkg:deb/{package.Name}@{Uri.EscapeDataString(package.Version)}?arch=amd64", package.Licences));

        JsonObject root = Component(program, version, "Apache-2.0", null, purl: null);
        root["type"] = "application";
        return new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject { ["component"] = root },
            ["components"] = new JsonArray([.. components]),
        };
    }

    private static JsonObject Package(string id, string version, string hash, string packageFolder)
    {
        if (id.StartsWith(RuntimePack, StringComparison.Ordinal))
            id = id[RuntimePack.Length..];
#pragma warning disable CA1308 // NuGet's folders are in lower case.
        string lower = id.ToLowerInvariant();
#pragma warning restore CA1308
        string folder = Path.Combine(packageFolder, lower, version);
        // deps.json has no hashes of runtime packs; the folder has those of all.
        string hashFile = Path.Combine(folder, $"{lower}.{version}.nupkg.sha512");
        string base64 = hash.StartsWith("sha512-", StringComparison.Ordinal) ? hash["sha512-".Length..] : File.Exists(hashFile) ? File.ReadAllText(hashFile).Trim() : "";
        string? sha512 = base64.Length > 0 ? Convert.ToHexStringLower(Convert.FromBase64String(base64)) : null;
        return Component(id, version, LicenceOf(Path.Combine(folder, lower + ".nuspec")), sha512, $"pkg:nuget/{id}@{version}");
    }

    /// <summary>The licence expression of a nuspec; null when it names a file instead.</summary>
    private static string? LicenceOf(string nuspec)
    {
        if (!File.Exists(nuspec))
            return null;
        XElement? licence = XDocument.Load(nuspec).Descendants().FirstOrDefault(e => e.Name.LocalName == "license");
        return licence?.Attribute("type")?.Value == "expression" ? licence.Value : null;
    }

    private static JsonObject Component(string name, string version, string? expression, string? sha512, string? purl, IReadOnlyList<string>? names = null)
    {
        JsonObject component = new() { ["type"] = "library", ["bom-ref"] = purl ?? $"{name}@{version}", ["name"] = name, ["version"] = version };
        if (sha512 is not null)
            component["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = sha512 });
        if (expression is not null)
            component["licenses"] = new JsonArray(new JsonObject { ["expression"] = expression });
        else if (names is { Count: > 0 })
            component["licenses"] = new JsonArray([.. names.Select(n => (JsonNode)new JsonObject { ["license"] = new JsonObject { ["name"] = n } })]);
        if (purl is not null)
            component["purl"] = purl;
        return component;
    }
}
