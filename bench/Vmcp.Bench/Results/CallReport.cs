using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Bench.Results;

/// <summary>The rows of a run as a table, as Markdown and as JSON.</summary>
/// <param name="rows">All rows, direct ones too.</param>
internal sealed class CallReport(IReadOnlyList<CallRow> rows)
{
    private static readonly string[] Heads =
        ["pair", "clients", "bytes", "backends", "auth", "via", "calls/s", "±", "ratio", "p50 ms", "p99 ms", "CPU µs", "user", "kernel", "× backend", "RSS MB", "errors"];

    /// <summary>The rows.</summary>
    public IReadOnlyList<CallRow> Rows => rows;

    /// <summary>For a screen.</summary>
    public string ToTable() => Render((cells, widths) => string.Join("  ", cells.Select((c, i) => i is 0 or 4 or 5 ? c.PadRight(widths[i]) : c.PadLeft(widths[i]))).TrimEnd(), null);

    /// <summary>For a page.</summary>
    public string ToMarkdown() => Render((cells, _) => $"| {string.Join(" | ", cells)} |", $"|{string.Concat(Heads.Select((_, i) => i is 0 or 4 or 5 ? "---|" : "---:|"))}");

    /// <summary>For programs. Every round is kept.</summary>
    public string ToJson(JsonObject machine)
    {
        JsonArray list = [];
        foreach (CallRow row in rows)
        {
            CallCase what = row.Case;
            list.Add(new JsonObject
            {
                ["pair"] = what.Pair,
                ["clients"] = what.Clients,
                ["payloadBytes"] = what.Payload,
                ["backends"] = what.Backends,
                ["auth"] = what.Auth,
                ["via"] = what.ViaGateway ? "gateway" : "direct",
                ["callsPerSecond"] = Json(row.Median(r => r.PerSecond)),
                ["spread"] = Json(row.Of(r => r.PerSecond).Spread),
                ["ratioToDirect"] = Json(row.Ratio.Median),
                ["p50Ms"] = Json(row.Median(r => r.P50)),
                ["p99Ms"] = Json(row.Median(r => r.P99)),
                ["gatewayUserMicroseconds"] = Json(row.Median(r => r.UserMicroseconds)),
                ["gatewayKernelMicroseconds"] = Json(row.Median(r => r.KernelMicroseconds)),
                ["backendMicroseconds"] = Json(row.Median(r => r.BackendMicroseconds)),
                ["gatewayResidentMb"] = Json(row.Median(r => r.ResidentMb)),
                ["errors"] = row.Errors,
                ["rounds"] = new JsonArray([.. row.Rounds.Select(r => (JsonNode)new JsonObject
                {
                    ["callsPerSecond"] = Json(r.PerSecond), ["p50Ms"] = Json(r.P50), ["p99Ms"] = Json(r.P99),
                })]),
            });
        }

        return new JsonObject { ["machine"] = machine, ["rows"] = list }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonValue? Json(double value) => double.IsNaN(value) ? null : JsonValue.Create(Math.Round(value, 4));

    private string Render(Func<string[], int[], string> line, string? rule)
    {
        List<string[]> table = [Heads, .. rows.Select(Cells)];
        int[] widths = [.. Heads.Select((_, i) => table.Max(cells => cells[i].Length))];
        StringBuilder text = new();
        text.AppendLine(line(Heads, widths));
        if (rule is not null)
            text.AppendLine(rule);
        foreach (string[] cells in table.Skip(1))
            text.AppendLine(line(cells, widths));
        return text.ToString();
    }

    private string[] Cells(CallRow row)
    {
        CallCase what = row.Case;
        double quotient = row.Cpu / new Figure([.. row.Beside.Select(r => r.BackendMicroseconds)]).Median;
        return
        [
            what.Pair, Text(what.Clients, "0"), Text(what.Payload, "0"), what.ViaGateway ? Text(what.Backends, "0") : "", what.ViaGateway ? what.Auth : "",
            what.ViaGateway ? "gateway" : "direct", Text(row.Median(r => r.PerSecond), "0"), Text(row.Of(r => r.PerSecond).Spread * 100, "0") + "%",
            Text(row.Ratio.Median, "0.00"), Text(row.Median(r => r.P50), "0.000"), Text(row.Median(r => r.P99), "0.00"), Text(row.Cpu, "0"),
            Text(row.Median(r => r.UserMicroseconds), "0"), Text(row.Median(r => r.KernelMicroseconds), "0"), Text(quotient, "0.0"),
            Text(row.Median(r => r.ResidentMb), "0"), Text(row.Errors, "0"),
        ];
    }

    private static string Text(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);
}
