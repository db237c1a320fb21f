using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.Yaml;

/// <summary>Manifests as people and kubectl write them: YAML or JSON text to JSON objects and back.</summary>
public static class KubeYaml
{
    /// <summary>A text may have so many characters.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>Lists and maps may be nested so deeply.</summary>
    public const int MaxDepth = 128;

    /// <summary>So many values at most in one text, aliases counted in full (no "billion laughs").</summary>
    public const int MaxNodes = 1_000_000;

    /// <summary>
    /// Reads all documents of a text, as kubectl reads them: empty ones are skipped, scalars follow YAML 1.1 (<c>yes</c> is a boolean,
    /// <c>0400</c> is octal), keys become text, a repeated key is an error.
    /// </summary>
    /// <param name="text">YAML, or JSON, which is YAML too.</param>
    /// <param name="fileName">What messages call the text.</param>
    /// <exception cref="KubeYamlException">The text cannot be read, or a document is no map.</exception>
    public static IReadOnlyList<YamlDocument> ReadAll(string text, string fileName)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new YamlReader(text, fileName).Documents();
    }

    /// <summary>Writes one value as block-style YAML in the order its members have; equal trees give equal bytes.</summary>
    /// <param name="node">The value.</param>
    public static string Write(JsonNode? node) => YamlWriter.Write(node);
}

/// <summary>One document of a text.</summary>
/// <param name="Body">The object; the caller's to change.</param>
/// <param name="FileName">The text it came from.</param>
/// <param name="Line">The line its first member stands on, counted from 1.</param>
public sealed record YamlDocument(JsonObject Body, string FileName, int Line);

/// <summary>A text is no YAML, or not what a manifest may be.</summary>
/// <param name="fileName">What the text is called.</param>
/// <param name="line">Where, counted from 1.</param>
/// <param name="problem">What is wrong; no value of the text is in it.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class KubeYamlException(string fileName, int line, string problem, Exception? inner = null)
    : Exception($"{fileName}:{line}: {problem}", inner)
{
    /// <summary>What the text is called.</summary>
    public string FileName => fileName;

    /// <summary>Where, counted from 1.</summary>
    public int Line => line;

    /// <summary>What is wrong, without the place.</summary>
    public string Problem => problem;
}
