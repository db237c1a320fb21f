using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Vmcp.Images;

/// <summary>A package of the distribution whose files are in the image.</summary>
/// <param name="Name">As dpkg calls it.</param>
/// <param name="Version">As dpkg writes it.</param>
/// <param name="Licences">The licence names of its machine-readable copyright file, as it writes them; empty when it has none.</param>
public sealed record SystemPackage(string Name, string Version, IReadOnlyList<string> Licences);

/// <summary>
/// What a self-contained .NET program needs below it: the C and C++ runtime, OpenSSL (opened by name, so ldd cannot see it), CA certificates. Taken
/// from the Debian or Ubuntu this runs on, with the copyright files of their packages.
/// </summary>
public static partial class SystemFiles
{
    /// <summary>Libraries that are opened by name at run time.</summary>
    private static readonly string[] Opened = ["libssl.so.3", "libcrypto.so.3"];

    /// <summary>Puts them into a layer; gives the packages they came from.</summary>
    /// <param name="layer">Takes the files.</param>
    /// <param name="natives">The program and its native libraries.</param>
    public static IReadOnlyList<SystemPackage> AddTo(Layer layer, IEnumerable<string> natives)
    {
        string folder = Path.GetDirectoryName(Library().Match(Run("ldconfig", "-p")).Groups[1].Value)!;
        string[] roots = [.. natives, .. Opened.Select(name => Path.Combine(folder, name))];
        SortedSet<string> files = new(StringComparer.Ordinal);
        foreach (string root in roots)
        {
            if (Opened.Contains(Path.GetFileName(root)))
                files.Add(root);
            foreach (Match needed in Needed().Matches(Run("ldd", root)))
                files.Add(needed.Groups[1].Value);
        }

        SortedDictionary<string, SystemPackage> packages = new(StringComparer.Ordinal);
        foreach (string file in files)
        {
            // Where the loader looks: by its own path, whatever links lead there.
            layer.File(file.TrimStart('/'), File.ReadAllBytes(file), executable: true);
            AddPackage(OwnerOf(file));
        }

        AddPackage("ca-certificates");
        // The package's own certificates: one that was added to this machine must not be trusted by others.
        string[] certificates = [.. Directory.EnumerateFiles("/usr/share/ca-certificates/mozilla", "*.crt").Order(StringComparer.Ordinal)];
        layer.File("etc/ssl/certs/ca-certificates.crt", Encoding.ASCII.GetBytes(string.Concat(certificates.Select(c => File.ReadAllText(c).TrimEnd() + "\n"))));
        layer.File("etc/passwd", "root:x:0:0::/:/sbin/nologin\nvmcp:x:1000:1000::/tmp:/sbin/nologin\n"u8.ToArray());
        layer.File("etc/group", "root:x:0:\nvmcp:x:1000:\n"u8.ToArray());
        layer.File("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"u8.ToArray());
        layer.Folder("tmp", (UnixFileMode)0x3ff); // 1777
        return [.. packages.Values];

        void AddPackage(string name)
        {
            if (packages.ContainsKey(name))
                return;
            byte[] copyright = File.ReadAllBytes($"/usr/share/doc/{name}/copyright");
            layer.File($"usr/share/doc/{name}/copyright", copyright);
            string text = Encoding.UTF8.GetString(copyright);
            string[] licences = text.StartsWith("Format:", StringComparison.Ordinal)
                ? [.. LicenceLine().Matches(text).Select(m => m.Groups[1].Value.Trim()).Distinct().Order(StringComparer.Ordinal)]
                : [];
            packages[name] = new SystemPackage(name, Run("dpkg-query", "-W", "-f", "${Version}", name).Trim(), licences);
        }
    }

    /// <summary>The package of a file; distributions with a merged /usr know it by either path.</summary>
    private static string OwnerOf(string file)
    {
        string real = Path.GetFullPath(new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file);
        string other = real.StartsWith("/usr/", StringComparison.Ordinal) ? real["/usr".Length..] : "/usr" + real;
        foreach (string path in (string[])[real, other, file])
        {
            if (TryRun(out string output, "dpkg-query", "-S", path))
                return output.Split(':')[0];
        }

        throw new InvalidOperationException($"no package owns {file}: build the image on Debian or Ubuntu, or use make images BASE=chiseled");
    }

    private static string Run(params string[] command) => TryRun(out string output, command)
        ? output
        : throw new InvalidOperationException($"{string.Join(' ', command)} failed: build the image on Debian or Ubuntu, or use make images BASE=chiseled");

    private static bool TryRun(out string output, params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.GetAwaiter().GetResult();
        return process.ExitCode == 0;
    }

    /// <summary>A file in ldd's lines: <c>libc.so.6 =&gt; /lib/…/libc.so.6 (0x…)</c>, or the loader alone.</summary>
    [GeneratedRegex(@"^\s*(?:\S+ => )?(/\S+) \(0x", RegexOptions.Multiline)]
    private static partial Regex Needed();

    [GeneratedRegex(@"^\s*libssl\.so\.3 \(libc6,x86-64\) => (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Library();

    [GeneratedRegex(@"^License:[ \t]*(\S.*)$", RegexOptions.Multiline)]
    private static partial Regex LicenceLine();
}
