using Vmcp.Core.Health;
using Vmcp.Core.Status;

namespace Vmcp.Cli.Serving;

/// <summary>The one line that says the gateway is up.</summary>
internal static class StartLine
{
    /// <summary><c>vmcp 0.1.0 serving http://127.0.0.1:4483/mcp · mode inline · 3 backends (2 healthy, 1 unhealthy) · 27 tools</c>.</summary>
    public static string Of(StatusReport status, Uri endpoint)
    {
        string health = string.Join(", ", status.Backends
            .GroupBy(b => b.Health)
            .OrderBy(g => g.Key == HealthStatus.Healthy ? 0 : 1)
            .ThenBy(g => g.Key)
            .Select(g => $"{g.Count()} {g.Key.Word()}"));
        string backends = Count(status.Backends.Length, "backend") + (health.Length > 0 ? $" ({health})" : "");
        return $"vmcp {status.Version} serving {endpoint} · mode {status.Mode.Word()} · {backends} · {Count(status.Catalog.Tools, "tool")}";
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
