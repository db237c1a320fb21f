using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;

namespace Vmcp.Core.Status;

/// <summary>Writes the answers of the operational endpoints (vmcp-runtime 3.2 to 3.4; our additions come after the known fields).</summary>
public static class StatusJson
{
    /// <summary>Conflicts shown at most; <c>conflicts_total</c> counts them all.</summary>
    public const int MaxConflicts = 100;

    /// <summary>Losers of one conflict shown at most.</summary>
    public const int MaxLosers = 20;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of <c>/readyz</c>; send it with 200 when <see cref="Readiness.IsReady"/>, else with 503.</summary>
    public static byte[] Readyz(StatusReport report) => Write(report, static (json, report) =>
    {
        json.WriteString("status", report.Readiness.IsReady ? "ready" : "not_ready");
        json.WriteString("mode", report.Mode.ReadinessWord());
        if (!report.Readiness.IsReady)
            json.WriteString("reason", report.Readiness.Reason ?? "starting");
    });

    /// <summary>The body of <c>/status</c>.</summary>
    public static byte[] Status(StatusReport report) => Write(report, static (json, report) =>
    {
        json.WriteStartArray("backends");
        foreach (BackendReport backend in Sorted(report))
        {
            json.WriteStartObject();
            WriteMembers(json, backend);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("healthy", report.Healthy);
        json.WriteString("version", report.Version);
        json.WriteString("group_ref", report.GroupRef);
        json.WriteString("name", report.Name);
        json.WriteString("mode", report.Mode.Word());
        json.WriteBoolean("ready", report.Readiness.IsReady);
        json.WriteNumber("sessions", report.Sessions);
        WriteConfig(json, report.Config);
        WriteIncoming(json, report.Incoming);
        WriteCatalog(json, report.Catalog);
        if (report.Source is { } source)
            WriteSource(json, source, report.Unserved);
    });

    /// <summary>The body of <c>/api/backends/health</c>.</summary>
    public static byte[] BackendsHealth(StatusReport report) => Write(report, static (json, report) =>
    {
        json.WriteBoolean("monitoring_enabled", report.MonitoringEnabled);
        if (!report.MonitoringEnabled)
            return;
        json.WriteStartObject("summary");
        json.WriteNumber("Total", report.Backends.Length);
        WriteCount(json, "Healthy", report, HealthStatus.Healthy);
        WriteCount(json, "Degraded", report, HealthStatus.Degraded);
        WriteCount(json, "Unhealthy", report, HealthStatus.Unhealthy);
        WriteCount(json, "Unknown", report, HealthStatus.Unknown);
        WriteCount(json, "Unauthenticated", report, HealthStatus.Unauthenticated);
        json.WriteEndObject();
        json.WriteStartObject("backends");
        foreach (BackendReport backend in Sorted(report))
        {
            json.WriteStartObject(backend.Name);
            json.WriteString("Status", backend.Health.Word());
            json.WriteNumber("ConsecutiveFailures", backend.State.ConsecutiveFailures);
            json.WriteString("LastCheckTime", StatusWords.Rfc3339(backend.State.LastCheck));
            json.WriteString("LastErrorCategory", backend.State.LastFailure.Word());
            json.WriteString("LastTransitionTime", StatusWords.Rfc3339(backend.State.LastTransition));
            json.WriteString("CircuitState", backend.Breaker.Status.Word());
            json.WriteString("CircuitLastChanged", StatusWords.Rfc3339(backend.Breaker.LastChanged));
            json.WriteString("MCPRevision", backend.Revision ?? "");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    internal static void WriteMembers(Utf8JsonWriter json, BackendReport backend)
    {
        json.WriteString("name", backend.Name);
        json.WriteString("health", backend.Health.Word());
        json.WriteString("transport", backend.Transport.Word());
        json.WriteString("auth_type", backend.AuthType);
        if (backend.Revision is { } revision)
            json.WriteString("mcp_revision", revision);
        json.WriteString("auth_source", backend.AuthSource);
        json.WriteBoolean("listed", backend.Listed);
        json.WriteNumber("consecutive_failures", backend.State.ConsecutiveFailures);
        json.WriteString("last_error_category", backend.State.LastFailure.Word());
        WriteTime(json, "last_check", backend.State.LastCheck);
        WriteTime(json, "last_transition", backend.State.LastTransition);
        json.WriteStartObject("breaker");
        json.WriteString("state", backend.Breaker.Status.Word());
        WriteTime(json, "last_changed", backend.Breaker.LastChanged);
        json.WriteEndObject();
        if (backend.IsPerUser)
            json.WriteBoolean("per_user", true);
        // Only its users know what a backend lists that refuses to list to us.
        if (backend is { IsPerUser: true, Revision: null })
            WriteNoCounts(json);
        else
            WriteCounts(json, backend.Tools, backend.Resources, backend.ResourceTemplates, backend.Prompts);
    }

    private static void WriteConfig(Utf8JsonWriter json, ConfigReport config)
    {
        json.WriteStartObject("config");
        json.WriteNumber("generation", config.Generation);
        WriteTime(json, "loaded_at", config.LoadedAt);
        if (config.LastReloadError is { } error)
        {
            json.WriteString("last_reload_error", StatusText.Sanitise(error));
            WriteTime(json, "last_reload_error_at", config.LastReloadErrorAt);
        }

        json.WriteEndObject();
    }

    private static void WriteIncoming(Utf8JsonWriter json, IncomingReport incoming)
    {
        json.WriteStartObject("incoming_auth");
        json.WriteString("type", incoming.Type);
        if (incoming.Keys is { } keys)
        {
            json.WriteString("keys", keys switch { KeysState.Current => "current", KeysState.Stale => "stale", _ => "none" });
            WriteTime(json, "keys_confirmed_at", incoming.KeysConfirmedAt);
        }

        if (incoming.Trouble is { } trouble)
            json.WriteString("trouble", StatusText.Sanitise(trouble));
        json.WriteEndObject();
    }

    /// <summary>Writes the members <c>source</c> and <c>unserved</c> of an object.</summary>
    public static void WriteSource(Utf8JsonWriter json, SourceState source, IEnumerable<UnservedBackend> unserved)
    {
        json.WriteStartObject("source");
        json.WriteString("kind", source.Kind);
        json.WriteBoolean("synced", source.Synced);
        WriteTime(json, "last_contact", source.LastContact);
        if (source.Trouble is { } trouble)
        {
            json.WriteString("trouble", StatusText.Sanitise(trouble));
            WriteTime(json, "trouble_since", source.TroubleSince);
        }

        json.WriteEndObject();
        json.WriteStartArray("unserved");
        foreach (UnservedBackend backend in unserved)
        {
            json.WriteStartObject();
            json.WriteString("name", backend.Name);
            json.WriteString("reason", backend.Reason);
            json.WriteString("message", StatusText.Sanitise(backend.Message));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCatalog(Utf8JsonWriter json, CatalogReport catalog)
    {
        json.WriteStartObject("catalog");
        json.WriteNumber("version", catalog.Version);
        WriteCounts(json, catalog.Tools, catalog.Resources, catalog.ResourceTemplates, catalog.Prompts);
        json.WriteNumber("conflicts_total", catalog.Conflicts.Length);
        json.WriteStartArray("conflicts");
        foreach (CatalogConflict conflict in catalog.Conflicts.Take(MaxConflicts))
        {
            // Names come from backends and may be resource URIs, which can hold hosts and credentials.
            json.WriteStartObject();
            json.WriteString("kind", conflict.Kind.Word());
            json.WriteString("name", StatusText.Sanitise(conflict.Name));
            if (conflict.Winner is { } winner)
                json.WriteString("winner", winner);
            json.WriteStartArray("losers");
            foreach (string loser in conflict.Losers.Take(MaxLosers))
                json.WriteStringValue(loser);
            json.WriteEndArray();
            json.WriteString("reason", StatusText.Sanitise(conflict.Reason));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, int tools, int resources, int templates, int prompts)
    {
        json.WriteNumber("tools", tools);
        json.WriteNumber("resources", resources);
        json.WriteNumber("resource_templates", templates);
        json.WriteNumber("prompts", prompts);
    }

    private static void WriteNoCounts(Utf8JsonWriter json)
    {
        json.WriteNull("tools");
        json.WriteNull("resources");
        json.WriteNull("resource_templates");
        json.WriteNull("prompts");
    }

    private static void WriteCount(Utf8JsonWriter json, string name, StatusReport report, HealthStatus status) =>
        json.WriteNumber(name, report.Backends.Count(b => b.Health == status));

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is not null)
            json.WriteString(name, StatusWords.Rfc3339(time));
    }

    internal static IEnumerable<BackendReport> Sorted(StatusReport report) => report.Backends.OrderBy(b => b.Name, StringComparer.Ordinal);

    internal static byte[] Write(StatusReport report, Action<Utf8JsonWriter, StatusReport> members)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter json = new(buffer, Options))
        {
            json.WriteStartObject();
            members(json, report);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
