using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.ApiServer.Tests.Deploying;

/// <summary>What stands between the braces of a chart's template: a path, a text, a function, and pipes.</summary>
internal static partial class ChartExpression
{
    /// <summary>The value of an expression; <paramref name="dot"/> is what <c>.</c> means here, <paramref name="root"/> what <c>$</c> does.</summary>
    public static JsonNode? Value(string expression, JsonNode? dot, JsonNode root)
    {
        string[] steps = expression.Split('|', StringSplitOptions.TrimEntries);
        JsonNode? value = Call(Words(steps[0]), [], dot, root);
        foreach (string step in steps.Skip(1))
            value = Call(Words(step), [value], dot, root);
        return value;
    }

    /// <summary>As a template has it: absent, false, 0 and empty are no.</summary>
    public static bool IsTrue(JsonNode? value) => value switch
    {
        null => false,
        JsonArray list => list.Count > 0,
        JsonObject map => map.Count > 0,
        JsonValue one when one.TryGetValue(out bool flag) => flag,
        JsonValue one when one.TryGetValue(out string? text) => text.Length > 0,
        _ => value.ToString() != "0",
    };

    private static JsonNode? Call(string[] words, JsonNode?[] piped, JsonNode? dot, JsonNode root)
    {
        JsonNode?[] arguments = [.. words.Skip(1).Select(w => Operand(w, dot, root)), .. piped];
        return words[0] switch
        {
            "quote" => JsonValue.Create(JsonValue.Create(Text(arguments[0])).ToJsonString()),
            "default" => IsTrue(arguments[1]) ? arguments[1] : arguments[0],
            "toYaml" => JsonValue.Create(KubeYaml.Write(arguments[0]).TrimEnd('\n')),
            "nindent" => JsonValue.Create(Indented(Text(arguments[1]), int.Parse(Text(arguments[0]), CultureInfo.InvariantCulture))),
            "join" => JsonValue.Create(string.Join(Text(arguments[0]), arguments[1]!.AsArray().Select(Text))),
            _ when piped.Length == 0 && words.Length == 1 => Operand(words[0], dot, root),
            _ => throw new NotSupportedException($"the tests' renderer has no function {words[0]}; keep the chart to what it knows, or teach it"),
        };
    }

    private static JsonNode? Operand(string word, JsonNode? dot, JsonNode root)
    {
        if (word.StartsWith('"'))
            return JsonNode.Parse(word);
        if (int.TryParse(word, CultureInfo.InvariantCulture, out int number))
            return JsonValue.Create(number);
        JsonNode? value = word.StartsWith('$') ? root : dot;
        foreach (string name in word.TrimStart('$').Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (value is not JsonObject map || !map.TryGetPropertyValue(name, out value))
                throw new NotSupportedException($"{word}: there is no value {name}; every value of the chart stands in values.yaml");
        }

        return value;
    }

    /// <summary>A value as it is written into a template.</summary>
    public static string Text(JsonNode? value) => value is null ? "" : value.ToString();

    private static string Indented(string text, int spaces) =>
        "\n" + string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : new string(' ', spaces) + line));

    private static string[] Words(string call) => [.. Word().Matches(call).Select(m => m.Value)];

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();
}
