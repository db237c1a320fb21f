using System.Text.Json;
using Vmcp.Config.Validation;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;

namespace Vmcp.Operator.SmallControllers;

/// <summary>The status of an MCPTelemetryConfig (crds 11).</summary>
public static class TelemetryConfigPlanner
{
    /// <summary>Holds the deletion while the object is in use.</summary>
    public const string Finalizer = "mcptelemetryconfig.toolhive.stacklok.dev/finalizer";

    // The name becomes part of a volume's name, which has 63 characters (V-43).
    private const int MaxBundleName = 48;

    /// <summary>What its status should say.</summary>
    public static SmallPlan Plan(MCPTelemetryConfig config, ConfigFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(facts);
        return ConfigPlan.Make(new ConfigDraft
        {
            Meta = config.Metadata,
            Spec = JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPTelemetryConfigSpec),
            Before = config.Status.Conditions,
            Finalizer = Finalizer,
            Valid = ConfigPlan.Valid(Problems(config.Spec), "ValidationSucceeded", "ValidationFailed"),
            Referrers = facts.Referrers,
            TellsEvents = false,
        });
    }

    /// <summary>What is wrong with a spec (V-41 to V-43); also asked when a VirtualMCPServer refers to it.</summary>
    public static IReadOnlyList<string> Problems(MCPTelemetryConfigSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        List<string> problems = [];
        if (spec.OpenTelemetry is not { } otel)
            return problems;
        const string At = "spec.openTelemetry";
        if (!string.IsNullOrEmpty(otel.Endpoint) && otel.Tracing?.Enabled != true && otel.Metrics?.Enabled != true)
            problems.Add($"{At}.endpoint: nothing is sent there; enable tracing or metrics, or leave the endpoint out");
        if (otel.Tracing?.SamplingRate is { Length: > 0 } rate && TelemetryPart.Ratio(rate) is not (>= 0 and <= 1))
            problems.Add($"{At}.tracing.samplingRate: \"{rate}\" is no ratio from 0 to 1");
        for (int i = 0; i < otel.SensitiveHeaders.Count; i++)
            SensitiveHeader(otel, i, problems);
        foreach ((string name, string value) in otel.Headers.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            if (HeaderRules.NameProblem(name) is { } problem)
                problems.Add($"{At}.headers.{name}: {problem}");
            else if (HeaderRules.ValueProblem(value) is { } bad)
                problems.Add($"{At}.headers.{name}: {bad}");
        }

        if (otel.CaBundleRef is { } bundle)
            Bundle(bundle, otel.Insecure == true, problems);
        return problems;
    }

    private static void SensitiveHeader(OpenTelemetrySpec otel, int index, List<string> problems)
    {
        SensitiveHeader header = otel.SensitiveHeaders[index];
        string at = $"spec.openTelemetry.sensitiveHeaders[{index}]";
        if (header.Name.Length == 0)
            problems.Add($"{at}.name: required: the header's name");
        else if (HeaderRules.NameProblem(header.Name) is { } problem)
            problems.Add($"{at}.name: {problem}");
        if (string.IsNullOrEmpty(header.SecretKeyRef?.Name))
            problems.Add($"{at}.secretKeyRef.name: required: the Secret with the header's value");
        if (string.IsNullOrEmpty(header.SecretKeyRef?.Key))
            problems.Add($"{at}.secretKeyRef.key: required: the key in the Secret");
        if (otel.Headers.Keys.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
            problems.Add($"{at}.name: \"{header.Name}\" is in spec.openTelemetry.headers too; keep it in one place");
    }

    private static void Bundle(CABundleSource bundle, bool insecure, List<string> problems)
    {
        const string At = "spec.openTelemetry.caBundleRef";
        if (insecure)
            problems.Add($"{At}: has no use with insecure: true; leave one of them out");
        if (bundle.ConfigMapRef is not { Name.Length: > 0 } map)
            problems.Add($"{At}.configMapRef.name: required: the ConfigMap with the CA certificates");
        else if (map.Name.Length > MaxBundleName)
            problems.Add($"{At}.configMapRef.name: has {map.Name.Length} characters, at most {MaxBundleName} are possible; use a shorter name");
    }
}
