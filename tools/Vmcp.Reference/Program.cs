using Vmcp.Reference;

if (args is not [string directory])
{
    Console.Error.WriteLine("usage: Vmcp.Reference DIRECTORY");
    return 2;
}

Directory.CreateDirectory(directory);
var pages = Pages.All();
foreach (string stray in Directory.EnumerateFiles(directory, "*.md").Where(path => !pages.ContainsKey(Path.GetFileName(path))))
    File.Delete(stray);
foreach ((string name, string text) in pages)
    File.WriteAllText(Path.Combine(directory, name), text);
Console.WriteLine($"wrote {pages.Count} pages to {directory}");
return 0;
