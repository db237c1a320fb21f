using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Core.Status;

/// <summary>Writes <c>/api/catalog</c>: the backends as in <c>/status</c>, each with its items and what became of them.</summary>
public static class CatalogJson
{
    /// <summary>Items written at most; <c>items_left_out</c> counts the others.</summary>
    public const int MaxItems = 50_000;

    /// <summary>The body of <c>/api/catalog</c>. Holds no URL: resource URIs keep their scheme only.</summary>
    public static byte[] Catalog(StatusReport report, ImmutableArray<ItemVerdict> verdicts) => StatusJson.Write(report, (json, report) =>
    {
        json.WriteString("name", report.Name);
        json.WriteString("version", report.Version);
        json.WriteString("group_ref", report.GroupRef);
        json.WriteString("mode", report.Mode.Word());
        json.WriteNumber("catalog_version", report.Catalog.Version);
        json.WriteNumber("items_left_out", Math.Max(0, verdicts.Length - MaxItems));
        ILookup<string, ItemVerdict> items = verdicts.Take(MaxItems).ToLookup(v => v.Backend, StringComparer.Ordinal);
        json.WriteStartArray("backends");
        foreach (BackendReport backend in StatusJson.Sorted(report))
        {
            json.WriteStartObject();
            StatusJson.WriteMembers(json, backend);
            json.WriteStartArray("items");
            foreach (ItemVerdict verdict in items[backend.Name])
                Write(json, verdict);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (report.Source is { } source)
            StatusJson.WriteSource(json, source, report.Unserved);
    });

    private static void Write(Utf8JsonWriter json, ItemVerdict verdict)
    {
        json.WriteStartObject();
        json.WriteString("kind", verdict.Kind.Word());
        json.WriteString("name", StatusText.Sanitise(verdict.OriginalName));
        if (verdict.ExposedName is { } exposed)
            json.WriteString("exposed_name", StatusText.Sanitise(exposed));
        json.WriteString("outcome", verdict.Outcome.Word());
        json.WriteString("reason", StatusText.Sanitise(verdict.Reason));
        if (verdict.RenamedBy != Renaming.None)
        {
            json.WriteStartArray("renamed_by");
            foreach (string word in verdict.RenamedBy.Words())
                json.WriteStringValue(word);
            json.WriteEndArray();
        }

        if (verdict.LostTo is { } winner)
            json.WriteString("lost_to", winner);
        if (verdict.DependsOnClient)
            json.WriteBoolean("depends_on_client", true);
        if (verdict.Obstacles.Length > 1)
        {
            json.WriteStartArray("obstacles");
            foreach (Obstacle obstacle in verdict.Obstacles)
            {
                json.WriteStartObject();
                json.WriteString("outcome", obstacle.Outcome.Word());
                json.WriteString("reason", StatusText.Sanitise(obstacle.Reason));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
