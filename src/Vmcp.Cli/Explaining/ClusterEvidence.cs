using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Vmcp.Cli.Clusters;
using Vmcp.Cli.Status;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Cli.Explaining;

/// <summary>What resources say of a gateway's backends, and what the gateway itself says where it lets itself be asked through the API server.</summary>
internal static class ClusterEvidence
{
    private const int Port = 4483;

    /// <summary>Gathers it.</summary>
    /// <exception cref="ClusterProblem">The server cannot be read.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<Evidence> ReadAsync(ClusterAccess access, string name, CancellationToken cancellationToken)
    {
        ServerView view = await ServerReader.ReadAsync(access, name, cancellationToken).ConfigureAwait(false);
        List<string> notes = [.. view.Notes];
        if (view.Server.Status.Phase is not ("Ready" or "Degraded"))
            notes.Add($"VirtualMCPServer \"{name}\" has phase {view.Server.Status.Phase ?? "none yet"}: {view.Server.Status.Message ?? "the operator has not looked at it"}");
        MemberView members = await MemberReader.ReadAsync(access, view.Server, cancellationToken).ConfigureAwait(false);
        notes.AddRange(members.Notes);
        Evidence? gateway = await GatewayAsync(access, view, name, cancellationToken).ConfigureAwait(false);
        if (gateway is null)
            notes.Add("no pod of it could be asked; health is what the resource's status says");
        else
            notes.AddRange(gateway.Notes);

        Dictionary<string, DecidedMember> decided = members.Members.ToDictionary(m => m.Name, StringComparer.Ordinal);
        Dictionary<string, BackendEvidence> live = (gateway?.Backends ?? []).DistinctBy(b => b.Name).ToDictionary(b => b.Name, StringComparer.Ordinal);
        Dictionary<string, DiscoveredBackend> told = view.Server.Status.DiscoveredBackends.DistinctBy(b => b.Name).ToDictionary(b => b.Name, StringComparer.Ordinal);
        return new Evidence
        {
            Backends =
            [
                .. decided.Keys.Union(live.Keys).Union(told.Keys).Order(StringComparer.Ordinal).Select(n => Backend(
                    n, view.Server, decided.GetValueOrDefault(n), live.GetValueOrDefault(n), told.GetValueOrDefault(n))),
            ],
            ItemsHidden = gateway is null ? Remedy("no pod of it could be asked what its backends list", access, name) : gateway.ItemsHidden,
            Notes = notes,
        };
    }

    private static BackendEvidence Backend(string name, VirtualMCPServer server, DecidedMember? member, BackendEvidence? live, DiscoveredBackend? told)
    {
        Step found = member switch
        {
            { Problem: { } problem } when problem != member.Auth.Problem => new Step("backend", StepState.Failed, $"not served, {problem.Reason}: {problem.Message}"),
            not null => new Step("backend", StepState.Ok, $"{member.Member.Key}, a member of group {server.GroupName()}"),
            null => StepOf(live, "backend") ?? new Step("backend", StepState.Ok, "found in the server's status"),
        };
        if (found.State == StepState.Failed)
            return new BackendEvidence(name, [found]);
        Step auth = member?.Auth.Problem is { } trouble ? new Step("auth", StepState.Failed, $"{trouble.Reason}: {trouble.Message}")
            : member is not null ? Auth(member.Auth, CallerIdentity.Missing(server, name, member.Auth))
            : StepOf(live, "auth") ?? GatewayEvidence.Auth(told?.AuthType ?? "", told?.AuthSource);
        if (auth.State == StepState.Failed)
            return new BackendEvidence(name, [found, auth]);
        Step health = StepOf(live, "health") ?? live?.Steps.FirstOrDefault(s => s.State == StepState.Failed) ?? Health(told);
        return new BackendEvidence(name, [found, auth, health]) { Items = live?.Items };
    }

    private static Step? StepOf(BackendEvidence? backend, string name) => backend?.Steps.FirstOrDefault(s => s.Name == name);

    private static Step Auth(ResolvedAuth auth, MemberProblem? missing)
    {
        if (missing is not null)
            return new Step("auth", StepState.Failed, $"{missing.Reason}: {missing.Message}");
        Step step = GatewayEvidence.Auth(auth.TypeWord ?? "", auth.SourceWord);
        string made = auth.IsPerUser ? ", made from each caller's own token" : "";
        return auth.ConfigRef is { } config ? step with { Text = $"{step.Text}: {ToolHive.MCPExternalAuthConfig.Kind} \"{config}\"{made}" } : step;
    }

    private static Step Health(DiscoveredBackend? told)
    {
        string why = told?.Message is { Length: > 0 } message ? $": {message}" : "";
        return told?.Status switch
        {
            "ready" or "degraded" => new Step("health", StepState.Ok, $"{told.Status}, says the server's status{why}"),
            null or "unknown" => new Step("health", StepState.Unknown, $"nobody has told yet{why}"),
            _ => new Step("health", StepState.Failed, $"{told.Status}, says the server's status{why}"),
        };
    }

    private static async Task<Evidence?> GatewayAsync(ClusterAccess access, ServerView view, string name, CancellationToken cancellationToken)
    {
        if (view.Pods is not [var pod, ..])
            return null;
        ObjectKey key = new(access.Namespace, pod);
        (PodAnswer? catalog, string? refused) = await AskAsync(access, key, "api/catalog", cancellationToken).ConfigureAwait(false);
        if (catalog is { Status: 200 } && Read(catalog, null) is { } shown)
            return shown;
        (PodAnswer? status, string? refusedToo) = catalog is null ? (null, refused) : await AskAsync(access, key, "status", cancellationToken).ConfigureAwait(false);
        string hidden = Remedy(
            refused ?? refusedToo ?? "the gateway shows what its backends list to callers in its own pod only", access, name);
        return status is { Status: 200 } ? Read(status, hidden)
            : refused is not null ? new Evidence { Backends = [], ItemsHidden = hidden, Notes = ["health is what the resource's status says"] }
            : null;
    }

    private static async Task<(PodAnswer? Answer, string? Refused)> AskAsync(ClusterAccess access, ObjectKey pod, string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await access.Pods.GetAsync(pod, Port, path, cancellationToken).ConfigureAwait(false), null);
        }
        catch (KubeException e)
        {
            return (null, e.Error == KubeError.Forbidden ? ClusterProblem.Of(e, access, "get", "pods/proxy").Message : $"pod {pod.Name} could not be asked: {e.Message}");
        }
    }

    private static Evidence? Read(PodAnswer answer, string? hidden)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer.Body);
            return GatewayEvidence.Read(document.RootElement, hidden);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Remedy(string why, ClusterAccess access, string name) =>
        $"{why}; to see all: kubectl {access.KubectlOptions} port-forward deploy/{name} {Port}, and then vmcp explain TOOL --server {GatewayAddress.Default}";
}
