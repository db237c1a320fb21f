using System.Text.Encodings.Web;
using System.Text.Json;

using Vmcp.Cli.Terminals;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Settings;

namespace Vmcp.Cli.Planning;

/// <summary>What a command line asked to plan.</summary>
internal sealed record PlanRequest
{
    /// <summary>Files, folders or <c>-</c>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Takes folders below too.</summary>
    public bool Recursive { get; init; }

    /// <summary>A folder or file to compare with, or null.</summary>
    public string? Diff { get; init; }

    /// <summary>The namespace of objects that name none.</summary>
    public required string Namespace { get; init; }

    /// <summary>Only the server of this name, or null for all.</summary>
    public string? Name { get; init; }

    /// <summary>JSON instead of YAML.</summary>
    public bool Json { get; init; }

    /// <summary>The gateway's image, or null for the default.</summary>
    public string? VmcpImage { get; init; }
}

/// <summary>Runs <c>vmcp plan</c>. This and what it calls loads the operator; a process that serves inline never does.</summary>
internal static class PlanRun
{
    private const int Unreadable = 2;

    /// <summary>Exit code 0: all as it should be (with a difference asked for: none); 1: a server is held, or there is a difference; 2: unreadable.</summary>
    public static int Run(PlanRequest request, Terminal terminal, TextReader input)
    {
        try
        {
            OfflinePlan plan = Plan(request.Files, request, input);
            OfflinePlan? other = request.Diff is null ? null : Plan([request.Diff], request, input);

            // One side may have none: then all of a server comes or goes. Neither having one is a wrong name or path, not "no difference".
            if (plan.Servers.IsEmpty && other is not { Servers.IsEmpty: false })
                return Fail(terminal, request.Name is null ? "the manifests hold no VirtualMCPServer" : $"the manifests hold no VirtualMCPServer \"{request.Name}\"");
            if (other is not null)
                return Compare(plan, other, terminal);
            Print(plan, request.Json, terminal.Out);
            foreach (PlannedServer server in plan.Servers)
                terminal.Error.Write(PlanText.Summary(server));
            Note(plan, terminal);
            return plan.Servers.Any(s => s.Held) ? 1 : 0;
        }
        catch (ManifestException e)
        {
            return Fail(terminal, e.Message);
        }
    }

    private static OfflinePlan Plan(IReadOnlyList<string> files, PlanRequest request, TextReader input)
    {
        OperatorSettings settings = OperatorSettings.Default;
        if (request.VmcpImage is not null)
            settings = settings with { VmcpImage = request.VmcpImage };
        ManifestSet set = ManifestSet.Of(PlanFiles.Read(files, request.Recursive, input), request.Namespace);
        return OfflinePlan.Of(set, settings, request.Name);
    }

    private static void Print(OfflinePlan plan, bool json, TextWriter output)
    {
        if (!json)
        {
            PlanText.Yaml(plan, output);
            return;
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            PlanText.List(plan).WriteTo(writer);
        output.Write(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        output.Write('\n');
    }

    private static int Compare(OfflinePlan before, OfflinePlan after, Terminal terminal)
    {
        SortedDictionary<string, string> old = PlanText.Pieces(before), now = PlanText.Pieces(after);

        // The operator leaves what runs as it is while a server is held, so its objects are no difference.
        HashSet<ObjectKey> held = [.. before.Servers.Concat(after.Servers).Where(s => s.Held).Select(s => s.Server.Key)];
        bool differs = false;
        foreach (string name in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            if (!name.EndsWith('/') && held.Any(key => name.StartsWith($"{key}/", StringComparison.Ordinal)))
                continue;
            string diff = UnifiedDiff.Of(name.EndsWith('/') ? $"{name}summary" : name, old.GetValueOrDefault(name), now.GetValueOrDefault(name));
            differs |= diff.Length > 0;
            terminal.Out.Write(diff);
        }

        Note(after, terminal);
        return differs ? 1 : 0;
    }

    private static void Note(OfflinePlan plan, Terminal terminal)
    {
        foreach (string note in plan.Notes)
            terminal.Error.WriteLine(note);
    }

    private static int Fail(Terminal terminal, string problem)
    {
        terminal.Fail(problem);
        return Unreadable;
    }
}
