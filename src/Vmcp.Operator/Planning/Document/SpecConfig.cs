using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>Reads <c>spec.config</c> with the gateway's own reader, so that both know the same keys.</summary>
internal static class SpecConfig
{
    private const string Path = "spec.config";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The config as it is, or null when there is none.</summary>
    public static JsonElement? Raw(VirtualMCPServer server) =>
        server.Spec.Config is { ValueKind: JsonValueKind.Object } config ? config : null;

    /// <summary>The config read, or what is wrong with it; one message per mistake, each with its path.</summary>
    public static ReadSpec Read(VirtualMCPServer server)
    {
        if (server.Spec.Config is not { } raw || raw.ValueKind == JsonValueKind.Null)
            return new ReadSpec(new GatewayConfig(), []);
        if (raw.ValueKind == JsonValueKind.Object && !raw.EnumerateObject().MoveNext())
            return new ReadSpec(new GatewayConfig(), []);
        return Read(Text(raw), p => p.Length == 0 ? Path : $"{Path}.{p}");
    }

    /// <summary>One workflow as a VirtualMCPCompositeToolDefinition holds it.</summary>
    public static (CompositeToolConfig? Tool, ImmutableArray<string> Problems) ReadCompositeTool(VirtualMCPCompositeToolDefinition definition)
    {
        JsonElement spec = JsonSerializer.SerializeToElement(definition, ResourcesJson.Default.VirtualMCPCompositeToolDefinition).GetProperty("spec");
        const string Inside = "compositeTools[0]";
        ReadSpec read = Read(
            $"{{\"compositeTools\":[{Text(spec)}]}}", p => p.StartsWith(Inside, StringComparison.Ordinal) ? "spec" + p[Inside.Length..] : p);
        return (read.Config is { CompositeTools.IsEmpty: false } config ? config.CompositeTools[0] : null, read.Problems);
    }

    /// <summary>A problem without the place in the text we made: the user never saw that.</summary>
    public static string Tell(ConfigProblem problem, string path) => (problem with { Path = path, File = null, Line = 0 }).ToString();

    private static ReadSpec Read(string json, Func<string, string> path)
    {
        ConfigResult result = ConfigReader.Read(json, Path);
        return new ReadSpec(
            result.Config,
            [.. result.Problems.Where(p => p.Severity == Severity.Error).Select(p => Tell(p, path(p.Path))).Order(StringComparer.Ordinal)]);
    }

    private static string Text(JsonElement element)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Plain))
            element.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>What came of reading a part of a spec.</summary>
/// <param name="Config">The configuration; null when there is a problem.</param>
/// <param name="Problems">What is wrong, sorted.</param>
internal sealed record ReadSpec(GatewayConfig? Config, ImmutableArray<string> Problems);
