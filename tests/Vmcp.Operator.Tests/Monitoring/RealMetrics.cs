using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Hosting;

namespace Vmcp.Operator.Tests.Monitoring;

/// <summary>Every series the operator can show, read from its own page.</summary>
internal static partial class RealMetrics
{
    /// <summary>The labels of each name.</summary>
    public static IReadOnlyDictionary<string, HashSet<string>> Labels { get; } = Read();

    /// <summary>Names as they stand behind <c># TYPE</c>; a histogram once.</summary>
    public static string[] Families { get; } = [.. Type().Matches(Page()).Select(m => m.Groups[1].Value)];

    private static string Page()
    {
        OperatorMetrics metrics = new();
        metrics.Leader(true);
        metrics.Queue("virtualmcpserver", () => 1);
        metrics.Reconciled("virtualmcpserver", "error", TimeSpan.FromSeconds(1));
        metrics.RolledOut("image");
        metrics.Wrote("Deployment");
        metrics.Server(new ObjectKey("tools", "hub"), "Ready", ["ready", "unavailable"]);
        return metrics.Text();
    }

    private static Dictionary<string, HashSet<string>> Read()
    {
        Dictionary<string, HashSet<string>> found = [];
        foreach (Match sample in Sample().Matches(Page()))
        {
            if (!found.TryGetValue(sample.Groups[1].Value, out HashSet<string>? labels))
                found[sample.Groups[1].Value] = labels = [];
            labels.UnionWith(Label().Matches(sample.Groups[2].Value).Select(m => m.Groups[1].Value));
        }

        return found;
    }

    [GeneratedRegex(@"^# TYPE (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^([a-z]\w+)(?:\{(.*)\})? [\d.e+-]+$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"(\w+)=""")]
    private static partial Regex Label();
}
