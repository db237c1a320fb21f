using System.Collections.Immutable;
using Vmcp.Operator.Planning.Checks;
using Vmcp.Resources;
using Vmcp.Resources.Backends;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Document;

/// <summary>
/// The conditions about MCPExternalAuthConfigs in use (operator 4.5): one for the default, one for each explicit entry, one for each workload
/// with a reference of its own, whether it wins or not. The exact reason begins the message.
/// </summary>
internal static class AuthConditions
{
    private const string Default = "DefaultAuthConfig";
    private const string Explicit = "BackendAuthConfig-";
    private const string Workload = "DiscoveredAuthConfig-";
    private const string Backend = "BackendAuth-";

    // Reasons users and dashboards know by themselves; everything else is a failed conversion to them.
    private static readonly ImmutableArray<string> Mirrored = ["AmbiguousSubjectProvider", "EnterpriseRequired", "InvalidConfig"];

    public static IEnumerable<PlannedCondition> Of(
        VirtualMCPServer server, ImmutableArray<MemberBackend> members, BackendAuthResolver resolver)
    {
        if (resolver.Default() is { } shared)
            yield return Condition(Default, shared);
        // A key that names no backend makes no type of a condition either: the API server would refuse the whole status, and with it the reason.
        foreach (string backend in (server.Spec.OutgoingAuth?.Backends.Keys ?? []).Where(SpecRules.IsBackendName))
        {
            string? own = members.FirstOrDefault(m => m.Name == backend && m.Problem?.Reason != "NameTaken")?.AuthConfigRef;
            yield return Condition(Explicit + backend, resolver.For(backend, own));
        }

        foreach (MemberBackend member in members)
        {
            if (member.AuthConfigRef is { } own && member.Problem?.Reason != "NameTaken")
                yield return Condition(Workload + member.Name, resolver.OfConfig(own));
        }
    }

    /// <summary>One condition for each backend that has all it needs but callers who prove who they are.</summary>
    public static IEnumerable<PlannedCondition> OfCallers(IEnumerable<PlannedBackend> backends)
    {
        foreach (PlannedBackend backend in backends)
        {
            if (backend.Idle is { } idle && SpecRules.IsBackendName(backend.Name))
                yield return new PlannedCondition(Backend + backend.Name, "False", idle.Reason, idle.Message);
        }
    }

    private static PlannedCondition Condition(string type, ResolvedAuth auth)
    {
        if (auth.Problem is { } problem)
        {
            string reason = Mirrored.Contains(problem.Reason) ? problem.Reason : "ConversionFailed";
            return new PlannedCondition(type, "False", reason, $"{problem.Reason}: {problem.Message}");
        }

        string message = auth.ConfigRef is null
            ? "No credentials: the workload names no MCPExternalAuthConfig"
            : $"MCPExternalAuthConfig \"{auth.ConfigRef}\" gives {auth.TypeWord}";
        if (auth.Unused is { } unused)
            message += $"; {unused}";
        return new PlannedCondition(type, "True", "ConversionSucceeded", message);
    }
}
