using System.Collections.Immutable;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>What the checks of a server came to.</summary>
public sealed record CheckResult
{
    /// <summary>Whether to go on.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The conditions of all checks, sorted by type; those that do not apply are absent.</summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];

    /// <summary>Events worth telling.</summary>
    public ImmutableArray<PlannedEvent> Events { get; init; } = [];

    /// <summary>Hash of the MCPOIDCConfig in use, or null.</summary>
    public string? OidcConfigHash { get; init; }

    /// <summary>Hash of the MCPAuthzConfig in use, or null.</summary>
    public string? AuthzConfigHash { get; init; }

    /// <summary>Hash of the MCPTelemetryConfig in use, or null.</summary>
    public string? TelemetryConfigHash { get; init; }
}

/// <summary>Whether a reconciliation goes on (operator 1.2). Only <see cref="Continue"/> may reach the children.</summary>
public abstract record Verdict
{
    /// <summary>All is well.</summary>
    public sealed record Continue : Verdict;

    /// <summary>Only an edit of the server helps.</summary>
    /// <param name="Phase">The phase.</param>
    /// <param name="Reason">Reason of the condition that failed; <c>Ready</c> carries it too.</param>
    /// <param name="Message">A sentence for the user.</param>
    public sealed record StopTerminal(string Phase, string Reason, string Message) : Verdict;

    /// <summary>Something else has to come; a watch tells, and in case it does not, look again.</summary>
    /// <param name="Phase">The phase.</param>
    /// <param name="Reason">Reason of the condition that failed; <c>Ready</c> carries it too.</param>
    /// <param name="Message">A sentence for the user.</param>
    /// <param name="After">When to look again.</param>
    public sealed record StopRetry(string Phase, string Reason, string Message, TimeSpan After) : Verdict;
}

/// <summary>What one check found.</summary>
internal sealed record Finding(PlannedCondition? Condition, Verdict? Stop = null, PlannedEvent? Event = null)
{
    public static Finding Good(string type, string reason, string message) => new(new PlannedCondition(type, "True", reason, message));

    /// <summary>Only the user can mend it.</summary>
    public static Finding Terminal(string type, string reason, string message) =>
        new(new PlannedCondition(type, "False", reason, message), new Verdict.StopTerminal("Failed", reason, message));

    /// <summary>Another object has to come or change.</summary>
    public static Finding Waiting(string type, string reason, string message, string phase = "Failed", TimeSpan? after = null) =>
        new(new PlannedCondition(type, "False", reason, message), new Verdict.StopRetry(phase, reason, message, after ?? ServerChecks.Recheck));
}
