using System.Collections.Frozen;
using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs;

namespace Vmcp.Config.Backends;

/// <summary>What the backends of a configuration became.</summary>
/// <param name="Backends">Those that can be served, sorted by name.</param>
/// <param name="Problems">One error per reason why a backend is left out; such a backend must not be served with other credentials.</param>
public sealed record MappedBackends(BackendSet Backends, ImmutableArray<ConfigProblem> Problems);

/// <summary>Turns a validated configuration into what the gateway works with.</summary>
public static class BackendMapping
{
    /// <summary>Resolves every backend: strategy (its own, else default, else none), deadline, static headers.</summary>
    /// <param name="config">A configuration without errors.</param>
    /// <param name="env">Looks up an environment variable; null when it is not set.</param>
    /// <param name="version">Version of the set.</param>
    /// <param name="source">Where the file says what, for the lines of problems.</param>
    public static MappedBackends ToBackends(GatewayConfig config, Func<string, string?> env, long version = 1, SourceMap? source = null)
    {
        ProblemList problems = new(source ?? SourceMap.Empty);
        Dictionary<string, Backend> backends = new(StringComparer.Ordinal);
        for (int i = 0; i < config.Backends.Count; i++)
        {
            if (Map(config, i, env, problems) is { } backend && !backends.TryAdd(backend.Name, backend))
                problems.Error($"backends[{i}].name", $"\"{backend.Name}\" is already the name of another backend");
        }

        return new MappedBackends(BackendSet.Create(version, backends.Values), problems.ToImmutable());
    }

    /// <summary>The aggregation rules.</summary>
    public static AggregationPolicy ToPolicy(GatewayConfig config)
    {
        AggregationConfig aggregation = config.EffectiveAggregation;
        Dictionary<string, ToolRules> tools = new(StringComparer.Ordinal);
        foreach (WorkloadToolsConfig workload in aggregation.Tools)
            tools.TryAdd(workload.Workload ?? "", Rules(workload));
        return new AggregationPolicy
        {
            Strategy = aggregation.EffectiveConflictResolution,
            PrefixFormat = aggregation.EffectivePrefixFormat,
            PriorityOrder = aggregation.ConflictResolutionConfig?.PriorityOrder.Items ?? [],
            Tools = tools.ToFrozenDictionary(StringComparer.Ordinal),
            ExcludeAllTools = aggregation.ExcludeAllTools ?? false,
            DenyByDefault = aggregation.DefaultToolVisibility == ToolVisibility.Deny,
        };
    }

    private static Backend? Map(GatewayConfig config, int index, Func<string, string?> env, ProblemList problems)
    {
        BackendConfig backend = config.Backends[index];
        string path = $"backends[{index}]";
        if (string.IsNullOrEmpty(backend.Name) || !Uri.TryCreate(backend.Url, UriKind.Absolute, out Uri? url))
        {
            problems.Error(path, "has no name or no absolute URL");
            return null;
        }

        Strategy? strategy = Resolve(config, backend.Name, env, problems, out string source);
        EquatableMap headers = HeaderForward.Read(backend.Name, env, out ImmutableArray<string> headerProblems);
        foreach (string problem in headerProblems)
            problems.Error(path, problem);
        if (strategy is null || !headerProblems.IsEmpty)
            return null;
        return new Backend
        {
            Name = backend.Name,
            Url = url,
            Transport = backend.EffectiveTransport,
            IsEntry = backend.Type == BackendKind.Entry,
            CaBundlePath = backend.CaBundlePath,
            Strategy = strategy,
            AuthSource = source,
            Timeout = config.EffectiveOperational.TimeoutFor(backend.Name),
            StaticHeaders = headers,
            Metadata = EquatableMap.Create(backend.Metadata.With("group", config.EffectiveGroup)),
        };
    }

    private static Strategy? Resolve(GatewayConfig config, string backend, Func<string, string?> env, ProblemList problems, out string source)
    {
        StrategyConfig? strategy = config.StrategyFor(backend);
        source = strategy is null ? "none" : config.OutgoingAuth!.Backends.ContainsKey(backend) ? "explicit" : "default";
        if (strategy is null || strategy.Type == StrategyType.Unauthenticated)
            return Strategy.None;
        string path = source == "explicit" ? $"outgoingAuth.backends.{backend}" : "outgoingAuth.default";
        StrategyMapping mapping = new(env);
        Strategy? mapped = mapping.Map(strategy);
        if (mapped is null)
        {
            problems.Error($"{path}.{mapping.Block}", $"backend \"{backend}\" cannot be served: {mapping.Problem}");
            return null;
        }

        // What nothing here can apply says so by itself with each call; this is about what a change of the file would bring to life.
        if (mapped is { IsPerUser: true, Needs: null } && config.EffectiveIncomingAuth != IncomingAuthType.Oidc)
        {
            problems.Error(
                $"{path}.type",
                $"backend \"{backend}\" cannot be served: {mapped.Type} makes its credential from the caller's token, and with incomingAuth "
                + $"{(config.EffectiveIncomingAuth == IncomingAuthType.Local ? "local" : "anonymous")} no caller has one",
                "set incomingAuth.type: oidc, or use header_injection");
            return null;
        }

        return mapped;
    }

    private static ToolRules Rules(WorkloadToolsConfig workload) => new()
    {
        Filter = workload.Filter.Items,
        ExcludeAll = workload.ExcludeAll ?? false,
        Overrides = workload.Overrides.ToFrozenDictionary(
            o => o.Key,
            o => new ToolOverride
            {
                Name = o.Value.Name,
                Description = o.Value.Description,
                Title = o.Value.Annotations?.Title,
                ReadOnlyHint = o.Value.Annotations?.ReadOnlyHint,
                DestructiveHint = o.Value.Annotations?.DestructiveHint,
                IdempotentHint = o.Value.Annotations?.IdempotentHint,
                OpenWorldHint = o.Value.Annotations?.OpenWorldHint,
            },
            StringComparer.Ordinal),
    };
}
