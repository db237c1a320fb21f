using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Validation;

/// <summary>
/// Finds the settings that are read and validated but not brought to life yet. <c>serve</c> refuses to start with one of them,
/// so that no setting is silently ignored; <c>validate</c> prints them as notes.
/// </summary>
/// <remarks>
/// What is in no list here is honoured by the gateway, or informational by its nature: <c>groupRef</c>, <c>metadata</c>,
/// <c>backends[].metadata</c>, <c>backends[].type</c>; and <c>statusReportingInterval</c>, which only a gateway in a cluster has a use for.
/// </remarks>
public static class NotSupportedYet
{
    /// <summary>Name of the embedded authorization server's file, looked for beside the configuration (vmcp-runtime 1.7).</summary>
    public const string AuthServerFile = "authserver-config.yaml";

    /// <summary>One error per setting in use, with the message <c>not supported yet: &lt;path&gt;</c>.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="source">Where the file says what; null when the configuration came from no file.</param>
    public static ImmutableArray<ConfigProblem> Find(GatewayConfig config, SourceMap? source = null)
    {
        SourceMap map = source ?? SourceMap.Empty;
        return
        [
            .. Used(config).Select(found => Problem(found, map)).OrderBy(p => p.Line).ThenBy(p => p.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>The same for what lies beside the configuration file.</summary>
    /// <param name="configFile">Path of the configuration file.</param>
    public static ImmutableArray<ConfigProblem> FindBeside(string configFile)
    {
        string file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configFile)) ?? "", AuthServerFile);
        return File.Exists(file)
            ? [new ConfigProblem("", 0, Severity.Error, "not supported yet: the embedded authorization server", "move the file away") { File = file }]
            : [];
    }

    private static ConfigProblem Problem((string Path, string? Detail) found, SourceMap map)
    {
        string path = map.WrittenPath(found.Path);
        string message = $"not supported yet: {path}" + (found.Detail is null ? "" : $" ({found.Detail})");
        return new ConfigProblem(path, map.LineOf(found.Path), Severity.Error, message) { File = map.File };
    }

    private static IEnumerable<(string Path, string? Detail)> Used(GatewayConfig config) =>
        [.. Features(config), .. Incoming(config), .. Tools(config), .. Telemetry(config)];

    private static IEnumerable<(string Path, string? Detail)> Features(GatewayConfig config)
    {
        if (!config.CompositeTools.IsEmpty)
            yield return ("compositeTools", null);
        if (!config.CompositeToolRefs.IsEmpty)
            yield return ("compositeToolRefs", "the operator resolves them");
        if (config.Optimizer is not null)
            yield return ("optimizer", null);
        if (config.CodeMode?.Enabled == true)
            yield return ("codeMode.enabled", null);
        if (config.RateLimiting is not null)
            yield return ("rateLimiting", null);
        if (config.Audit?.Enabled == true)
            yield return ("audit.enabled", null);
        if (config.SessionStorage?.Provider == SessionStorageProvider.Redis)
            yield return ("sessionStorage.provider", "redis");
    }

    private static IEnumerable<(string Path, string? Detail)> Incoming(GatewayConfig config)
    {
        if (config.IncomingAuth?.Authz?.Type == AuthzType.Cedar)
            yield return ("incomingAuth.authz.type", "cedar");
    }

    private static IEnumerable<(string Path, string? Detail)> Tools(GatewayConfig config)
    {
        for (int i = 0; i < config.EffectiveAggregation.Tools.Count; i++)
        {
            if (config.EffectiveAggregation.Tools[i].ToolConfigRef is not null)
                yield return ($"aggregation.tools[{i}].toolConfigRef", "the operator resolves it");
        }
    }

    private static IEnumerable<(string Path, string? Detail)> Telemetry(GatewayConfig config)
    {
        if (config.Telemetry?.TracingEnabled == true)
            yield return ("telemetry.tracingEnabled", null);
        if (config.Telemetry?.MetricsEnabled == true)
            yield return ("telemetry.metricsEnabled", null);
        if (config.Telemetry?.EnablePrometheusMetricsPath == true)
            yield return ("telemetry.enablePrometheusMetricsPath", null);
    }
}
