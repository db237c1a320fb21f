using System.Globalization;
using System.Text.Json;

using Vmcp.Cli.Status;

namespace Vmcp.Cli.Explaining;

/// <summary>Reads what a gateway says of itself: <c>/api/catalog</c>, or <c>/status</c> where it does not show that.</summary>
internal static class GatewayEvidence
{
    /// <summary>Why a credential cannot be had; every other reason is about the backend itself.</summary>
    private static readonly string[] AuthReasons =
        ["SecretNotFound", "SecretKeyMissing", "SecretNotReadable", "ConfigNotFound", "EnterpriseRequired", "InvalidConfig", "UnsupportedType", "AmbiguousSubjectProvider", "CallerIdentityRequired"];

    /// <summary>The evidence in an answer; null when it is none of a vmcp.</summary>
    /// <param name="answer">The body of <c>/api/catalog</c> or <c>/status</c>.</param>
    /// <param name="itemsHidden">Why there are no items in it, or null.</param>
    public static Evidence? Read(JsonElement answer, string? itemsHidden)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("backends", out JsonElement backends) || backends.ValueKind != JsonValueKind.Array)
            return null;
        string place = Place(answer);
        List<string> notes = [];
        if (Json.Text(Json.Member(answer, "source"), "trouble") is { } trouble)
            notes.Add($"the gateway may be behind its source: {trouble}");
        if (Json.Number(answer, "items_left_out") is > 0 and long leftOut)
            notes.Add($"the gateway's answer is cut: {leftOut.ToString(CultureInfo.InvariantCulture)} items are not in it");
        return new Evidence
        {
            Backends =
            [
                .. Json.Items(answer, "backends").Select(b => Served(b, place))
                    .Concat(Json.Items(answer, "unserved").Select(Unserved))
                    .OrderBy(b => b.Name, StringComparer.Ordinal),
            ],
            ItemsHidden = itemsHidden,
            Notes = notes,
        };
    }

    /// <summary>The step of the health a gateway tells of.</summary>
    public static Step Health(BackendLine backend)
    {
        string trouble = backend.Trouble is null ? ""
            : $": {backend.Trouble}" + (backend.Failures > 1 ? $", {backend.Failures.ToString(CultureInfo.InvariantCulture)} checks in a row" : "");
        string breaker = backend.Breaker is "closed" or "" ? "" : $", circuit breaker {backend.Breaker}";
        return backend.Health switch
        {
            "healthy" or "degraded" => new Step("health", StepState.Ok, backend.Health + trouble + breaker),
            "unknown" when backend.LastCheck is null => new Step("health", StepState.Failed, "not checked yet"),
            "unknown" => new Step("health", StepState.Failed, "not reached yet" + trouble + breaker),
            "unauthenticated" => new Step("health", StepState.Failed, "unauthenticated: it wants credentials and gets none" + breaker),
            _ => new Step("health", StepState.Failed, backend.Health + trouble + breaker),
        };
    }

    /// <summary>The step of a credential that was resolved.</summary>
    public static Step Auth(string type, string? source) => new("auth", StepState.Ok, source switch
    {
        "explicit" => $"{type}, chosen for this backend in outgoingAuth.backends",
        "workload" => $"{type}, chosen by the workload's own externalAuthConfigRef",
        "default" => $"{type}, chosen by outgoingAuth.default",
        _ when type is "unauthenticated" or "" => "no credentials: nothing asks for any",
        _ => type,
    });

    /// <summary>The step at which a backend that is not served fails.</summary>
    public static IReadOnlyList<Step> Unserved(string reason, string message) => AuthReasons.Contains(reason)
        ? [new Step("backend", StepState.Ok, "found"), new Step("auth", StepState.Failed, $"{reason}: {message}")]
        : [new Step("backend", StepState.Failed, $"not served, {reason}: {message}")];

    private static BackendEvidence Served(JsonElement backend, string place)
    {
        BackendLine line = BackendLine.Read(backend);
        string revision = line.Revision is null ? "" : $", MCP {line.Revision}";
        Step found = new("backend", StepState.Ok, $"found {place}{revision}");
        bool reached = line.Revision is not null && !line.PerUser;
        return new BackendEvidence(line.Name, [found, Auth(line.Auth, Json.Text(backend, "auth_source")), Health(line)])
        {
            IsPerUser = line.PerUser,
            Items = reached && Json.Member(backend, "items").ValueKind == JsonValueKind.Array ? [.. Json.Items(backend, "items").Select(Item)] : null,
        };
    }

    private static BackendEvidence Unserved(JsonElement backend) =>
        new(Json.Text(backend, "name") ?? "", Unserved(Json.Text(backend, "reason") ?? "", Json.Text(backend, "message") ?? ""));

    private static ItemEvidence Item(JsonElement item)
    {
        string outcome = Json.Text(item, "outcome") ?? "", reason = Json.Text(item, "reason") ?? "";
        (string, string)[] obstacles = [.. Json.Items(item, "obstacles").Select(o => (Json.Text(o, "outcome") ?? "", Json.Text(o, "reason") ?? ""))];
        return new ItemEvidence(Kind(Json.Text(item, "kind")), Json.Text(item, "name") ?? "", Json.Text(item, "exposed_name"), outcome, reason)
        {
            RenamedBy = [.. Json.Items(item, "renamed_by").Where(w => w.ValueKind == JsonValueKind.String).Select(w => w.GetString()!)],
            Obstacles = obstacles.Length > 0 || outcome == "visible" ? obstacles : [(outcome, reason)],
            DependsOnClient = Json.Flag(item, "depends_on_client") ?? false,
        };
    }

    private static string Kind(string? kind) => kind switch
    {
        "prompts" => "prompt",
        "resources" => "resource",
        "resourceTemplates" => "template",
        _ => "tool",
    };

    private static string Place(JsonElement answer) => Json.Text(Json.Member(answer, "source"), "kind") switch
    {
        "kubernetes" => "in the cluster",
        "manifests" => "in the manifests",
        _ => "in the configuration",
    };
}
