using System.Collections.Immutable;
using Vmcp.Config.Model;

namespace Vmcp.Resources.Backends;

/// <summary>
/// Decides as whom each backend of a server is called, in both modes and for operator and gateway alike (design 5.6): the entry of
/// <c>spec.outgoingAuth.backends</c> before the workload's own reference before <c>spec.outgoingAuth.default</c> before nothing.
/// </summary>
/// <remarks>
/// What wins is all there is: when it cannot be used the backend has a problem and no strategy, never the next choice. A default that is
/// broken therefore takes away exactly the backends that would use it.
/// </remarks>
public sealed class BackendAuthResolver
{
    private const string ByReference = "externalAuthConfigRef";
    private const string ByWorkload = "discovered";

    private readonly VirtualMCPServer _server;
    private readonly Func<string, MCPExternalAuthConfig?> _configs;
    private readonly Func<string, IReadOnlyCollection<string>?> _secretKeys;
    private readonly StrategyConverter _converter;
    private readonly Dictionary<string, MemberProblem> _collisions = new(StringComparer.Ordinal);

    /// <summary>Prepares to resolve.</summary>
    /// <param name="server">The server; its <c>outgoingAuth</c> and <c>authServerConfig</c> are read.</param>
    /// <param name="members">All backends there are, so that two configs that need one variable are noticed.</param>
    /// <param name="configs">Finds an MCPExternalAuthConfig of the server's namespace.</param>
    /// <param name="secretKeys">The keys of a Secret of that namespace; null when there is no such Secret.</param>
    public BackendAuthResolver(
        VirtualMCPServer server,
        IEnumerable<MemberBackend> members,
        Func<string, MCPExternalAuthConfig?> configs,
        Func<string, IReadOnlyCollection<string>?> secretKeys)
    {
        ArgumentNullException.ThrowIfNull(server);
        _server = server;
        _configs = configs;
        _secretKeys = secretKeys;
        _converter = new StrategyConverter(
            [.. (server.Spec.AuthServerConfig?.UpstreamProviders ?? []).Select(p => p.Name).Where(n => n.Length > 0)]);
        FindCollisions(members);
    }

    /// <summary>As whom a member is called.</summary>
    public ResolvedAuth For(MemberBackend member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return For(member.Name, member.AuthConfigRef);
    }

    /// <summary>As whom a backend is called.</summary>
    /// <param name="backend">Its name.</param>
    /// <param name="ownRef">The MCPExternalAuthConfig the workload names itself, or null.</param>
    public ResolvedAuth For(string backend, string? ownRef)
    {
        (AuthSource source, string? config, MemberProblem? problem) = Winner(backend, ownRef);
        if (problem is not null)
            return new ResolvedAuth { Source = source, ConfigRef = config, Problem = problem };
        if (config is not null)
            return OfConfig(config) with { Source = source };
        return source == AuthSource.None
            ? ResolvedAuth.None
            : new ResolvedAuth { Source = source, Strategy = new StrategyConfig { Type = StrategyType.Unauthenticated } };
    }

    /// <summary>What <c>spec.outgoingAuth.default</c> gives; null when it asks for nothing.</summary>
    public ResolvedAuth? Default()
    {
        (string? config, MemberProblem? problem) = DefaultConfig();
        return problem is not null ? new ResolvedAuth { Source = AuthSource.Default, Problem = problem }
            : config is null ? null : OfConfig(config) with { Source = AuthSource.Default };
    }

    /// <summary>What one MCPExternalAuthConfig gives, whoever names it; the source is left open.</summary>
    public ResolvedAuth OfConfig(string config)
    {
        if (_configs(config) is not { } found)
        {
            return new ResolvedAuth
            {
                Source = AuthSource.None,
                ConfigRef = config,
                Problem = new MemberProblem("ConfigNotFound", $"{ToolHive.MCPExternalAuthConfig.Kind} \"{config}\" does not exist"),
            };
        }

        ConvertedStrategy converted = _converter.Convert(found);
        MemberProblem? problem = converted.Problem ?? Refused(found) ?? _collisions.GetValueOrDefault(config) ?? MissingSecret(found, converted);
        return new ResolvedAuth
        {
            Source = AuthSource.None,
            ConfigRef = config,
            Strategy = problem is null ? converted.Strategy : null,
            Variables = converted.Variables,
            Unused = converted.Unused,
            Problem = problem,
        };
    }

    private (AuthSource Source, string? Config, MemberProblem? Problem) Winner(string backend, string? ownRef)
    {
        if (_server.Spec.OutgoingAuth?.Backends.TryGetValue(backend, out var entry) == true)
        {
            string path = $"spec.outgoingAuth.backends[{backend}]";
            switch (entry?.Type)
            {
                // "Whatever the workload says": with nothing said, no credentials rather than the shared ones nobody chose for it.
                case ByWorkload:
                    return string.IsNullOrEmpty(ownRef) ? (AuthSource.Explicit, null, null) : (AuthSource.Workload, ownRef, null);
                case ByReference when entry.ExternalAuthConfigRef?.Name is { Length: > 0 } name:
                    return (AuthSource.Explicit, name, null);
                default:
                    return (AuthSource.Explicit, null, new MemberProblem("InvalidConfig", $"{path} names no MCPExternalAuthConfig"));
            }
        }

        if (!string.IsNullOrEmpty(ownRef))
            return (AuthSource.Workload, ownRef, null);
        (string? config, MemberProblem? problem) = DefaultConfig();
        return (config is null && problem is null ? AuthSource.None : AuthSource.Default, config, problem);
    }

    // `discovered` as default asks for what each workload says itself, which comes first anyway (operator 2.4).
    private (string? Config, MemberProblem? Problem) DefaultConfig() => _server.Spec.OutgoingAuth?.Default switch
    {
        null or { Type: ByWorkload } => (null, null),
        { Type: ByReference, ExternalAuthConfigRef.Name: { Length: > 0 } name } => (name, null),
        _ => (null, new MemberProblem("InvalidConfig", "spec.outgoingAuth.default names no MCPExternalAuthConfig")),
    };

    // A verdict about an older generation may be out of date: the fix may be in already.
    private static MemberProblem? Refused(MCPExternalAuthConfig config)
    {
        Condition? verdict = config.Status.Conditions.FirstOrDefault(c => c.Type == "Valid" && c.Status == "False");
        if (verdict is null || (verdict.ObservedGeneration ?? config.Status.ObservedGeneration ?? 0) < config.Metadata.Generation)
            return null;
        MemberProblem problem = StrategyConverter.Invalid(config, verdict.Message.Length == 0 ? "it is not valid" : verdict.Message);
        return verdict.Reason == "EnterpriseRequired" ? problem with { Reason = verdict.Reason } : problem;
    }

    private MemberProblem? MissingSecret(MCPExternalAuthConfig config, ConvertedStrategy converted)
    {
        foreach (AuthVariable variable in converted.Variables)
        {
            if (variable.Secret is not { } secret)
                continue;
            if (SecretProblem.Find(secret, variable.Key!, _secretKeys(secret)) is { } problem)
                return problem with { Message = $"{config.Kind} \"{config.Metadata.Name}\": {problem.Message}" };
        }

        return null;
    }

    // Only configs that win somewhere count; of two that need one variable the first by name has it.
    private void FindCollisions(IEnumerable<MemberBackend> members)
    {
        SortedSet<string> used = new(StringComparer.Ordinal);
        foreach (MemberBackend member in members.Where(m => m.Problem?.Reason != "NameTaken"))
            Use(Winner(member.Name, member.AuthConfigRef).Config);
        foreach (string named in _server.Spec.OutgoingAuth?.Backends.Keys ?? [])
            Use(Winner(named, null).Config);
        Use(DefaultConfig().Config);
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (string name in used)
        {
            if (_configs(name) is not { } config)
                continue;
            foreach (AuthVariable variable in _converter.Convert(config).Variables)
            {
                if (owners.TryAdd(variable.Name, name))
                    continue;
                _collisions[name] = new MemberProblem(
                    "InvalidConfig",
                    $"{config.Kind} \"{name}\" and \"{owners[variable.Name]}\" need the same variable {variable.Name}; rename one");
                break;
            }
        }

        void Use(string? config)
        {
            if (config is not null)
                used.Add(config);
        }
    }
}
