using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vmcp.Cli.Explaining;

/// <summary>Writes an explanation for scripts.</summary>
internal static class ExplanationJson
{
    /// <summary>One JSON object.</summary>
    public static string Write(Explanation explanation)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("asked", explanation.Asked);
            json.WriteString("answer", explanation.ExitCode switch { 0 => "visible", 1 => "not_visible", _ => "unknown" });
            json.WriteStartArray("matches");
            foreach (Chain chain in explanation.Chains)
                Write(json, chain);
            json.WriteEndArray();
            Write(json, "suggestions", explanation.Suggestions);
            Write(json, "notes", explanation.Notes);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, Chain chain)
    {
        json.WriteStartObject();
        json.WriteString("kind", chain.Kind);
        json.WriteString("backend", chain.Backend);
        json.WriteString("name", chain.Name);
        if (chain.ExposedName is { } exposed)
            json.WriteString("exposed_name", exposed);
        json.WriteBoolean("visible", chain.IsVisible);
        if (chain.End is { } end)
            json.WriteString("reason", end.Text);
        json.WriteStartArray("steps");
        foreach (Step step in chain.Steps)
        {
            json.WriteStartObject();
            json.WriteString("step", step.Name);
            json.WriteString("state", step.State switch { StepState.Ok => "ok", StepState.Failed => "failed", _ => "unknown" });
            json.WriteString("text", step.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
