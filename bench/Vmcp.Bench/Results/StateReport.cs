using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Vmcp.Bench.Measures;

namespace Vmcp.Bench.Results;

/// <summary>Figures by name, against their budgets.</summary>
/// <param name="rows">The figures.</param>
internal sealed class StateReport(IReadOnlyList<StateRow> rows)
{
    /// <summary>For a page, and readable on a screen.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new("| what | median | unit | spread | budget |\n|---|---:|---|---:|---|\n");
        foreach (StateRow row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Figure.Median:0.##} | {row.Unit} | {row.Figure.Spread * 100:0}% | {Verdict(row)} |\n");
        return text.ToString();
    }

    /// <summary>For programs.</summary>
    public string ToJson(JsonObject machine) => new JsonObject
    {
        ["machine"] = machine,
        ["rows"] = new JsonArray([.. rows.Select(r => (JsonNode)new JsonObject
        {
            ["name"] = r.Name,
            ["unit"] = r.Unit,
            ["median"] = Math.Round(r.Figure.Median, 3),
            ["spread"] = Math.Round(r.Figure.Spread, 3),
            ["values"] = new JsonArray([.. r.Figure.Values.Select(v => (JsonNode)JsonValue.Create(Math.Round(v, 3)))]),
            ["budget"] = r.Budget,
        })]),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });

    /// <summary>Whether a figure keeps its budget, in words.</summary>
    internal static string Verdict(StateRow row) => row.Budget is not { } budget ? ""
        : row.Figure.Median <= budget ? string.Create(CultureInfo.InvariantCulture, $"≤ {budget:0.##}: met")
        : string.Create(CultureInfo.InvariantCulture, $"≤ {budget:0.##}: missed by {(row.Figure.Median / budget - 1) * 100:0}%");
}
