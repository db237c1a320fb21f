using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Operator.Tests.Monitoring;

/// <summary>Alerts and dashboard ask only for what the operator tells. Expressions are read for their metrics and labels; nobody here evaluates PromQL.</summary>
public sealed partial class MonitoringTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "monitoring");
    private static readonly string Runbook = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));

    public static TheoryData<string> Alerts => [.. Rules().Select(r => r["alert"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_is_about_real_metrics_and_says_what_to_do(string alert)
    {
        JsonNode rule = Rules().Single(r => r["alert"]!.GetValue<string>() == alert);
        JsonNode notes = rule["annotations"]!;

        AsksForWhatThereIs(rule["expr"]!.GetValue<string>());
        rule["labels"]!["severity"]!.GetValue<string>().ShouldBeOneOf("warning", "critical");
        notes["summary"]!.GetValue<string>().ShouldNotBeEmpty();
        notes["description"]!.GetValue<string>().ShouldNotBeEmpty();
        notes["runbook"]!.GetValue<string>().ShouldBe($"docs/operations.md#{alert.ToLowerInvariant()}");
        Runbook.ShouldContain($"### {alert}\n");
        // A label in a text must be one the expression keeps.
        foreach (Match used in Used().Matches(notes.ToJsonString()))
            rule["expr"]!.GetValue<string>().ShouldMatch($@"\bby \([^)]*\b{used.Groups[1].Value}\b");
    }

    [Fact]
    public void The_runbook_has_no_alert_that_is_not_there() =>
        Regex.Matches(Runbook, "^### (Vmcp.*)$", RegexOptions.Multiline).Select(m => m.Groups[1].Value).ShouldBe(Rules().Select(r => r["alert"]!.GetValue<string>()));

    [Fact]
    public void The_resource_of_the_Prometheus_operator_has_the_same_alerts() =>
        Yaml("prometheus-operator", "prometheusrule.yaml")["spec"]!.ToJsonString().ShouldBe(Yaml("alerts.yaml").ToJsonString());

    [Fact]
    public void The_monitor_asks_the_port_the_operator_has()
    {
        JsonNode monitor = Yaml("prometheus-operator", "podmonitor.yaml")["spec"]!;
        JsonNode deployment = KubeYaml.ReadAll(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "operator", "base", "deployment.yaml")), "deployment").Single().Body;
        JsonNode template = deployment["spec"]!["template"]!;

        JsonNode.DeepEquals(monitor["selector"]!["matchLabels"], template["metadata"]!["labels"]).ShouldBeTrue();
        template["spec"]!["containers"]![0]!["ports"]!.AsArray().Select(p => p!["name"]!.GetValue<string>())
            .ShouldContain(monitor["podMetricsEndpoints"]![0]!["port"]!.GetValue<string>());
    }

    [Fact]
    public void The_dashboard_asks_for_what_there_is()
    {
        JsonNode dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "grafana-dashboard.json")))!;
        JsonNode[] panels = [.. dashboard["panels"]!.AsArray()!];
        string[] expressions = [.. panels.SelectMany(p => p["targets"]?.AsArray() ?? []).Select(t => t!["expr"]!.GetValue<string>())];

        panels.Select(p => p["id"]!.GetValue<int>()).ShouldBeUnique();
        panels.Where(p => p["type"]!.GetValue<string>() != "row").ShouldAllBe(p => p["description"]!.GetValue<string>().Length > 0);
        expressions.Length.ShouldBeGreaterThan(10);
        foreach (string expression in expressions)
            AsksForWhatThereIs(expression);
        foreach (JsonNode? variable in dashboard["templating"]!["list"]!.AsArray().Where(v => v!["type"]!.GetValue<string>() == "query"))
        {
            Match query = Regex.Match(variable!["query"]!["query"]!.GetValue<string>(), @"^label_values\((\w+)(?:\{[^}]*\})?, (\w+)\)$");
            RealMetrics.Labels[query.Groups[1].Value].ShouldContain(query.Groups[2].Value);
        }
    }

    [Fact]
    public void Every_metric_is_explained_and_shown_and_no_other()
    {
        string[] explained = [.. Regex.Matches(Runbook, @"^\| `(vmcp_\w+)` \|([^|]*)\|", RegexOptions.Multiline).Select(m => m.Groups[1].Value)];
        string dashboard = File.ReadAllText(Path.Combine(Folder, "grafana-dashboard.json"));

        explained.ShouldBe(RealMetrics.Families, ignoreOrder: true);
        RealMetrics.Families.ShouldAllBe(name => dashboard.Contains(name, StringComparison.Ordinal));
        foreach (Match row in Regex.Matches(Runbook, @"^\| `(vmcp_\w+)` \|([^|]*)\|", RegexOptions.Multiline))
        {
            string name = row.Groups[1].Value;
            IEnumerable<string> labels = RealMetrics.Labels.Where(m => m.Key.StartsWith(name, StringComparison.Ordinal)).SelectMany(m => m.Value).Distinct().Except(["le"]);
            Regex.Matches(row.Groups[2].Value, "`(\\w+)`").Select(m => m.Groups[1].Value).ShouldBe(labels, ignoreOrder: true, name);
        }
    }

    private static void AsksForWhatThereIs(string expression)
    {
        expression.Count(c => c == '(').ShouldBe(expression.Count(c => c == ')'), expression);
        expression.Count(c => c == '{').ShouldBe(expression.Count(c => c == '}'), expression);
        string[] names = [.. Metric().Matches(expression).Select(m => m.Value)];
        names.ShouldNotBeEmpty(expression);
        names.ShouldAllBe(name => RealMetrics.Labels.ContainsKey(name), expression);
        IEnumerable<string> known = names.SelectMany(n => RealMetrics.Labels[n]);
        foreach (Match selector in Selector().Matches(expression))
            Matcher().Matches(selector.Groups[1].Value).Select(m => m.Groups[1].Value).ShouldBeSubsetOf(known, expression);
        foreach (Match by in By().Matches(expression))
            by.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries).ShouldBeSubsetOf(known, expression);
    }

    private static IEnumerable<JsonNode> Rules() => Yaml("alerts.yaml")["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray())!;

    private static JsonObject Yaml(params string[] path) => KubeYaml.ReadAll(File.ReadAllText(Path.Combine([Folder, .. path])), path[^1]).Single().Body;

    [GeneratedRegex(@"\bvmcp_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("(\\w+)(?:=~|!~|!=|=)\"")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex By();

    [GeneratedRegex(@"\$labels\.(\w+)")]
    private static partial Regex Used();
}
