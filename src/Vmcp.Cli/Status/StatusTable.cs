using System.Globalization;

using Spectre.Console;

using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Status;

/// <summary>Draws what a person wants to know of a gateway.</summary>
internal static class StatusTable
{
    private const int ConflictsShown = 20;

    private static readonly string[] Headings =
        ["BACKEND", "HEALTH", "BREAKER", "REVISION", "TOOLS", "RES", "TEMPL", "PROMPTS", "CHECKED", "AUTH", "TROUBLE"];

    public static void Write(GatewayPicture picture, Uri endpoint, bool monitored, Terminal terminal)
    {
        Screen screen = new(terminal);
        DateTimeOffset now = terminal.Time.GetUtcNow();
        screen.Line($"{picture.Name} at {endpoint}", picture.IsWell ? Color.Green : Color.Red);
        screen.Line($"vmcp {picture.Version} · group {picture.Group} · mode {picture.Mode} · {(picture.Ready ? "ready" : "not ready")}"
            + $" · sessions {Number(picture.Sessions)}" + (monitored ? "" : " · health checks off"));
        screen.Line($"catalog {Number(picture.CatalogVersion)}: tools {Number(picture.Listed.Tools)}, resources {Number(picture.Listed.Resources)},"
            + $" templates {Number(picture.Listed.Templates)}, prompts {Number(picture.Listed.Prompts)}");
        screen.Line($"config {Number(picture.ConfigGeneration)}: loaded {Age(picture.ConfigLoadedAt, now)}");
        if (picture.Incoming is { } incoming)
        {
            string keys = incoming.Keys is null ? "" : $" · keys {incoming.Keys}, confirmed {Age(incoming.ConfirmedAt, now)}";
            screen.Line($"incoming {incoming.Type}{keys}", incoming.Keys == "none" ? Color.Red : incoming.Trouble is not null ? Color.Yellow : null);
            if (incoming.Trouble is { } trouble)
                screen.Line($"incoming: {trouble}", incoming.Keys == "none" ? Color.Red : Color.Yellow);
        }

        if (picture.ReloadError is { } error)
            screen.Line($"config: the edit of {Age(picture.ReloadErrorAt, now)} is not used: {error}", Color.Red);
        screen.Line("");
        if (picture.Backends.Count == 0)
            screen.Line("no backends");
        else
            screen.Table(Table(picture.Backends, now));
        WriteConflicts(screen, picture);
    }

    private static Table Table(IReadOnlyList<BackendLine> backends, DateTimeOffset now)
    {
        Table table = new() { Border = TableBorder.None };
        foreach (string heading in Headings)
            table.AddColumn(new TableColumn(new Text(heading)) { NoWrap = true, Padding = new Padding(0, 0, heading == Headings[^1] ? 0 : 2, 0) });
        for (int i = 4; i < 8; i++)
            table.Columns[i].Alignment = Justify.Right;
        foreach (BackendLine backend in backends)
        {
            table.AddRow(
                new Text(backend.Name),
                new Text(backend.Health, HealthStyle(backend.Health)),
                new Text(backend.Breaker, backend.Breaker == "closed" ? Style.Plain : new Style(Color.Red)),
                new Text(backend.Revision ?? "-"),
                new Text(backend.Offer(backend.Offers.Tools)),
                new Text(backend.Offer(backend.Offers.Resources)),
                new Text(backend.Offer(backend.Offers.Templates)),
                new Text(backend.Offer(backend.Offers.Prompts)),
                new Text(Age(backend.LastCheck, now)),
                new Text(backend.Auth),
                Trouble(backend));
        }

        return table;
    }

    private static Text Trouble(BackendLine backend) => new(
        backend.Trouble is null ? "-" : backend.Trouble + (backend.Failures > 1 ? $" ({Number(backend.Failures)} in a row)" : ""));

    private static void WriteConflicts(Screen screen, GatewayPicture picture)
    {
        if (picture.ConflictsTotal == 0)
            return;
        screen.Line("");
        screen.Line($"name conflicts: {Number(picture.ConflictsTotal)}", Color.Yellow);
        foreach (ConflictLine conflict in picture.Conflicts.Take(ConflictsShown))
        {
            string winner = conflict.Winner is null ? "" : $" goes to {conflict.Winner}";
            string losers = conflict.Losers.Count == 0 ? "" : $", not to {string.Join(", ", conflict.Losers)}";
            screen.Line($"  {conflict.Kind} {conflict.Name}{winner}{losers}: {conflict.Reason}");
        }

        if (picture.ConflictsTotal > ConflictsShown)
            screen.Line("  … and more; --json shows them");
    }

    private static Style HealthStyle(string health) => new(health switch
    {
        "healthy" => Color.Green,
        "degraded" or "unknown" => Color.Yellow,
        _ => Color.Red,
    });

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whole numbers of the largest fitting unit; a clock that differs from ours may give the future, which is now.</summary>
    internal static string Age(DateTimeOffset? time, DateTimeOffset now)
    {
        if (time is null)
            return "never";
        TimeSpan age = now - time.Value;
        return age.TotalSeconds < 1 ? "now"
            : age.TotalMinutes < 1 ? $"{Number((long)age.TotalSeconds)}s ago"
            : age.TotalHours < 1 ? $"{Number((long)age.TotalMinutes)}m ago"
            : age.TotalDays < 1 ? $"{Number((long)age.TotalHours)}h ago"
            : $"{Number((long)age.TotalDays)}d ago";
    }
}
