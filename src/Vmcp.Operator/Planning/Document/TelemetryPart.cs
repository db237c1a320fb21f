using System.Globalization;
using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary><c>telemetry</c> of the document, from the MCPTelemetryConfig the server names and from nowhere else (operator 2.4).</summary>
internal static class TelemetryPart
{
    /// <summary>Name of the variable with a secret header's value.</summary>
    public static string HeaderVariable(string header) => "TOOLHIVE_OTEL_HEADER_" + VariableNames.Part(header);

    /// <summary>The block; null without a reference or when what it names does not exist.</summary>
    public static TelemetryConfig? Build(VirtualMCPServer server, World world, PodNeeds needs)
    {
        if (server.Spec.TelemetryConfigRef is not { } reference
            || !world.TelemetryConfigs.TryGetValue(reference.Name, out MCPTelemetryConfig? config))
        {
            return null;
        }

        string service = Null(reference.ServiceName) ?? server.Metadata.Name;
        needs.Add(
            EnvGroup.Telemetry,
            new EnvVar.Text("OTEL_RESOURCE_ATTRIBUTES", $"service.name={service},service.namespace={server.Metadata.Namespace}"));
        // Nothing switched on is nothing to say.
        if (config.Spec.OpenTelemetry is not { Enabled: true } && config.Spec.Prometheus?.Enabled != true)
            return null;
        TelemetryConfig telemetry = new()
        {
            ServiceName = service,
            EnablePrometheusMetricsPath = True(config.Spec.Prometheus?.Enabled),
        };
        if (config.Spec.OpenTelemetry is not { Enabled: true } otel)
            return telemetry;
        // A collector's key is not worth a pod that cannot start.
        foreach (SensitiveHeader header in otel.SensitiveHeaders)
        {
            if (header.SecretKeyRef is { } secret)
                needs.Add(EnvGroup.Telemetry, new EnvVar.FromSecret(HeaderVariable(header.Name), secret.Name, secret.Key, Optional: true));
        }

        string? bundle = null;
        if (otel.CaBundleRef?.ConfigMapRef is { Name.Length: > 0 } source)
        {
            BundleMount mount = Bundles.OfTelemetry(source.Name, Null(source.Key) ?? IncomingPart.BundleKey);
            needs.Add(mount);
            bundle = Bundles.PathOf(mount);
        }

        bool tracing = otel.Tracing?.Enabled == true;
        return telemetry with
        {
            Endpoint = Null(otel.Endpoint),
            TracingEnabled = True(tracing),
            MetricsEnabled = True(otel.Metrics?.Enabled),
            SamplingRate = tracing ? Ratio(otel.Tracing?.SamplingRate) : null,
            Headers = SortedMap.Create(otel.Headers),
            Insecure = True(otel.Insecure),
            CustomAttributes = SortedMap.Create(otel.ResourceAttributes),
            UseLegacyAttributes = otel.UseLegacyAttributes,
            CaCertPath = bundle,
        };
    }

    /// <summary>The ratio a text says, or null when it says none.</summary>
    public static decimal? Ratio(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal ratio) ? ratio : null;

    private static bool? True(bool? flag) => flag == true ? true : null;

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
