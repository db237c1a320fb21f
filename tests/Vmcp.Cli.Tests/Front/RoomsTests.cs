using System.Text.RegularExpressions;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>The rooms of the house: who may use whom, and what a serving process may load.</summary>
public sealed partial class RoomsTests
{
    /// <summary>What each room may use, directly; a new room needs its line, and the lines only ever point to rooms above them.</summary>
    private static readonly (string Room, string[] MayUse)[] Rooms =
    [
        ("Vmcp.Core", []),
        ("Vmcp.Config", ["Vmcp.Core"]),
        ("Vmcp.Protocol", ["Vmcp.Core", "Vmcp.Config"]),
        ("Vmcp.Auth", ["Vmcp.Core", "Vmcp.Config", "Vmcp.Protocol"]),
        ("Vmcp.Gateway", ["Vmcp.Core", "Vmcp.Config", "Vmcp.Protocol", "Vmcp.Auth"]),
        ("Vmcp.Kubernetes", []),
        ("Vmcp.Resources", ["Vmcp.Core", "Vmcp.Config", "Vmcp.Kubernetes"]),
        ("Vmcp.Discovery", ["Vmcp.Core", "Vmcp.Config", "Vmcp.Kubernetes", "Vmcp.Resources"]),
        ("Vmcp.Operator", ["Vmcp.Core", "Vmcp.Config", "Vmcp.Kubernetes", "Vmcp.Resources"]),
        ("Vmcp.Operator.Host", ["Vmcp.Operator", "Vmcp.Kubernetes"]),
        ("Vmcp.Cli", ["Vmcp.Core", "Vmcp.Config", "Vmcp.Gateway", "Vmcp.Discovery", "Vmcp.Operator"]),
    ];

    private static readonly string Source = Path.Combine(Root(), "src");

    [Fact]
    public void Rooms_use_only_rooms_below_them()
    {
        string[] found = [.. Directory.EnumerateDirectories(Source).Select(d => Path.GetFileName(d)!).Where(d => File.Exists(Project(d))).Order(StringComparer.Ordinal)];

        found.Length.ShouldBeGreaterThan(8);
        found.Except(Rooms.Select(r => r.Room)).ShouldBeEmpty("a new room needs its line here");
        foreach (string room in found)
            References(room).Except(Rooms.Single(r => r.Room == room).MayUse).ShouldBeEmpty($"{room} may not use these");
    }

    [Fact]
    public void Lines_of_this_table_point_upwards_only()
    {
        List<string> above = [];
        foreach ((string room, string[] mayUse) in Rooms)
        {
            mayUse.Except(above).ShouldBeEmpty(room);
            above.Add(room);
        }
    }

    [Fact]
    public void The_gateway_has_no_way_to_kubernetes()
    {
        HashSet<string> reached = [];
        Queue<string> next = new(["Vmcp.Gateway"]);
        while (next.TryDequeue(out string? room))
        {
            if (reached.Add(room))
            {
                foreach (string used in References(room))
                    next.Enqueue(used);
            }
        }

        reached.ShouldContain("Vmcp.Core");
        reached.Intersect(["Vmcp.Kubernetes", "Vmcp.Resources", "Vmcp.Discovery", "Vmcp.Operator"]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "NEW-INL-02")]
    public async Task An_inline_process_loads_nothing_of_kubernetes(bool withFile)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("the maps of a process are read from /proc");
        using var folder = new TempFolder();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        string file = folder.Write("vmcp.yaml", $"name: x\nbackends:\n- {{name: notes, url: \"{backend.Url}\"}}\noutgoingAuth: {{source: inline}}\n");
        string[] what = withFile ? ["--config", file] : ["--backend", $"notes={backend.Url}"];
        await using TestProcess vmcp = Vmcp.Start(folder["log"], ["serve", .. what, "--port", "0"]);
        Uri endpoint = Vmcp.EndpointOf(await vmcp.WaitForLineAsync("serving"));
        await using (LegacyClient client = await LegacyClient.ConnectAsync(endpoint))
            await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Count > 0, "the tool is listed");

        string[] loaded = [.. Assembly().Matches(await File.ReadAllTextAsync($"/proc/{vmcp.Id}/maps")).Select(m => m.Groups[1].Value).Distinct()];

        loaded.ShouldContain("Vmcp.Gateway");
        loaded.Intersect(["Vmcp.Kubernetes", "Vmcp.Resources", "Vmcp.Discovery", "Vmcp.Operator"]).ShouldBeEmpty();
    }

    private static string[] References(string room) =>
        [.. Reference().Matches(File.ReadAllText(Project(room))).Select(m => Path.GetFileNameWithoutExtension(m.Groups[1].Value.Replace('\\', '/')))];

    private static string Project(string room) => Path.Combine(Source, room, $"{room}.csproj");

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vmcp.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }

    [GeneratedRegex("<ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex(@"/(Vmcp\.[A-Za-z.]+)\.dll")]
    private static partial Regex Assembly();
}
