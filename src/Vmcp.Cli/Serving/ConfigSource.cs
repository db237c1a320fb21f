namespace Vmcp.Cli.Serving;

/// <summary>Reads a configuration file.</summary>
internal static class ConfigSource
{
    private const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>The file's text; null with the reason when it cannot be read.</summary>
    public static string? Read(string path, out string problem)
    {
        problem = "";
        try
        {
            FileInfo file = new(path);
            if (Directory.Exists(path))
                problem = $"{path} is a folder, not a configuration file";
            else if (!file.Exists)
                problem = $"{path} does not exist; make one with: vmcp init --backend name=url -o {path}";
            else if (file.Length > MaxBytes)
                problem = $"{path} has {file.Length} bytes; a configuration file has at most {MaxBytes}";
            else
                return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"{path} cannot be read: {e.Message}";
        }

        return null;
    }
}
