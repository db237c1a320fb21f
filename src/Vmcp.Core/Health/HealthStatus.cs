namespace Vmcp.Core.Health;

/// <summary>A backend's health as <c>/status</c> spells it (lower case).</summary>
public enum HealthStatus
{
    /// <summary>Not checked yet, or the first check failed below the threshold.</summary>
    Unknown,

    /// <summary>Answers in time.</summary>
    Healthy,

    /// <summary>Answers slowly, or is recovering after failures. Served.</summary>
    Degraded,

    /// <summary>Does not answer; not listed.</summary>
    Unhealthy,

    /// <summary>Refuses us and no credentials are configured; not listed.</summary>
    Unauthenticated,
}

/// <summary>Why the last check failed; the only failure detail that leaves the process.</summary>
public enum FailureCategory
{
    /// <summary>No failure.</summary>
    None,

    /// <summary>401 or 403.</summary>
    AuthenticationFailed,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The check was cancelled.</summary>
    Cancelled,

    /// <summary>5xx, or the connection broke.</summary>
    BackendUnavailable,

    /// <summary>No connection: refused, unreachable, no such host, TLS.</summary>
    ConnectionFailed,

    /// <summary>An answer that is no valid MCP.</summary>
    HealthCheckFailed,
}
