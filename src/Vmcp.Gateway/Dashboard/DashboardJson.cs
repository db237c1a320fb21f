using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Catalogs.Verdicts;
using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;

namespace Vmcp.Gateway.Dashboard;

/// <summary>
/// Writes what the page shows. Everything comes from the status report, which holds nothing secret; names and reasons that backends had a
/// hand in go through <see cref="StatusText.Sanitise"/>. The page never takes them for markup.
/// </summary>
internal static class DashboardJson
{
    /// <summary>Tools shown at most; the rest is counted.</summary>
    public const int MaxTools = 5000;

    /// <summary>Backends shown at most; the rest is counted.</summary>
    public const int MaxBackends = 1000;

    /// <summary>Everything but the tools.</summary>
    public static byte[] Picture(
        StatusReport report, IReadOnlyDictionary<string, ProbeTimes> probes, DashboardFeed.SessionCounts sessions, ImmutableArray<BackendChange> changes) => Write(json =>
    {
        json.WriteString("name", report.Name);
        json.WriteString("version", report.Version);
        json.WriteString("group", report.GroupRef);
        json.WriteString("mode", report.Mode.Word());
        json.WriteBoolean("ready", report.Readiness.IsReady);
        if (report.Readiness.Reason is { } reason)
            json.WriteString("not_ready_reason", reason);
        json.WriteBoolean("monitoring", report.MonitoringEnabled);
        if (report.Source is { } source)
            StatusJson.WriteSource(json, source, report.Unserved.Take(MaxBackends));
        WriteConfig(json, report.Config);
        json.WriteStartObject("counts");
        json.WriteNumber("tools", report.Catalog.Tools);
        json.WriteNumber("resources", report.Catalog.Resources + report.Catalog.ResourceTemplates);
        json.WriteNumber("prompts", report.Catalog.Prompts);
        json.WriteEndObject();
        json.WriteNumber("backends_total", report.Backends.Length);
        json.WriteStartArray("backends");
        foreach (BackendReport backend in report.Backends.Take(MaxBackends))
            WriteBackend(json, backend, probes.GetValueOrDefault(backend.Name));
        json.WriteEndArray();
        WriteSessions(json, sessions);
        WriteChanges(json, changes);
    });

    /// <summary>The tools by backend, and the contested names of every kind.</summary>
    public static byte[] Tools(ImmutableArray<ItemVerdict> verdicts, ImmutableArray<CatalogConflict> conflicts) => Write(json =>
    {
        ItemVerdict[] tools = [.. verdicts.Where(v => v.Kind == CapabilityKind.Tools)];
        json.WriteNumber("tools_total", tools.Length);
        json.WriteStartArray("tools");
        foreach (ItemVerdict tool in tools.Take(MaxTools))
        {
            json.WriteStartObject();
            json.WriteString("backend", tool.Backend);
            json.WriteString("original", StatusText.Sanitise(tool.OriginalName));
            if (tool.ExposedName is { } exposed)
                json.WriteString("exposed", StatusText.Sanitise(exposed));
            json.WriteString("outcome", tool.Outcome.Word());
            json.WriteStartArray("why");
            foreach (string reason in Reasons(tool))
                json.WriteStringValue(StatusText.Sanitise(reason));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("conflicts_total", conflicts.Length);
        json.WriteStartArray("conflicts");
        foreach (CatalogConflict conflict in conflicts.Take(StatusJson.MaxConflicts))
        {
            json.WriteStartObject();
            json.WriteString("kind", conflict.Kind.Word());
            json.WriteString("name", StatusText.Sanitise(conflict.Name));
            if (conflict.Winner is { } winner)
                json.WriteString("winner", winner);
            json.WriteString("losers", StatusText.Sanitise(string.Join(", ", conflict.Losers.Take(StatusJson.MaxLosers))));
            json.WriteString("reason", StatusText.Sanitise(conflict.Reason));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>All that stands in a tool's way; of a visible one only what a reader cannot see at a glance.</summary>
    private static IEnumerable<string> Reasons(ItemVerdict tool) =>
        tool.IsVisible && tool.RenamedBy is (Renaming.None or Renaming.Prefix) && !tool.DependsOnClient ? []
        : tool.IsVisible ? [tool.Reason]
        : tool.Obstacles.Select(o => o.Reason);

    private static void WriteConfig(Utf8JsonWriter json, ConfigReport config)
    {
        json.WriteStartObject("config");
        json.WriteNumber("generation", config.Generation);
        WriteTime(json, "loaded_at", config.LoadedAt);
        if (config.LastReloadError is { } error)
            json.WriteString("error", StatusText.Sanitise(error));
        WriteTime(json, "error_at", config.LastReloadErrorAt);
        json.WriteEndObject();
    }

    private static void WriteBackend(Utf8JsonWriter json, BackendReport backend, ProbeTimes? probes)
    {
        json.WriteStartObject();
        json.WriteString("name", backend.Name);
        json.WriteString("health", backend.Health.Word());
        json.WriteBoolean("listed", backend.Listed);
        WriteTime(json, "since", backend.State.LastTransition);
        WriteTime(json, "checked", backend.State.LastCheck);
        json.WriteString("error", backend.State.LastFailure.Word());
        json.WriteNumber("failures", backend.State.ConsecutiveFailures);
        json.WriteString("breaker", backend.Breaker.Status.Word());
        WriteTime(json, "breaker_since", backend.Breaker.LastChanged);
        json.WriteString("auth", backend.AuthType);
        json.WriteString("transport", backend.Transport.Word());
        json.WriteString("revision", backend.Revision ?? "");
        json.WriteBoolean("per_user", backend.IsPerUser);
        json.WriteNumber("tools", backend.Tools);
        json.WriteNumber("resources", backend.Resources + backend.ResourceTemplates);
        json.WriteNumber("prompts", backend.Prompts);

        // Milliseconds, oldest first; a failed probe has its time below zero.
        json.WriteStartArray("probes");
        foreach (ProbeTimes.Probe probe in probes?.ToArray() ?? [])
        {
            double time = Math.Max(0.1, Math.Round(probe.Milliseconds, 1));
            json.WriteNumberValue(probe.Failed ? -time : time);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSessions(Utf8JsonWriter json, DashboardFeed.SessionCounts sessions)
    {
        json.WriteStartObject("sessions");
        json.WriteStartArray("legacy");
        foreach ((string revision, int count) in sessions.Legacy)
        {
            json.WriteStartObject();
            json.WriteString("revision", revision);
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("listening", sessions.Listening);
        json.WriteNumber("held_for_modern", sessions.HeldForModern);
        json.WriteEndObject();
    }

    private static void WriteChanges(Utf8JsonWriter json, ImmutableArray<BackendChange> changes)
    {
        json.WriteStartArray("changes");
        foreach (BackendChange change in changes)
        {
            json.WriteStartObject();
            WriteTime(json, "at", change.At);
            json.WriteString("backend", change.Backend);
            json.WriteString("what", change.Word);
            json.WriteString("reason", StatusText.Sanitise(change.Reason));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is not null)
            json.WriteString(name, StatusWords.Rfc3339(time));
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(4096);
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
