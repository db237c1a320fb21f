using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;
using Vmcp.Core.Backends;
using Vmcp.Core.Values;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Settings;
using Vmcp.Resources;
using Vmcp.Resources.Backends;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Document;

/// <summary>Plans what the gateway of one server is told (operator 2.4 and 4). Pure: equal inputs in any order give equal bytes.</summary>
public static class DocumentPlanner
{
    private const string FileName = "config.yaml";

    /// <summary>The document, or why there is none; in both cases what is known of the backends.</summary>
    public static DocumentResult Plan(VirtualMCPServer server, World world, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(settings);
        bool inline = Modes.IsInline(server);
        ReadSpec spec = SpecConfig.Read(server);
        EquatableArray<BackendConfig> listed = inline && spec.Config is not null ? spec.Config.Backends : [];
        // Backends the user lists are not the group's: its members neither lend them credentials nor stand in their way.
        ImmutableArray<MemberBackend> members = listed.IsEmpty ? Members(server, world) : [];
        BackendAuthResolver resolver = new(
            server,
            members,
            name => world.ExternalAuthConfigs.GetValueOrDefault(name),
            name => world.Secrets.TryGetValue(name, out SecretFacts? facts) ? facts.Keys : null);
        ImmutableArray<PlannedBackend> backends = listed.IsEmpty
            ? BackendsPart.OfMembers(members, resolver, world, PassedHeaders.Of(server, spec.Config))
            : BackendsPart.OfList(listed, resolver);
        backends = [.. backends.Select(b => b with { Idle = CallerIdentity.Missing(server, b.Name, b.Auth) })];
        DocumentResult result = new()
        {
            Conditions = Sorted([.. AuthConditions.Of(server, members, resolver), .. AuthConditions.OfCallers(backends.Where(b => b.Problem is null))]),
            LeftOut = [.. backends.Where(b => b.Unserved is not null).Select(b => new UnservedBackend(b.Name, b.Unserved!.Reason, b.Unserved.Message))],
            Backends = [.. backends.Select(Known)],
        };
        if (spec.Config is null)
            return Invalid(result, spec.Problems);
        if (inline && !backends.Any(b => b.Problem is null))
            return Nobody(server, world, result, backends);
        return Render(server, world, settings, spec.Config, backends, resolver, result);
    }

    // Whoever gathered the world: only the group's own members are ever served (scenario DISC-05).
    private static ImmutableArray<MemberBackend> Members(VirtualMCPServer server, World world)
    {
        return MemberBackends.OfGroup(
            server.Spec.GroupRef?.Name,
            world.Servers.Where(m => IsNear(m.Metadata)),
            world.RemoteProxies.Where(m => IsNear(m.Metadata)),
            world.Entries.Where(m => IsNear(m.Metadata)));

        bool IsNear(ObjectMeta meta) => meta.Namespace == server.Metadata.Namespace;
    }

    private static DocumentResult Render(
        VirtualMCPServer server,
        World world,
        OperatorSettings settings,
        GatewayConfig spec,
        ImmutableArray<PlannedBackend> backends,
        BackendAuthResolver resolver,
        DocumentResult result)
    {
        bool inline = Modes.IsInline(server);
        PodNeeds needs = new();
        List<string> problems = [];
        GatewayConfig config = Overlay.Apply(server, world, settings, spec, needs, problems);
        if (problems.Count > 0)
            return Invalid(result, problems);
        PlannedBackend[] served = [.. backends.Where(b => b.Problem is null)];
        config = inline ? OutgoingPart.Inline(config, served, needs) : OutgoingPart.Discovered(config, server, resolver);
        ProcessPart.Add(server, inline, needs);

        string yaml = ConfigWriter.Write(config, new ConfigWriterOptions { WriteDefaults = true });
        ConfigResult readBack = ConfigFile.Load(yaml, FileName, needs.Lookup());
        if (readBack.Config is null)
        {
            return Invalid(
                result, [.. readBack.Problems.Where(p => p.Severity == Severity.Error).Select(p => SpecConfig.Tell(p, $"{FileName}: {p.Path}"))]);
        }

        return result with
        {
            Document = new GatewayDocument
            {
                ConfigYaml = yaml,
                Env = needs.Env(),
                Bundles = needs.Bundles(),
                Versions = needs.Versions(world),
                OidcKeys = ClusterAccounts.Keys(config.IncomingAuth?.Oidc, world),
                ReadSecrets = inline ? [] : OutgoingPart.ReadSecrets(server, backends, resolver),
                ReadConfigMaps = inline ? [] : OutgoingPart.ReadConfigMaps(backends),
            },
        };
    }

    private static DocumentResult Invalid(DocumentResult result, IEnumerable<string> problems)
    {
        string message = Telling.Join(problems);
        return result with
        {
            Failure = new DocumentFailure("Failed", "ValidationFailed", message),
            Conditions = Sorted([.. result.Conditions, new PlannedCondition("Valid", "False", "ValidationFailed", message)]),
        };
    }

    // A gateway without backends would only hide that they are gone: what runs stays, and the status says why (scenario NEW-INL-03).
    private static DocumentResult Nobody(
        VirtualMCPServer server, World world, DocumentResult result, ImmutableArray<PlannedBackend> backends)
    {
        string group = server.Spec.GroupRef?.Name ?? "";
        string reason = backends.IsEmpty ? "NoBackends" : "NoUsableBackends";
        string message = backends.IsEmpty
            ? $"MCPGroup \"{group}\" has no members, so there is nothing to serve; add one to the group"
            : $"None of the {backends.Length} backends of MCPGroup \"{group}\" can be served: "
                + Telling.Join(result.LeftOut.Select(b => $"{b.Name}: {b.Reason}: {b.Message}"));
        return result with
        {
            Failure = new DocumentFailure(world.Live.Pods.IsEmpty ? "Pending" : "Degraded", reason, message),
            Conditions = Sorted([.. result.Conditions, new PlannedCondition("BackendsDiscovered", "False", reason, message)]),
        };
    }

    private static KnownBackend Known(PlannedBackend backend) => new(backend.Name, backend.Unserved is null)
    {
        // What stands before an @ may be a password, which is why such a backend is left out as well.
        Url = backend.Config.Url?.Contains('@', StringComparison.Ordinal) == true ? null : backend.Config.Url,
        AuthConfigRef = backend.Auth.ConfigRef,
        AuthType = backend.Auth.TypeWord,
        AuthSource = backend.Auth.SourceWord,
    };

    private static ImmutableArray<PlannedCondition> Sorted(IEnumerable<PlannedCondition> conditions) =>
        [.. conditions.OrderBy(c => c.Type, StringComparer.Ordinal)];
}
