using Vmcp.CrdGenerator;

if (args is not [string directory])
{
    Console.Error.WriteLine("usage: Vmcp.CrdGenerator DIRECTORY");
    return 2;
}

Directory.CreateDirectory(directory);
var files = Definitions.Files();
foreach (string stray in Directory.EnumerateFiles(directory, "*.yaml").Where(path => !files.ContainsKey(Path.GetFileName(path))))
    File.Delete(stray);
foreach ((string name, string text) in files)
    File.WriteAllText(Path.Combine(directory, name), text);
Console.WriteLine($"wrote {files.Count} definitions to {directory}");
return 0;
