using System.Text.RegularExpressions;
using Vmcp.Config.Model;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Values;

namespace Vmcp.Config.Validation;

/// <summary>How the backends' items become one list.</summary>
internal static partial class AggregationRules
{
    public static void Check(GatewayConfig config, ProblemList problems)
    {
        if (config.Aggregation is not { } aggregation)
            return;
        string[] names = [.. config.Backends.Select(b => b.Name ?? "")];
        CheckStrategy(aggregation, config.Backends.Count, names, problems);
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        for (int i = 0; i < aggregation.Tools.Count; i++)
            CheckTools(aggregation.Tools[i], i, places, names, problems);
    }

    private static void CheckStrategy(AggregationConfig aggregation, int backends, string[] names, ProblemList problems)
    {
        const string Order = "aggregation.conflictResolutionConfig.priorityOrder";
        EquatableArray<string> order = aggregation.ConflictResolutionConfig?.PriorityOrder ?? [];
        ConflictStrategy strategy = aggregation.EffectiveConflictResolution;
        CheckPrefix(aggregation, backends, problems);
        if (strategy == ConflictStrategy.Priority && order.Count == 0)
            problems.Error(Order, "required for priority: backend names, best first");
        if (strategy != ConflictStrategy.Priority && order.Count > 0)
            problems.Warn(Order, "only conflictResolution: priority uses it");
        if (strategy == ConflictStrategy.Manual && aggregation.Tools.IsEmpty)
            problems.Error("aggregation.tools", "required for manual: the overrides that resolve the conflicts");
        Ensure.Distinct(order, Order, problems);
        for (int i = 0; i < order.Count; i++)
        {
            Ensure.KnownBackend(order[i], $"{Order}[{i}]", names, problems);
            if (strategy == ConflictStrategy.Priority
                && aggregation.DefaultToolVisibility == ToolVisibility.Deny
                && order[i].Length > 0
                && !aggregation.Tools.Any(t => t.Workload == order[i]))
            {
                problems.Error($"{Order}[{i}]", $"\"{order[i]}\" has no entry in aggregation.tools, and defaultToolVisibility: deny hides it");
            }
        }
    }

    // Without {workload} equal names of two backends collide; the catalog settles that by rule, so it is a warning.
    private static void CheckPrefix(AggregationConfig aggregation, int backends, ProblemList problems)
    {
        const string Path = "aggregation.conflictResolutionConfig.prefixFormat";
        if (aggregation.ConflictResolutionConfig?.PrefixFormat is not { } format)
            return;
        bool prefix = aggregation.EffectiveConflictResolution == ConflictStrategy.Prefix;
        string rest = format.Replace("{workload}", "", StringComparison.Ordinal);
        if (format.Length == 0 && prefix)
            problems.Error(Path, "prefixFormat is required for prefix", "write \"{workload}_\", or conflictResolution: priority for bare names");
        else if (rest.AsSpan().ContainsAny('{', '}'))
            problems.Error(Path, $"\"{format}\": only {{workload}} is replaced", "write \"{workload}_\"");
        else if (!NameCharacters().IsMatch(rest))
            problems.Error(Path, $"\"{format}\" makes names that clients refuse", "use letters, digits, '_', '-' and '.' around {workload}");
        else if (rest.Length == format.Length && prefix && backends > 1)
            problems.Warn(Path, "has no {workload}, so equal names of two backends collide", "write \"{workload}_\"");
    }

    private static void CheckTools(WorkloadToolsConfig tools, int index, Dictionary<string, int> places, string[] names, ProblemList problems)
    {
        string path = $"aggregation.tools[{index}]";
        if (Ensure.Required(tools.Workload, $"{path}.workload", "required: the backend these rules are for", problems))
        {
            if (!places.TryAdd(tools.Workload!, index))
                problems.Error($"{path}.workload", $"\"{tools.Workload}\" already has rules in aggregation.tools[{places[tools.Workload!]}]");
            Ensure.KnownBackend(tools.Workload, $"{path}.workload", names, problems);
        }

        if (tools.ToolConfigRef is not null)
            Ensure.Required(tools.ToolConfigRef.Name, $"{path}.toolConfigRef.name", "required", problems);
        Ensure.Distinct(tools.Filter, $"{path}.filter", problems);
        if (tools.ExcludeAll == true && !tools.Filter.IsEmpty)
            problems.Warn($"{path}.filter", "has no effect while excludeAll is true");
        Dictionary<string, string> renamed = new(StringComparer.Ordinal);
        foreach ((string tool, ToolOverrideConfig change) in tools.Overrides)
            CheckOverride(tool, change, $"{path}.overrides.{tool}", renamed, problems);
    }

    private static void CheckOverride(
        string tool, ToolOverrideConfig change, string path, Dictionary<string, string> renamed, ProblemList problems)
    {
        if (tool.Length == 0)
            problems.Error(path, "the tool's name must not be empty");
        bool annotated = change.Annotations is not null && change.Annotations != new ToolAnnotationsConfig();
        if (change.Name is null && change.Description is null && !annotated)
            problems.Error(path, "changes nothing", "write name, description or annotations");
        Ensure.NotEmpty(change.Name, $"{path}.name", problems);
        if (string.IsNullOrEmpty(change.Name))
            return;
        if (!NameCharacters().IsMatch(change.Name) || change.Name.Length > 128)
            problems.Error($"{path}.name", $"\"{change.Name}\" is not a tool name", "use at most 128 letters, digits, '_', '-' and '.'");
        if (!renamed.TryAdd(change.Name, tool))
            problems.Error($"{path}.name", $"\"{renamed[change.Name]}\" is renamed to \"{change.Name}\" as well");
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameCharacters();
}
