using System.Text.Json;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;

namespace Vmcp.Operator.Planning.Status;

/// <summary>What a plan wants to know of one pod.</summary>
internal sealed record PodFacts
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>It passed its readiness probe and is not going.</summary>
    public bool Ready { get; init; }

    /// <summary>Its deletion was asked for; it may still run.</summary>
    public bool Terminating { get; init; }

    /// <summary>Nothing of it runs any more.</summary>
    public bool Finished { get; init; }

    /// <summary>It ended in failure: evicted, its node lost, its deadline passed.</summary>
    public bool Failed { get; init; }

    /// <summary>The account it runs as, or null when it does not say.</summary>
    public string? Account { get; init; }

    /// <summary>The mode of its gateway. Pods made by others carry no mark; those that mount a token are taken to use it.</summary>
    public required string Mode { get; init; }

    /// <summary>The template it was made from, or null when it carries no mark.</summary>
    public string? TemplateHash { get; init; }

    /// <summary>Why it does not start, as a sentence's part; null when nothing is wrong with it.</summary>
    public string? Trouble { get; init; }

    /// <summary>Something of it may call the Kubernetes API with the server's account.</summary>
    public bool UsesRightsOf(string account) => !Finished && Mode == Modes.Discovered && (Account is null || Account == account);

    /// <summary>Reads all pods, sorted by name.</summary>
    public static IReadOnlyList<PodFacts> All(IEnumerable<KubeObject> pods) => [.. pods.Select(Of).OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>Reads a pod.</summary>
    public static PodFacts Of(KubeObject pod)
    {
        string phase = Text(pod.At("status", "phase"));
        string mode = pod.Meta.Annotations.GetValueOrDefault(Annotations.Mode)
            ?? (pod.At("spec", "automountServiceAccountToken")?.ValueKind == JsonValueKind.False ? Modes.Inline : Modes.Discovered);
        string account = Text(pod.At("spec", "serviceAccountName"));
        bool terminating = pod.Meta.DeletionTimestamp is not null;
        return new PodFacts
        {
            Name = pod.Meta.Name,
            Ready = !terminating && HasReadyCondition(pod),
            Terminating = terminating,
            Finished = phase is "Succeeded" or "Failed",
            Failed = phase == "Failed",
            Account = account.Length == 0 ? null : account,
            Mode = mode,
            TemplateHash = pod.Meta.Annotations.GetValueOrDefault(Annotations.TemplateHash),
            Trouble = terminating ? null : PodTrouble.Of(pod),
        };
    }

    private static bool HasReadyCondition(KubeObject pod) =>
        pod.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
        && conditions.EnumerateArray().Any(c => Text(c, "type") == "Ready" && Text(c, "status") == "True");

    internal static string Text(JsonElement? value) => value is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    internal static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? Text(value) : "";
}
