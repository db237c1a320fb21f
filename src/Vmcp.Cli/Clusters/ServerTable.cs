using System.Globalization;
using Spectre.Console;
using Vmcp.Cli.Status;
using Vmcp.Cli.Terminals;
using Vmcp.Resources;

namespace Vmcp.Cli.Clusters;

/// <summary>Draws a VirtualMCPServer in the look of the table of a gateway.</summary>
internal static class ServerTable
{
    private static readonly string[] Headings = ["BACKEND", "STATUS", "BREAKER", "REVISION", "CHECKED", "AUTH", "SOURCE", "MESSAGE"];

    /// <summary>It serves, and one backend at least can be called; a server without backends needs none.</summary>
    public static bool IsWell(ServerView view) => view.Server.Status.Phase is "Ready" or "Degraded"
        && (view.Server.Status.DiscoveredBackends.Count == 0 || view.Server.Status.DiscoveredBackends.Any(b => b.Status is "ready" or "degraded"));

    /// <summary>The group of a server.</summary>
    public static string GroupName(this VirtualMCPServer server) => server.Spec.GroupRef?.Name ?? "";

    /// <summary>Writes it.</summary>
    public static void Write(ServerView view, Terminal terminal)
    {
        Screen screen = new(terminal);
        VirtualMCPServerStatus status = view.Server.Status;
        DateTimeOffset now = terminal.Time.GetUtcNow();
        string where = status.Url is { Length: > 0 } url ? $" at {Shown(url)}" : "";
        screen.Line($"{view.Stored.Meta.Name} in namespace {view.Stored.Meta.Namespace}{where}", IsWell(view) ? Color.Green : Color.Red);
        string replicas = view.Replicas is { } r ? $"{Number(r.Ready)} of {Number(r.Wanted)}" : "not known";
        screen.Line($"phase {Or(status.Phase, "none yet")} · mode {Or(status.Mode, "none yet")} · group {view.Server.GroupName()} · ready replicas {replicas}");
        if (status.Message is { Length: > 0 } message)
            screen.Line(Shown(message), IsWell(view) ? null : Color.Red);
        if ((status.ObservedGeneration ?? 0) < view.Stored.Meta.Generation)
            screen.Line("the operator has not taken up the newest spec yet; what follows is about an older one", Color.Yellow);
        foreach (Condition condition in status.Conditions.Where(Matters))
            screen.Line($"{condition.Type} is {condition.Status}, {condition.Reason}: {Shown(condition.Message)}", Color.Yellow);
        screen.Line("");
        if (status.DiscoveredBackends.Count == 0)
            screen.Line("no backends");
        else
            screen.Table(Table(status.DiscoveredBackends, now));
        foreach (string note in view.Notes)
            screen.Line($"note: {note}");
    }

    // What is as it should be needs no line. These three are news when they are true.
    private static bool Matters(Condition condition) => condition.Type is "ModeTransition" or "ResourceConflict" or "SessionStorageWarning"
        ? condition.Status == "True"
        : condition.Status != "True";

    private static Table Table(IReadOnlyList<DiscoveredBackend> backends, DateTimeOffset now)
    {
        Table table = new() { Border = TableBorder.None };
        foreach (string heading in Headings)
            table.AddColumn(new TableColumn(new Text(heading)) { NoWrap = true, Padding = new Padding(0, 0, heading == Headings[^1] ? 0 : 2, 0) });
        foreach (DiscoveredBackend backend in backends.OrderBy(b => b.Name, StringComparer.Ordinal))
        {
            string breaker = Or(backend.CircuitBreakerState, "-");
            table.AddRow(
                new Text(Shown(backend.Name)),
                new Text(Or(backend.Status, "unknown"), StatusStyle(backend.Status)),
                new Text(breaker, breaker is "closed" or "-" ? Style.Plain : new Style(Color.Red)),
                new Text(Or(backend.McpRevision, "-")),
                new Text(StatusTable.Age(backend.LastHealthCheck, now)),
                new Text(Or(backend.AuthType, "-") + (backend.AuthConfigRef is { Length: > 0 } config ? $" ({Shown(config)})" : "")),
                new Text(Or(backend.AuthSource, "-")),
                new Text(Or(backend.Message, "-") + (backend.ConsecutiveFailures is > 1 and int failures ? $" ({Number(failures)} in a row)" : "")));
        }

        return table;
    }

    private static Style StatusStyle(string? status) => new(status switch
    {
        "ready" => Color.Green,
        "degraded" or "unknown" or null => Color.Yellow,
        _ => Color.Red,
    });

    private static string Or(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : Shown(text);

    // It goes to a screen, and an escape sequence must not run there.
    private static string Shown(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
