using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Hosting;

/// <summary>
/// What the operator counts, and its text in the Prometheus exposition format 0.0.4. Our own small writer: no package for it can be had
/// (design 6). Bounded by controllers, results, and the VirtualMCPServers that exist.
/// </summary>
public sealed class OperatorMetrics
{
    private static readonly ImmutableArray<double> Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly ImmutableArray<string> Phases = ["Pending", "Ready", "Degraded", "Failed"];

    private readonly ConcurrentDictionary<(string Controller, string Result), long> _reconciles = new();
    private readonly ConcurrentDictionary<string, Histogram> _durations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _rollouts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _writes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<int>> _depths = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ObjectKey, (string Phase, ImmutableSortedDictionary<string, int> Backends)> _servers = new();
    private volatile bool _leader;

    private sealed class Histogram
    {
        public long[] Buckets { get; } = new long[Bounds.Length + 1];

        public double Sum { get; set; }

        public long Count { get; set; }

        public Lock Gate { get; } = new();
    }

    /// <summary>Counts one reconcile: <c>success</c>, <c>requeue</c>, <c>error</c> or <c>stopped</c>.</summary>
    public void Reconciled(string controller, string result, TimeSpan took)
    {
        _reconciles.AddOrUpdate((controller, result), 1, static (_, n) => n + 1);
        Histogram histogram = _durations.GetOrAdd(controller, static _ => new Histogram());
        double seconds = took.TotalSeconds;
        int bucket = 0;
        while (bucket < Bounds.Length && seconds > Bounds[bucket])
            bucket++;
        lock (histogram.Gate)
        {
            histogram.Buckets[bucket]++;
            histogram.Sum += seconds;
            histogram.Count++;
        }
    }

    /// <summary>Reconciles counted so far for a controller and result.</summary>
    public long Reconciles(string controller, string result) => _reconciles.GetValueOrDefault((controller, result));

    /// <summary>Counts a replacement of pods.</summary>
    public void RolledOut(string reason) => _rollouts.AddOrUpdate(reason, 1, static (_, n) => n + 1);

    /// <summary>Counts writes of a kind of object.</summary>
    public void Wrote(string kind, int count = 1)
    {
        if (count > 0)
            _writes.AddOrUpdate(kind, count, (_, n) => n + count);
    }

    /// <summary>Says how the depth of a controller's queue is read.</summary>
    public void Queue(string controller, Func<int> depth) => _depths[controller] = depth;

    /// <summary>Says what a server's status says.</summary>
    public void Server(ObjectKey server, string phase, IEnumerable<string> backendStates) =>
        _servers[server] = (phase, backendStates.GroupBy(s => s, StringComparer.Ordinal).ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal));

    /// <summary>Forgets a server that is gone.</summary>
    public void Forget(ObjectKey server) => _servers.TryRemove(server, out _);

    /// <summary>Says whether this replica leads.</summary>
    public void Leader(bool leads) => _leader = leads;

    /// <summary>The page of <c>/metrics</c>, in a stable order.</summary>
    public string Text()
    {
        StringBuilder text = new();
        Head(text, "vmcp_operator_reconcile_total", "counter", "Reconciles by controller and result.");
        foreach (((string controller, string result), long n) in _reconciles.OrderBy(r => r.Key))
            Sample(text, "vmcp_operator_reconcile_total", n, ("controller", controller), ("result", result));
        Head(text, "vmcp_operator_reconcile_errors_total", "counter", "Reconciles that ended in an error, by controller.");
        foreach (string controller in _reconciles.Keys.Select(k => k.Controller).Distinct().Order(StringComparer.Ordinal))
            Sample(text, "vmcp_operator_reconcile_errors_total", _reconciles.GetValueOrDefault((controller, "error")), ("controller", controller));
        Durations(text);
        Head(text, "vmcp_operator_queue_depth", "gauge", "Objects waiting to be reconciled, by controller.");
        foreach ((string controller, Func<int> depth) in _depths.OrderBy(d => d.Key, StringComparer.Ordinal))
            Sample(text, "vmcp_operator_queue_depth", depth(), ("controller", controller));
        Head(text, "vmcp_operator_writes_total", "counter", "Writes to the API server by kind of object.");
        foreach ((string kind, long n) in _writes.OrderBy(w => w.Key, StringComparer.Ordinal))
            Sample(text, "vmcp_operator_writes_total", n, ("kind", kind));
        Head(text, "vmcp_operator_rollouts_total", "counter", "Gateway rollouts by reason.");
        foreach ((string reason, long n) in _rollouts.OrderBy(r => r.Key, StringComparer.Ordinal))
            Sample(text, "vmcp_operator_rollouts_total", n, ("reason", reason));
        Head(text, "vmcp_operator_leader", "gauge", "1 while this replica leads.");
        Sample(text, "vmcp_operator_leader", _leader ? 1 : 0);
        Servers(text);
        return text.ToString();
    }

    private void Durations(StringBuilder text)
    {
        const string Name = "vmcp_operator_reconcile_duration_seconds";
        Head(text, Name, "histogram", "Duration of reconciles by controller.");
        foreach ((string controller, Histogram histogram) in _durations.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            lock (histogram.Gate)
            {
                long below = 0;
                for (int i = 0; i < Bounds.Length; i++)
                {
                    below += histogram.Buckets[i];
                    Sample(text, Name + "_bucket", below, ("controller", controller), ("le", Bounds[i].ToString(CultureInfo.InvariantCulture)));
                }

                Sample(text, Name + "_bucket", histogram.Count, ("controller", controller), ("le", "+Inf"));
                Sample(text, Name + "_sum", histogram.Sum, ("controller", controller));
                Sample(text, Name + "_count", histogram.Count, ("controller", controller));
            }
        }
    }

    private void Servers(StringBuilder text)
    {
        List<KeyValuePair<ObjectKey, (string Phase, ImmutableSortedDictionary<string, int> Backends)>> servers = [.. _servers.OrderBy(s => s.Key)];
        Head(text, "vmcp_phase", "gauge", "1 for the phase a VirtualMCPServer is in, 0 for the others.");
        foreach ((ObjectKey key, (string phase, _)) in servers)
        {
            foreach (string candidate in Phases)
                Sample(text, "vmcp_phase", candidate == phase ? 1 : 0, ("namespace", key.Namespace), ("name", key.Name), ("phase", candidate));
        }

        Head(text, "vmcp_backends", "gauge", "Backends of a VirtualMCPServer by state.");
        foreach ((ObjectKey key, (_, ImmutableSortedDictionary<string, int> backends)) in servers)
        {
            foreach ((string state, int n) in backends)
                Sample(text, "vmcp_backends", n, ("namespace", key.Namespace), ("name", key.Name), ("state", state));
        }
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Sample(StringBuilder text, string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        text.Append(name);
        for (int i = 0; i < labels.Length; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"").Append(Escape(labels[i].Value)).Append('"');
            if (i == labels.Length - 1)
                text.Append('}');
        }

        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
