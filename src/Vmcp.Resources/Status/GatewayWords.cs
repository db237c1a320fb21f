using Vmcp.Core.Status;

namespace Vmcp.Resources.Status;

/// <summary>Turns what a gateway knows of a backend into the words of the resource (operator.md 5.1). Pure.</summary>
public static class GatewayWords
{
    /// <summary>Words of a protocol are short; what is said beyond that must not fill a status.</summary>
    public const int MaxWord = 100;

    /// <summary>One backend of a gateway's own picture, exactly as it would come over <c>/status</c>.</summary>
    public static ObservedBackend Observe(BackendReport backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        string health = backend.Health.Word();
        return new ObservedBackend
        {
            Name = backend.Name,
            Status = StatusOf(health),
            Message = MessageOf(health, backend.State.LastFailure.Word()),
            AuthType = Short(backend.AuthType),
            CircuitBreakerState = backend.Breaker.Status.Word(),
            CircuitLastChanged = backend.Breaker.LastChanged,
            LastHealthCheck = backend.State.LastCheck,
            ConsecutiveFailures = backend.State.ConsecutiveFailures,
            McpRevision = Short(backend.Revision),
        };
    }

    /// <summary>The status for a health word of <c>/status</c>.</summary>
    public static string StatusOf(string health) => health switch
    {
        "healthy" => "ready",
        "degraded" => "degraded",
        "unhealthy" => "unavailable",
        "unauthenticated" => "unauthenticated",
        _ => "unknown",
    };

    /// <summary>A sentence for a failure category of <c>/status</c>, or null for a backend there is nothing to say about.</summary>
    public static string? MessageOf(string health, string? category) =>
        health is "healthy" or "unauthenticated" || string.IsNullOrEmpty(category) ? null : category switch
        {
            "authentication_failed" => "The backend refuses our credential.",
            "timeout" => "The backend does not answer in time.",
            "connection_failed" => "The backend cannot be connected to.",
            "backend_unavailable" => "The backend says it is not available.",
            _ => $"The last check failed: {category}.",
        };

    /// <summary>The word, or null for one that is too long to be one.</summary>
    public static string? Short(string? word) => word is { Length: <= MaxWord } ? word : null;
}
