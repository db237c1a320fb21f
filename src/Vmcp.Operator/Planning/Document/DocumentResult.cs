using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Resources.Status;

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
    public ImmutableArray<UnservedBackend> LeftOut { get; init; } = [];

    /// <summary>All backends, served or not, sorted by name.</summary>
    public ImmutableArray<KnownBackend> Backends { get; init; } = [];
}

/// <summary>Why there is no document.</summary>
/// <param name="Phase">The server's phase.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence that names what is wrong and the remedy.</param>
public sealed record DocumentFailure(string Phase, string Reason, string Message);
