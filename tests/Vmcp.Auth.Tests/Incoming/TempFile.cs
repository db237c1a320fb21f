namespace Vmcp.Auth.Tests.Incoming;

/// <summary>A file of one test, replaced in one step as a mounted ConfigMap is.</summary>
internal sealed class TempFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmcp-auth-");

    public TempFile(string content) => Write(content);

    public string Path => System.IO.Path.Combine(_folder.FullName, "file");

    public void Write(string content)
    {
        File.WriteAllText(Path + ".next", content);
        File.Move(Path + ".next", Path, overwrite: true);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
