using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Settings;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>All that the children of one server are made from. Nothing of the group's members but what the document says.</summary>
internal sealed record ChildInput
{
    /// <summary>Namespace and name of the server.</summary>
    public required ObjectKey Server { get; init; }

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary><c>discovered</c> or <c>inline</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Wanted pods, or null to leave their number to somebody else.</summary>
    public int? Replicas { get; init; }

    /// <summary>Type of the Service.</summary>
    public string ServiceType { get; init; } = "ClusterIP";

    /// <summary>Affinity of the Service.</summary>
    public string SessionAffinity { get; init; } = "ClientIP";

    /// <summary>The user's own ServiceAccount, or null.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Pull secrets of the server and the operator, merged.</summary>
    public ImmutableArray<string> PullSecrets { get; init; } = [];

    /// <summary>The user's patch of the pod template, or null.</summary>
    public JsonObject? PodTemplatePatch { get; init; }

    /// <summary>The gateway logs requests too.</summary>
    public bool Debug { get; init; }

    /// <summary>What the gateway is given.</summary>
    public required GatewayDocument Document { get; init; }

    /// <summary>The operator's settings.</summary>
    public required OperatorSettings Settings { get; init; }

    /// <summary>The pod talks to the Kubernetes API.</summary>
    public bool UsesApi => Mode == Modes.Discovered;

    /// <summary>The account pods run as.</summary>
    public string PodAccount => ServiceAccount ?? ChildNames.Account(Server.Name);
}
