using System.Globalization;
using Vmcp.Core.Backends;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs.Verdicts;
using Vmcp.Core.Health;

namespace Vmcp.Core.Status;

/// <summary>The words the outside knows our states by (vmcp-runtime 3.2 to 3.4).</summary>
public static class StatusWords
{
    /// <summary><c>healthy</c>, <c>degraded</c>, <c>unhealthy</c>, <c>unauthenticated</c> or <c>unknown</c>.</summary>
    public static string Word(this HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        HealthStatus.Unhealthy => "unhealthy",
        HealthStatus.Unauthenticated => "unauthenticated",
        _ => "unknown",
    };

    /// <summary>The category as <c>LastErrorCategory</c> spells it; empty without a failure.</summary>
    public static string Word(this FailureCategory category) => category switch
    {
        FailureCategory.AuthenticationFailed => "authentication_failed",
        FailureCategory.Timeout => "timeout",
        FailureCategory.Cancelled => "cancelled",
        FailureCategory.BackendUnavailable => "backend_unavailable",
        FailureCategory.ConnectionFailed => "connection_failed",
        FailureCategory.HealthCheckFailed => "health_check_failed",
        _ => "",
    };

    /// <summary><c>closed</c>, <c>open</c> or <c>half-open</c>.</summary>
    public static string Word(this BreakerStatus status) => status switch
    {
        BreakerStatus.Open => "open",
        BreakerStatus.HalfOpen => "half-open",
        _ => "closed",
    };

    /// <summary><c>streamable-http</c> or <c>sse</c>, as in the configuration.</summary>
    public static string Word(this BackendTransport transport) => transport == BackendTransport.Sse ? "sse" : "streamable-http";

    /// <summary><c>inline</c> or <c>discovered</c>, as in the configuration.</summary>
    public static string Word(this GatewayMode mode) => mode == GatewayMode.Discovered ? "discovered" : "inline";

    /// <summary><c>static</c> or <c>dynamic</c>, as <c>/readyz</c> says it.</summary>
    public static string ReadinessWord(this GatewayMode mode) => mode == GatewayMode.Discovered ? "dynamic" : "static";

    /// <summary>The kind as cursors and reports name it.</summary>
    public static string Word(this CapabilityKind kind) => kind switch
    {
        CapabilityKind.Tools => "tools",
        CapabilityKind.Resources => "resources",
        CapabilityKind.ResourceTemplates => "resourceTemplates",
        _ => "prompts",
    };

    /// <summary>What became of an item, as <c>/api/catalog</c> says it.</summary>
    public static string Word(this Outcome outcome) => outcome switch
    {
        Outcome.Visible => "visible",
        Outcome.BackendAway => "backend_away",
        Outcome.InvalidName => "invalid_name",
        Outcome.InvalidDefinition => "invalid_definition",
        Outcome.ListedTwice => "listed_twice",
        Outcome.FilteredOut => "filtered_out",
        Outcome.Excluded => "excluded",
        _ => "lost_conflict",
    };

    /// <summary>What renamed an item, as <c>/api/catalog</c> says it.</summary>
    public static IEnumerable<string> Words(this Renaming renaming)
    {
        if (renaming.HasFlag(Renaming.Override))
            yield return "override";
        if (renaming.HasFlag(Renaming.Prefix))
            yield return "prefix";
        if (renaming.HasFlag(Renaming.Shortened))
            yield return "shortened";
    }

    /// <summary>RFC 3339 in UTC without needless zeros; null is the zero time <c>0001-01-01T00:00:00Z</c>.</summary>
    public static string Rfc3339(DateTimeOffset? time) =>
        (time ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
}
