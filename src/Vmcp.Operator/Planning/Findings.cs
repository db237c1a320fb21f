using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Operator.Planning.Checks;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning;

/// <summary>What checks and document say of a server: all that the rest of the plan is made from besides spec and live state.</summary>
internal sealed record Findings
{
    /// <summary>Why nothing is written; null when all is well.</summary>
    public Halt? Halt { get; init; }

    /// <summary>What the gateway is given; null when there is no document.</summary>
    public GatewayDocument? Document { get; init; }

    /// <summary>Backends were looked at, so what is said of them is the whole truth of now.</summary>
    public bool BackendsKnown { get; init; }

    /// <summary>All backends, served or not.</summary>
    public ImmutableArray<KnownBackend> Backends { get; init; } = [];

    /// <summary>Those that are not served, and why.</summary>
    public ImmutableArray<UnservedBackend> LeftOut { get; init; } = [];

    /// <summary>What to say about spec and references; of one type the last one counts.</summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];

    /// <summary>What to tell.</summary>
    public ImmutableArray<PlannedEvent> Events { get; init; } = [];

    /// <summary>Hash of the MCPOIDCConfig in use, or null.</summary>
    public string? OidcConfigHash { get; init; }

    /// <summary>Hash of the MCPAuthzConfig in use, or null.</summary>
    public string? AuthzConfigHash { get; init; }

    /// <summary>Hash of the MCPTelemetryConfig in use, or null.</summary>
    public string? TelemetryConfigHash { get; init; }

    /// <summary>
    /// Joins checks and document. A check that stops decides alone; what the document says of backend auth is kept beside it, so that those
    /// conditions do not come and go with an unrelated reference.
    /// </summary>
    public static Findings Of(CheckResult checks, DocumentResult document)
    {
        Halt? stop = checks.Verdict switch
        {
            Verdict.StopTerminal s => new Halt(s.Phase, s.Reason, s.Message),
            Verdict.StopRetry s => new Halt(s.Phase, s.Reason, s.Message, s.After),
            _ => null,
        };
        Halt? failure = document.Failure is { } f ? new Halt(f.Phase, f.Reason, f.Message) : null;
        return new Findings
        {
            Halt = stop ?? failure,
            Document = stop is null ? document.Document : null,
            BackendsKnown = stop is null,
            Backends = document.Backends,
            LeftOut = document.LeftOut,
            Conditions = stop is null ? [.. checks.Conditions, .. document.Conditions] : [.. document.Conditions, .. checks.Conditions],
            Events = checks.Events,
            OidcConfigHash = checks.OidcConfigHash,
            AuthzConfigHash = checks.AuthzConfigHash,
            TelemetryConfigHash = checks.TelemetryConfigHash,
        };
    }
}

/// <summary>Why nothing is written.</summary>
/// <param name="Phase">The server's phase.</param>
/// <param name="Reason">Reason of the <c>Ready</c> condition.</param>
/// <param name="Message">A sentence that names what is wrong and the remedy.</param>
/// <param name="RecheckAfter">When to look again; null when only an edit helps.</param>
internal sealed record Halt(string Phase, string Reason, string Message, TimeSpan? RecheckAfter = null);
