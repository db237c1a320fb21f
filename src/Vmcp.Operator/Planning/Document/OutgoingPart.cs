using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Operator.Planning.Document;

/// <summary><c>backends</c> and <c>outgoingAuth</c> of the document, and what the pod needs for them, in each mode.</summary>
internal static class OutgoingPart
{
    /// <summary>Every backend that is served, with its strategy; variables and files for exactly these (operator 4.6).</summary>
    public static GatewayConfig Inline(GatewayConfig config, PlannedBackend[] served, PodNeeds needs)
    {
        SortedMap<StrategyConfig> strategies = SortedMap.Empty<StrategyConfig>();
        StrategyConfig? shared = null;
        foreach (PlannedBackend backend in served)
        {
            if (backend.Auth.Source == AuthSource.Default)
                shared = backend.Auth.Strategy;
            else if (backend.Auth.Strategy is { } own)
                strategies = strategies.With(backend.Config.Name!, own);
            foreach (AuthVariable variable in backend.Auth.Variables)
                needs.Add(EnvGroup.Outgoing, Env(variable));
            foreach (AuthVariable header in backend.Headers)
                needs.Add(EnvGroup.Headers, Env(header));
            if (backend.Bundle is not null)
                needs.Add(backend.Bundle);
        }

        return config with
        {
            Backends = [.. served.Select(b => b.Config)],
            OutgoingAuth = new OutgoingAuthConfig { Source = OutgoingAuthSource.Inline, Default = shared, Backends = strategies },
        };
    }

    /// <summary>
    /// Only what the spec itself says. The pod reads the Secrets behind it through the API, so that neither a backend nor a new secret value
    /// restarts it.
    /// </summary>
    public static GatewayConfig Discovered(GatewayConfig config, VirtualMCPServer server, BackendAuthResolver resolver)
    {
        SortedMap<StrategyConfig> strategies = SortedMap.Empty<StrategyConfig>();
        foreach (string name in Explicit(server))
        {
            if (resolver.For(name, null).Strategy is { } strategy)
                strategies = strategies.With(name, strategy);
        }

        return config with
        {
            Backends = [],
            OutgoingAuth = new OutgoingAuthConfig
            {
                Source = OutgoingAuthSource.Discovered,
                Default = resolver.Default()?.Strategy,
                Backends = strategies,
            },
        };
    }

    /// <summary>The Secrets a discovered pod reads: those of strategies and headers, also while they are missing, so that they count at once.</summary>
    public static ImmutableArray<string> ReadSecrets(
        VirtualMCPServer server, ImmutableArray<PlannedBackend> backends, BackendAuthResolver resolver) =>
    [
        .. backends.SelectMany(b => b.Auth.Secrets)
            .Concat(Explicit(server).SelectMany(name => resolver.For(name, null).Secrets))
            .Concat(resolver.Default()?.Secrets ?? [])
            .Concat(backends.SelectMany(b => b.Headers.Select(h => h.Secret).OfType<string>()))
            .Where(name => name.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The ConfigMaps a discovered pod reads: the CA bundles of entries.</summary>
    public static ImmutableArray<string> ReadConfigMaps(ImmutableArray<PlannedBackend> backends) =>
    [
        .. backends.Select(b => b.Bundle?.ConfigMap).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    // An entry of type discovered says what the workload says, which the pod finds out itself.
    private static IEnumerable<string> Explicit(VirtualMCPServer server) =>
        (server.Spec.OutgoingAuth?.Backends ?? Enumerable.Empty<KeyValuePair<string, BackendAuthSpec>>())
            .Where(b => b.Value.Type == "externalAuthConfigRef")
            .Select(b => b.Key);

    private static EnvVar Env(AuthVariable variable) => variable.Text is { } text
        ? new EnvVar.Text(variable.Name, text)
        : new EnvVar.FromSecret(variable.Name, variable.Secret!, variable.Key!, Optional: true);
}
