namespace Vmcp.Bench.Running;

/// <summary>Where the repository is, what is measured, and where results go.</summary>
internal static class Artifacts
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Results and logs.</summary>
    public static string Folder { get; } = Path.Combine(Root, "artifacts", "bench");

    /// <summary>The gateway, as <c>make build</c> leaves it.</summary>
    public static string Gateway
    {
        get
        {
            string program = Path.Combine(Root, "artifacts", "cli", "vmcp.dll");
            return File.Exists(program) ? program : throw new FileNotFoundException($"{program} is missing; run: make build");
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vmcp.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the benchmark does not run inside the repository");
    }
}
