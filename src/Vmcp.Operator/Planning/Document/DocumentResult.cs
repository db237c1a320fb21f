using System.Collections.Immutable;

namespace Vmcp.Operator.Planning.Document;

/// <summary>What the gateway of one server is told, or why it is told nothing new.</summary>
public sealed record DocumentResult
{
    /// <summary>The document; null when <see cref="Failure"/> says why there is none: then what runs keeps running as it is.</summary>
    public GatewayDocument? Document { get; init; }

    /// <summary>Why there is no document.</summary>
    public DocumentFailure? Failure { get; init; }

    /// <summary>
    /// The conditions of backend auth, sorted by type; with a failure also <c>Valid</c> or <c>BackendsDiscovered</c>, which then replace what
    /// other checks said.
    /// </summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];

    /// <summary>Backends that are not served, sorted by name. One whose name belongs to another member is listed as <c>Kind/name</c>.</summary>
    public ImmutableArray<LeftOutBackend> LeftOut { get; init; } = [];

    /// <summary>All backends, served or not, sorted by name.</summary>
    public ImmutableArray<DocumentBackend> Backends { get; init; } = [];
}

/// <summary>Why there is no document.</summary>
/// <param name="Phase">The server's phase.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence that names what is wrong and the remedy.</param>
public sealed record DocumentFailure(string Phase, string Reason, string Message);

/// <summary>What is known of one backend before anyone called it.</summary>
/// <param name="Name">Its name, as in <see cref="DocumentResult.LeftOut"/>.</param>
/// <param name="Served">Whether the gateway serves it.</param>
public sealed record DocumentBackend(string Name, bool Served)
{
    /// <summary>Where it is, or null.</summary>
    public string? Url { get; init; }

    /// <summary>The MCPExternalAuthConfig in use, or null.</summary>
    public string? AuthConfigRef { get; init; }

    /// <summary>The strategy's type, snake_case, or null.</summary>
    public string? AuthType { get; init; }

    /// <summary>Which setting won: <c>explicit</c>, <c>workload</c>, <c>default</c> or <c>none</c>.</summary>
    public string? AuthSource { get; init; }
}
