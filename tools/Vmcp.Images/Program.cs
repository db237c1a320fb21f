using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Images;

// vmcp-images scratch PROGRAM VERSION PUBLISHED OUT: an image FROM scratch and its bill of materials out of a self-contained publish.
// vmcp-images sbom PROGRAM VERSION PUBLISHED OUT: the bill of materials alone, for an image on a base of somebody else.
if (args is not [("scratch" or "sbom") and { } what, { } program, { } version, { } published, { } output])
{
    Console.Error.WriteLine("usage: vmcp-images scratch|sbom PROGRAM VERSION PUBLISHED OUT");
    return 2;
}

Directory.CreateDirectory(output);
IReadOnlyList<SystemPackage> system = [];
if (what == "scratch")
{
    long epoch = long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), CultureInfo.InvariantCulture, out long seconds) ? seconds : 0;
    (Layer below, Layer app) = (new Layer(), new Layer());
    string[] files = [.. Published.FilesOf(published)];
    system = SystemFiles.AddTo(below, files.Where(f => f.EndsWith(".so", StringComparison.Ordinal) || Path.GetFileName(f) == program));
    foreach (string file in files)
        app.File("app/" + Path.GetRelativePath(published, file), File.ReadAllBytes(file), executable: Path.GetFileName(file) == program);
    string archive = Path.Combine(output, program + ".tar");
    using FileStream stream = File.Create(archive);
    string digest = OciArchive.Write(
        stream, $"{program}:{version}", ImageConfig.Build(program, version, DateTimeOffset.FromUnixTimeSeconds(epoch)), [below.Build(), app.Build()]);
    Console.WriteLine($"{archive}  {stream.Length / 1048576.0:0.0} MiB  {digest}");
}

string nuget = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
    ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
JsonObject bill = Sbom.Build(program, version, File.ReadAllText(Path.Combine(published, program + ".deps.json")), nuget, system);
string billFile = Path.Combine(output, program + ".cdx.json");
File.WriteAllText(billFile, bill.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
Console.WriteLine($"{billFile}  {bill["components"]!.AsArray().Count} components");
return 0;
