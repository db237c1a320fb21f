using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.KubeKit.Server;

namespace Vmcp.Reference.Tests;

public sealed partial class ConfigurationPageTests
{
    private static readonly string Page = Pages.All()["configuration.md"];
    private static readonly Dictionary<string, string> Keys = Rows().ToDictionary();
    private static readonly string Guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));

    [Fact]
    public void Each_setting_of_the_model_is_on_the_page()
    {
        Type[] records = [.. typeof(GatewayConfig).Assembly.GetExportedTypes().Where(t => t.Namespace == typeof(GatewayConfig).Namespace && t.IsClass)];
        records.Length.ShouldBeGreaterThan(20);

        foreach (PropertyInfo setting in records.SelectMany(t => t.GetProperties()).Where(p => p.CanWrite))
        {
            string key = JsonNamingPolicy.CamelCase.ConvertName(setting.Name);
            Keys.Keys.ShouldContain(path => path.Split('.').Last() == key, $"{setting.DeclaringType!.Name}.{setting.Name}");
        }
    }

    [Fact]
    public void The_reader_knows_each_key_on_the_page()
    {
        Keys.Count.ShouldBeGreaterThan(150);
        foreach (string path in Keys.Keys)
            ConfigReader.Read(FileWith(path), "page.yaml").Problems.ShouldNotContain(p => p.Message == "unknown key", path);
    }

    [Fact]
    public void A_key_that_is_not_on_the_page_is_an_error() =>
        ConfigReader.Read(FileWith("operational.nobodyKnows"), "page.yaml").Problems.ShouldContain(p => p.Message == "unknown key");

    [Theory]
    [InlineData("backends[].url", "| `url` | string | **required** |")]
    [InlineData("operational.timeouts.default", "| `default` | duration | `30s` |")]
    [InlineData("operational.failureHandling.circuitBreaker.failureThreshold", "| integer | `5` |")]
    [InlineData("aggregation.conflictResolution", "| word | `prefix` |")]
    [InlineData("aggregation.conflictResolutionConfig.prefixFormat", "| `{workload}_` |")]
    [InlineData("aggregation.conflictResolutionConfig.priorityOrder", "Required when `aggregation.conflictResolution` is `priority`.")]
    [InlineData("outgoingAuth.default.headerInjection.headerValueEnv", "Exactly one of `headerValue` and `headerValueEnv` is required.")]
    [InlineData("outgoingAuth.default.tokenExchange.tokenUrl", "| **required** |")]
    [InlineData("sessionStorage.provider", "**Not supported yet: `redis`.**")]
    [InlineData("audit.enabled", "**Not supported yet: `true`.**")]
    [InlineData("rateLimiting.shared.maxTokens", "**Not supported yet.**")]
    public void A_key_says_what_the_code_does(string path, string words) => Keys[path].ShouldContain(words);

    [Fact]
    public void A_key_that_is_honoured_is_not_called_unsupported()
    {
        foreach (string path in (string[])["backends", "aggregation.tools[].filter", "aggregation.tools[].overrides.<name>.annotations.title", "incomingAuth.oidc"])
            Keys[path].ShouldNotContain("Not supported yet", customMessage: path);
    }

    [Fact]
    public void Each_key_the_guide_names_exists()
    {
        string[] named = [.. Named("Honoured today", ""), .. Named("`incomingAuth.oidc`", "incomingAuth.oidc.")];

        named.Length.ShouldBeGreaterThan(40);
        foreach (string path in named)
            Keys.ShouldContainKey(path, $"docs/configuration.md names {path}");
    }

    [Fact]
    public void What_the_guide_calls_refused_is_refused()
    {
        string text = Part("Read and validated, but refused by `serve`").Split("\n\n")[1];
        string[] named = [.. Code().Matches(text).Select(m => m.Groups[1].Value.Split(':')[0]).Where(Keys.ContainsKey)];

        named.Length.ShouldBeGreaterThan(9);
        foreach (string path in named)
            Keys[path].ShouldContain("Not supported yet", customMessage: path);
        foreach ((string path, _) in Keys.Where(key => key.Value.Contains("Not supported yet", StringComparison.Ordinal)))
            named.ShouldContain(known => path == known || path.StartsWith($"{known}.", StringComparison.Ordinal) || path.StartsWith($"{known}[]", StringComparison.Ordinal), path);
    }

    private static IEnumerable<KeyValuePair<string, string>> Rows()
    {
        string at = "";
        foreach (string line in Page.Split('\n'))
        {
            if (Heading().Match(line) is { Success: true } heading)
                at = heading.Groups[1].Value == "The file" ? "" : Unescaped(heading.Groups[1].Value) + ".";
            else if (Row().Match(line) is { Success: true } row)
                yield return new(at + row.Groups[1].Value, line);
        }
    }

    private static string Unescaped(string text) => text.Replace("\\", "", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal);

    // The key with a value no key takes: unknown keys are reported whatever stands there.
    private static string FileWith(string path) => path.Split('.').Reverse().Aggregate("null", (inner, step) =>
        step.EndsWith("[]", StringComparison.Ordinal) ? $"{{\"{step[..^2]}\": [{inner}]}}" : $"{{\"{step}\": {inner}}}");

    private static IEnumerable<string> Named(string heading, string prefix) => Part(heading).Split('\n').Select(line => Row().Match(line))
        .Where(row => row.Success).Select(row => prefix + Chosen().Replace(row.Groups[1].Value, ""));

    private static string Part(string heading)
    {
        int begin = Guide.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        begin.ShouldBeGreaterThan(0, heading);
        int end = Guide.IndexOf("\n## ", begin + 4, StringComparison.Ordinal);
        return Guide[(begin + 1)..end];
    }

    [GeneratedRegex("^##+ <a id=\"[^\"]+\"></a>(.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| `([^`]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\.<\w+>$")]
    private static partial Regex Chosen();
}
