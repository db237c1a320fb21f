using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Writing;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Values;

namespace Vmcp.Cli.Backends;

/// <summary>The configuration that backends named on the command line stand for: anonymous, inline, prefix, all defaults.</summary>
internal static class BackendConfigText
{
    /// <summary>As YAML, so that it takes the same way through reader and validator as a file.</summary>
    public static string Write(IEnumerable<BackendConfig> backends) => ConfigWriter.Write(new GatewayConfig
    {
        Backends = new EquatableArray<BackendConfig>([.. backends]),
        IncomingAuth = new IncomingAuthConfig { Type = IncomingAuthType.Anonymous },
        OutgoingAuth = new OutgoingAuthConfig
        {
            Source = OutgoingAuthSource.Inline,
            Default = new StrategyConfig { Type = StrategyType.Unauthenticated },
        },
        Aggregation = new AggregationConfig { ConflictResolution = ConflictStrategy.Prefix },
    });

    /// <summary>What a directory of manifests stands for when no file says more: anonymous, discovered, prefix, all defaults.</summary>
    public static string Discovered { get; } = ConfigWriter.Write(new GatewayConfig
    {
        IncomingAuth = new IncomingAuthConfig { Type = IncomingAuthType.Anonymous },
        OutgoingAuth = new OutgoingAuthConfig { Source = OutgoingAuthSource.Discovered },
        Aggregation = new AggregationConfig { ConflictResolution = ConflictStrategy.Prefix },
    });

    /// <summary>Only the section <c>backends</c>, sorted by name.</summary>
    public static string WriteSection(ImmutableArray<BackendConfig> backends) => ConfigWriter.Write(new GatewayConfig
    {
        Backends = new EquatableArray<BackendConfig>([.. backends.OrderBy(b => b.Name, StringComparer.Ordinal)]),
    });
}
