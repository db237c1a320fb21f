using Vmcp.Config.Model;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of the optional features.</summary>
internal static class FeatureShapes
{
    private static readonly WordKind<EmbeddingProvider> Embeddings = new(
        "a provider",
        ("tei", EmbeddingProvider.Tei),
        ("openai", EmbeddingProvider.OpenAi));

    private static readonly WordKind<SessionStorageProvider> Stores = new(
        "a provider",
        ("memory", SessionStorageProvider.Memory),
        ("redis", SessionStorageProvider.Redis));

    public static readonly Shape<TelemetryConfig> Telemetry = new(
        new TelemetryConfig(),
        Field.Of<TelemetryConfig, string>("endpoint", Kinds.Text, x => x.Endpoint, (x, v) => x with { Endpoint = v }),
        Field.Of<TelemetryConfig, string>("serviceName", Kinds.Text, x => x.ServiceName, (x, v) => x with { ServiceName = v }),
        Field.Of<TelemetryConfig, string>("serviceVersion", Kinds.Text, x => x.ServiceVersion, (x, v) => x with { ServiceVersion = v }),
        Field.Value<TelemetryConfig, bool>("tracingEnabled", Kinds.Boolean, x => x.TracingEnabled, (x, v) => x with { TracingEnabled = v }),
        Field.Value<TelemetryConfig, bool>("metricsEnabled", Kinds.Boolean, x => x.MetricsEnabled, (x, v) => x with { MetricsEnabled = v }),
        Field.Value<TelemetryConfig, decimal>("samplingRate", Kinds.Decimal, x => x.SamplingRate, (x, v) => x with { SamplingRate = v }),
        Field.Map<TelemetryConfig, string>("headers", Kinds.Text, x => x.Headers, (x, v) => x with { Headers = v }),
        Field.Value<TelemetryConfig, bool>("insecure", Kinds.Boolean, x => x.Insecure, (x, v) => x with { Insecure = v }),
        Field.Value<TelemetryConfig, bool>("enablePrometheusMetricsPath", Kinds.Boolean, x => x.EnablePrometheusMetricsPath, (x, v) => x with { EnablePrometheusMetricsPath = v }),
        Field.Value<TelemetryConfig, long>("prometheusPort", Kinds.Integer, x => x.PrometheusPort, (x, v) => x with { PrometheusPort = (int)v }),
        Field.Value<TelemetryConfig, bool>("metricsOnTransportPort", Kinds.Boolean, x => x.MetricsOnTransportPort, (x, v) => x with { MetricsOnTransportPort = v }),
        Field.List<TelemetryConfig, string>("environmentVariables", Kinds.Text, x => x.EnvironmentVariables, (x, v) => x with { EnvironmentVariables = v }),
        Field.Map<TelemetryConfig, string>("customAttributes", Kinds.Text, x => x.CustomAttributes, (x, v) => x with { CustomAttributes = v }),
        Field.Value<TelemetryConfig, bool>("useLegacyAttributes", Kinds.Boolean, x => x.UseLegacyAttributes, (x, v) => x with { UseLegacyAttributes = v }),
        Field.Of<TelemetryConfig, string>("caCertPath", Kinds.Text, x => x.CaCertPath, (x, v) => x with { CaCertPath = v }));

    public static readonly Shape<AuditConfig> Audit = new(
        new AuditConfig(),
        Field.Value<AuditConfig, bool>("enabled", Kinds.Boolean, x => x.Enabled, (x, v) => x with { Enabled = v }),
        Field.Of<AuditConfig, string>("component", Kinds.Text, x => x.Component, (x, v) => x with { Component = v }),
        Field.List<AuditConfig, string>("eventTypes", Kinds.Text, x => x.EventTypes, (x, v) => x with { EventTypes = v }),
        Field.List<AuditConfig, string>("excludeEventTypes", Kinds.Text, x => x.ExcludeEventTypes, (x, v) => x with { ExcludeEventTypes = v }),
        Field.Value<AuditConfig, bool>("includeRequestData", Kinds.Boolean, x => x.IncludeRequestData, (x, v) => x with { IncludeRequestData = v }),
        Field.Value<AuditConfig, bool>("includeResponseData", Kinds.Boolean, x => x.IncludeResponseData, (x, v) => x with { IncludeResponseData = v }),
        Field.Value<AuditConfig, bool>("detectApplicationErrors", Kinds.Boolean, x => x.DetectApplicationErrors, (x, v) => x with { DetectApplicationErrors = v }),
        Field.Value<AuditConfig, long>("maxDataSize", Kinds.Integer, x => x.MaxDataSize, (x, v) => x with { MaxDataSize = (int)v }),
        Field.Value<AuditConfig, long>("maxDelegationDepth", Kinds.Integer, x => x.MaxDelegationDepth, (x, v) => x with { MaxDelegationDepth = (int)v }),
        Field.Of<AuditConfig, string>("logFile", Kinds.Text, x => x.LogFile, (x, v) => x with { LogFile = v }));

    public static readonly Shape<OptimizerConfig> Optimizer = new(
        new OptimizerConfig(),
        Field.Of<OptimizerConfig, string>("embeddingService", Kinds.Text, x => x.EmbeddingService, (x, v) => x with { EmbeddingService = v }),
        Field.Value<OptimizerConfig, TimeSpan>("embeddingServiceTimeout", Kinds.Duration, x => x.EmbeddingServiceTimeout, (x, v) => x with { EmbeddingServiceTimeout = v }),
        new OptionalWordField<OptimizerConfig, EmbeddingProvider>("embeddingProvider", Embeddings, x => x.EmbeddingProvider, (x, v) => x with { EmbeddingProvider = v }),
        Field.Of<OptimizerConfig, string>("embeddingModel", Kinds.Text, x => x.EmbeddingModel, (x, v) => x with { EmbeddingModel = v }),
        Field.Map<OptimizerConfig, string>("embeddingHeaders", Kinds.Text, x => x.EmbeddingHeaders, (x, v) => x with { EmbeddingHeaders = v }),
        Field.Value<OptimizerConfig, long>("maxToolsToReturn", Kinds.Integer, x => x.MaxToolsToReturn, (x, v) => x with { MaxToolsToReturn = (int)v }),
        Field.Value<OptimizerConfig, decimal>("hybridSearchSemanticRatio", Kinds.Decimal, x => x.HybridSearchSemanticRatio, (x, v) => x with { HybridSearchSemanticRatio = v }),
        Field.Value<OptimizerConfig, decimal>("semanticDistanceThreshold", Kinds.Decimal, x => x.SemanticDistanceThreshold, (x, v) => x with { SemanticDistanceThreshold = v }));

    public static readonly Shape<CodeModeConfig> CodeMode = new(
        new CodeModeConfig(),
        Field.Value<CodeModeConfig, bool>("enabled", Kinds.Boolean, x => x.Enabled, (x, v) => x with { Enabled = v }),
        Field.Value<CodeModeConfig, long>("stepLimit", Kinds.Long, x => x.StepLimit, (x, v) => x with { StepLimit = v }),
        Field.Value<CodeModeConfig, long>("parallelMaxConcurrency", Kinds.Integer, x => x.ParallelMaxConcurrency, (x, v) => x with { ParallelMaxConcurrency = (int)v }),
        Field.Value<CodeModeConfig, TimeSpan>("toolCallTimeout", Kinds.Duration, x => x.ToolCallTimeout, (x, v) => x with { ToolCallTimeout = v }));

    public static readonly Shape<SessionStorageConfig> SessionStorage = new(
        new SessionStorageConfig(),
        Field.Value<SessionStorageConfig, SessionStorageProvider>("provider", Stores, x => x.Provider, (x, v) => x with { Provider = v }),
        Field.Of<SessionStorageConfig, string>("address", Kinds.Text, x => x.Address, (x, v) => x with { Address = v }),
        Field.Value<SessionStorageConfig, long>("db", Kinds.Integer, x => x.Db, (x, v) => x with { Db = (int)v }),
        Field.Of<SessionStorageConfig, string>("keyPrefix", Kinds.Text, x => x.KeyPrefix, (x, v) => x with { KeyPrefix = v }));

    public static readonly Shape<RateLimitBucketConfig> Bucket = new(
        new RateLimitBucketConfig(),
        Field.Value<RateLimitBucketConfig, long>("maxTokens", Kinds.Integer, x => x.MaxTokens, (x, v) => x with { MaxTokens = (int)v }),
        Field.Value<RateLimitBucketConfig, TimeSpan>("refillPeriod", Kinds.Duration, x => x.RefillPeriod, (x, v) => x with { RefillPeriod = v }));

    public static readonly Shape<ToolRateLimitConfig> ToolLimit = new(
        new ToolRateLimitConfig(),
        Field.Of<ToolRateLimitConfig, string>("name", Kinds.Text, x => x.Name, (x, v) => x with { Name = v }),
        Field.Of<ToolRateLimitConfig, RateLimitBucketConfig>("shared", Bucket, x => x.Shared, (x, v) => x with { Shared = v }),
        Field.Of<ToolRateLimitConfig, RateLimitBucketConfig>("perUser", Bucket, x => x.PerUser, (x, v) => x with { PerUser = v }));

    public static readonly Shape<RateLimitingConfig> RateLimiting = new(
        new RateLimitingConfig(),
        Field.Of<RateLimitingConfig, RateLimitBucketConfig>("shared", Bucket, x => x.Shared, (x, v) => x with { Shared = v }),
        Field.Of<RateLimitingConfig, RateLimitBucketConfig>("perUser", Bucket, x => x.PerUser, (x, v) => x with { PerUser = v }),
        Field.List<RateLimitingConfig, ToolRateLimitConfig>("tools", ToolLimit, x => x.Tools, (x, v) => x with { Tools = v }));
}
