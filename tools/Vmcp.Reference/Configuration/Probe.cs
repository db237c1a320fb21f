using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vmcp.Config.Reading;
using Vmcp.Config.Shapes;
using Vmcp.Config.Validation;

namespace Vmcp.Reference.Configuration;

/// <summary>Asks the gateway's own reader and rules about small files, so that the page says what they do.</summary>
internal static partial class Probe
{
    /// <summary>Paths of the keys that the rules miss in a file.</summary>
    public static IReadOnlySet<string> Missing(JsonObject file) =>
        Required(file).Where(p => !Choice().IsMatch(p.Message)).Select(p => Path(p.Path)).ToHashSet();

    /// <summary>Keys of which the rules miss exactly one in a file, by the path of one of them.</summary>
    public static IEnumerable<(string Path, string[] Keys)> MissingChoices(JsonObject file) =>
        from problem in Required(file)
        let choice = Choice().Match(problem.Message)
        where choice.Success
        select (Path(problem.Path), new[] { choice.Groups[1].Value, choice.Groups[2].Value });

    /// <summary>Whether a file is refused with <c>not supported yet</c> because of a key or of what is around it.</summary>
    public static bool Refuses(JsonObject file, string key)
    {
        ConfigResult read = ConfigReader.Read(file.ToJsonString(), "probe");
        return read.Draft is { } draft && NotSupportedYet.Find(draft).Select(p => Path(p.Path))
            .Any(refused => key.StartsWith(refused, StringComparison.Ordinal) && (key.Length == refused.Length || key[refused.Length] is '.' or '['));
    }

    /// <summary>Values to try a key with: for words each of them, else one or two.</summary>
    public static IEnumerable<JsonNode> Samples(ValueForm form) => form switch
    {
        ValueForm.Plain { Sample: "true" } => [JsonValue.Create(true), JsonValue.Create(false)],
        ValueForm.Plain plain => [JsonNode.Parse(plain.Sample)!],
        ValueForm.Word word => word.Words.Select(w => (JsonNode)JsonValue.Create(w.Key)),
        ValueForm.ListOf list => Samples(list.Item).Select(item => (JsonNode)new JsonArray(item)),
        ValueForm.MapOf map => Samples(map.Item).Select(item => (JsonNode)new JsonObject { ["x"] = item }),
        _ => [new JsonObject()],
    };

    private static IEnumerable<ConfigProblem> Required(JsonObject file) => ConfigFile.Load(file.ToJsonString(), "probe", _ => null).Problems
        .Where(p => p.Message.StartsWith("required", StringComparison.Ordinal));

    private static string Path(string path) => Index().Replace(path, "[]");

    [GeneratedRegex(@"exactly one of (\w+) and (\w+)")]
    private static partial Regex Choice();

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
