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

    public static readonly Shape<TelemetryConfig> Telemetry = new Shape<TelemetryConfig>(new TelemetryConfig())
        .Text("endpoint", x => x.Endpoint, (x, v) => x with { Endpoint = v })
        .Text("serviceName", x => x.ServiceName, (x, v) => x with { ServiceName = v })
        .Text("serviceVersion", x => x.ServiceVersion, (x, v) => x with { ServiceVersion = v })
        .Flag("tracingEnabled", x => x.TracingEnabled, (x, v) => x with { TracingEnabled = v })
        .Flag("metricsEnabled", x => x.MetricsEnabled, (x, v) => x with { MetricsEnabled = v })
        .Decimal("samplingRate", x => x.SamplingRate, (x, v) => x with { SamplingRate = v })
        .TextMap("headers", x => x.Headers, (x, v) => x with { Headers = v })
        .Flag("insecure", x => x.Insecure, (x, v) => x with { Insecure = v })
        .Flag("enablePrometheusMetricsPath", x => x.EnablePrometheusMetricsPath, (x, v) => x with { EnablePrometheusMetricsPath = v })
        .Integer("prometheusPort", x => x.PrometheusPort, (x, v) => x with { PrometheusPort = (int)v })
        .Flag("metricsOnTransportPort", x => x.MetricsOnTransportPort, (x, v) => x with { MetricsOnTransportPort = v })
        .Texts("environmentVariables", x => x.EnvironmentVariables, (x, v) => x with { EnvironmentVariables = v })
        .TextMap("customAttributes", x => x.CustomAttributes, (x, v) => x with { CustomAttributes = v })
        .Flag("useLegacyAttributes", x => x.UseLegacyAttributes, (x, v) => x with { UseLegacyAttributes = v })
        .Text("caCertPath", x => x.CaCertPath, (x, v) => x with { CaCertPath = v });

    public static readonly Shape<AuditConfig> Audit = new Shape<AuditConfig>(new AuditConfig())
        .Flag("enabled", x => x.Enabled, (x, v) => x with { Enabled = v })
        .Text("component", x => x.Component, (x, v) => x with { Component = v })
        .Texts("eventTypes", x => x.EventTypes, (x, v) => x with { EventTypes = v })
        .Texts("excludeEventTypes", x => x.ExcludeEventTypes, (x, v) => x with { ExcludeEventTypes = v })
        .Flag("includeRequestData", x => x.IncludeRequestData, (x, v) => x with { IncludeRequestData = v })
        .Flag("includeResponseData", x => x.IncludeResponseData, (x, v) => x with { IncludeResponseData = v })
        .Flag("detectApplicationErrors", x => x.DetectApplicationErrors, (x, v) => x with { DetectApplicationErrors = v })
        .Integer("maxDataSize", x => x.MaxDataSize, (x, v) => x with { MaxDataSize = (int)v })
        .Integer("maxDelegationDepth", x => x.MaxDelegationDepth, (x, v) => x with { MaxDelegationDepth = (int)v })
        .Text("logFile", x => x.LogFile, (x, v) => x with { LogFile = v });

    public static readonly Shape<OptimizerConfig> Optimizer = new Shape<OptimizerConfig>(new OptimizerConfig())
        .Text("embeddingService", x => x.EmbeddingService, (x, v) => x with { EmbeddingService = v })
        .Duration("embeddingServiceTimeout", x => x.EmbeddingServiceTimeout, (x, v) => x with { EmbeddingServiceTimeout = v })
        .OptionalWord("embeddingProvider", Embeddings, x => x.EmbeddingProvider, (x, v) => x with { EmbeddingProvider = v })
        .Text("embeddingModel", x => x.EmbeddingModel, (x, v) => x with { EmbeddingModel = v })
        .TextMap("embeddingHeaders", x => x.EmbeddingHeaders, (x, v) => x with { EmbeddingHeaders = v })
        .Integer("maxToolsToReturn", x => x.MaxToolsToReturn, (x, v) => x with { MaxToolsToReturn = (int)v })
        .Decimal("hybridSearchSemanticRatio", x => x.HybridSearchSemanticRatio, (x, v) => x with { HybridSearchSemanticRatio = v })
        .Decimal("semanticDistanceThreshold", x => x.SemanticDistanceThreshold, (x, v) => x with { SemanticDistanceThreshold = v });

    public static readonly Shape<CodeModeConfig> CodeMode = new Shape<CodeModeConfig>(new CodeModeConfig())
        .Flag("enabled", x => x.Enabled, (x, v) => x with { Enabled = v })
        .Long("stepLimit", x => x.StepLimit, (x, v) => x with { StepLimit = v })
        .Integer("parallelMaxConcurrency", x => x.ParallelMaxConcurrency, (x, v) => x with { ParallelMaxConcurrency = (int)v })
        .Duration("toolCallTimeout", x => x.ToolCallTimeout, (x, v) => x with { ToolCallTimeout = v });

    public static readonly Shape<SessionStorageConfig> SessionStorage = new Shape<SessionStorageConfig>(new SessionStorageConfig())
        .Value("provider", Stores, x => x.Provider, (x, v) => x with { Provider = v })
        .Text("address", x => x.Address, (x, v) => x with { Address = v })
        .Integer("db", x => x.Db, (x, v) => x with { Db = (int)v })
        .Text("keyPrefix", x => x.KeyPrefix, (x, v) => x with { KeyPrefix = v });

    public static readonly Shape<RateLimitBucketConfig> Bucket = new Shape<RateLimitBucketConfig>(new RateLimitBucketConfig())
        .Integer("maxTokens", x => x.MaxTokens, (x, v) => x with { MaxTokens = (int)v })
        .Duration("refillPeriod", x => x.RefillPeriod, (x, v) => x with { RefillPeriod = v });

    public static readonly Shape<ToolRateLimitConfig> ToolLimit = new Shape<ToolRateLimitConfig>(new ToolRateLimitConfig())
        .Text("name", x => x.Name, (x, v) => x with { Name = v })
        .Of("shared", Bucket, x => x.Shared, (x, v) => x with { Shared = v })
        .Of("perUser", Bucket, x => x.PerUser, (x, v) => x with { PerUser = v });

    public static readonly Shape<RateLimitingConfig> RateLimiting = new Shape<RateLimitingConfig>(new RateLimitingConfig())
        .Of("shared", Bucket, x => x.Shared, (x, v) => x with { Shared = v })
        .Of("perUser", Bucket, x => x.PerUser, (x, v) => x with { PerUser = v })
        .List("tools", ToolLimit, x => x.Tools, (x, v) => x with { Tools = v });
}
