using System.Collections.Frozen;
using System.Globalization;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Core.Values;

namespace Vmcp.Config.Validation;

/// <summary>Optimizer, code mode, session storage, rate limits, telemetry, audit.</summary>
internal static class FeatureRules
{
    // The types an audit event can have (auth-and-ops 6): every one that is written may be chosen.
    private static readonly FrozenSet<string> AuditEvents = FrozenSet.Create(
        StringComparer.Ordinal,
        "mcp_initialize", "mcp_tool_call", "mcp_tools_list", "mcp_resource_read", "mcp_resources_list", "mcp_prompt_get", "mcp_prompts_list",
        "mcp_notification", "mcp_ping", "mcp_logging", "mcp_completion", "mcp_roots_list_changed",
        "mcp_request", "sse_connection", "http_request", "vmcp_workflow_started", "vmcp_workflow_completed", "vmcp_workflow_failed",
        "vmcp_workflow_timed_out", "vmcp_workflow_step_started", "vmcp_workflow_step_completed", "vmcp_workflow_step_failed",
        "vmcp_workflow_step_skipped");

    public static void Check(GatewayConfig config, ProblemList problems)
    {
        if (config.Optimizer is { } optimizer)
            Optimizer(optimizer, problems);
        if (config.CodeMode is { } codeMode)
            CodeMode(codeMode, problems);
        if (config.SessionStorage is { } storage)
            SessionStorage(storage, problems);
        if (config.RateLimiting is { } limits)
            RateLimiting(config, limits, problems);
        if (config.Telemetry is { } telemetry)
            Telemetry(telemetry, problems);
        if (config.Audit is { } audit)
            Audit(audit, problems);
    }

    private static void Optimizer(OptimizerConfig optimizer, ProblemList problems)
    {
        bool openAi = optimizer.EmbeddingProvider == EmbeddingProvider.OpenAi;
        if (openAi)
        {
            Ensure.Required(optimizer.EmbeddingService, "optimizer.embeddingService", "required for openai", problems);
            Ensure.Required(optimizer.EmbeddingModel, "optimizer.embeddingModel", "required for openai", problems);
        }
        else if (optimizer.EmbeddingModel is not null)
        {
            problems.Warn("optimizer.embeddingModel", "only provider openai uses it");
        }

        Ensure.Url(optimizer.EmbeddingService, "optimizer.embeddingService", problems, "http://127.0.0.1:8081");
        Ensure.Positive(optimizer.EmbeddingServiceTimeout, "optimizer.embeddingServiceTimeout", problems);
        Ensure.Range(optimizer.MaxToolsToReturn, 0, 50, "optimizer.maxToolsToReturn", problems);
        Fraction(optimizer.HybridSearchSemanticRatio, 1, "optimizer.hybridSearchSemanticRatio", problems);
        Fraction(optimizer.SemanticDistanceThreshold, 2, "optimizer.semanticDistanceThreshold", problems);
        if (!optimizer.EmbeddingHeaders.IsEmpty && !openAi)
            problems.Error("optimizer.embeddingHeaders", "only provider openai uses them");
        if (optimizer.EmbeddingHeaders.Count > 32)
            problems.Error("optimizer.embeddingHeaders", "at most 32 headers");
        foreach ((string name, string value) in optimizer.EmbeddingHeaders)
        {
            string path = $"optimizer.embeddingHeaders.{name}";
            string? problem = name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
                ? "the key comes from OPENAI_API_KEY"
                : HeaderRules.NameProblem(name);
            if ((problem ?? HeaderRules.ValueProblem(value)) is { } wrong)
                problems.Error(path, wrong);
        }
    }

    private static void CodeMode(CodeModeConfig codeMode, ProblemList problems)
    {
        Ensure.Range(codeMode.StepLimit, 0, long.MaxValue, "codeMode.stepLimit", problems);
        Ensure.Range(codeMode.ParallelMaxConcurrency, 0, int.MaxValue, "codeMode.parallelMaxConcurrency", problems);
        if (codeMode.Enabled is null && codeMode != new CodeModeConfig())
            problems.Warn("codeMode", "stays off without enabled: true");
    }

    private static void SessionStorage(SessionStorageConfig storage, ProblemList problems)
    {
        if (storage.Provider is null)
            problems.Error("sessionStorage.provider", "required: one of memory, redis");
        if (storage.Provider == SessionStorageProvider.Redis
            && Ensure.Required(storage.Address, "sessionStorage.address", "required for redis: host:port", problems))
        {
            HostPort(storage.Address!, "sessionStorage.address", problems);
        }
        else if (storage.Provider == SessionStorageProvider.Memory
            && (storage.Address is not null || storage.Db is not null || storage.KeyPrefix is not null))
        {
            problems.Warn("sessionStorage", "provider memory uses no address, db or keyPrefix");
        }

        Ensure.Range(storage.Db, 0, int.MaxValue, "sessionStorage.db", problems);
        if (storage.KeyPrefix is not null && !storage.KeyPrefix.EndsWith(':'))
            problems.Error("sessionStorage.keyPrefix", $"\"{storage.KeyPrefix}\" must end in \":\"");
    }

    private static void RateLimiting(GatewayConfig config, RateLimitingConfig limits, ProblemList problems)
    {
        if (limits.Shared is null && limits.PerUser is null && limits.Tools.IsEmpty)
            problems.Error("rateLimiting", "needs at least one of shared, perUser, tools");
        if (config.SessionStorage?.Provider != SessionStorageProvider.Redis)
            problems.Error("rateLimiting", "needs sessionStorage.provider: redis, so that all replicas count together");
        Bucket(limits.Shared, "rateLimiting.shared", problems);
        Bucket(limits.PerUser, "rateLimiting.perUser", problems);
        if (limits.PerUser is not null)
            NeedsUsers(config, "rateLimiting.perUser", problems);
        Dictionary<string, int> names = new(StringComparer.Ordinal);
        for (int i = 0; i < limits.Tools.Count; i++)
        {
            ToolRateLimitConfig tool = limits.Tools[i];
            string path = $"rateLimiting.tools[{i}]";
            if (Ensure.Required(tool.Name, $"{path}.name", "required: the tool", problems) && !names.TryAdd(tool.Name!, i))
                problems.Error($"{path}.name", $"\"{tool.Name}\" is already limited in rateLimiting.tools[{names[tool.Name!]}]");
            if (tool.Shared is null && tool.PerUser is null)
                problems.Error(path, "needs shared or perUser");
            Bucket(tool.Shared, $"{path}.shared", problems);
            Bucket(tool.PerUser, $"{path}.perUser", problems);
            if (tool.PerUser is not null)
                NeedsUsers(config, $"{path}.perUser", problems);
        }
    }

    private static void NeedsUsers(GatewayConfig config, string path, ProblemList problems)
    {
        if (config.EffectiveIncomingAuth == IncomingAuthType.Anonymous)
            problems.Error(path, "needs users, and incomingAuth.type is anonymous");
    }

    private static void Bucket(RateLimitBucketConfig? bucket, string path, ProblemList problems)
    {
        if (bucket is null)
            return;
        if (bucket.MaxTokens is null)
            problems.Error($"{path}.maxTokens", "required: requests at most");
        Ensure.Range(bucket.MaxTokens, 1, int.MaxValue, $"{path}.maxTokens", problems);
        if (bucket.RefillPeriod is null)
            problems.Error($"{path}.refillPeriod", "required: the time in which maxTokens come back");
        Ensure.Positive(bucket.RefillPeriod, $"{path}.refillPeriod", problems);
    }

    private static void Telemetry(TelemetryConfig telemetry, ProblemList problems)
    {
        bool signals = telemetry.TracingEnabled == true || telemetry.MetricsEnabled == true;
        if (!string.IsNullOrEmpty(telemetry.Endpoint) && !signals)
            problems.Error("telemetry.endpoint", "nothing is sent there", "write tracingEnabled: true or metricsEnabled: true");
        else if (!signals && telemetry.EnablePrometheusMetricsPath != true && telemetry != new TelemetryConfig())
            problems.Warn("telemetry", "switches nothing on: tracingEnabled, metricsEnabled and enablePrometheusMetricsPath are off");
        if (signals && string.IsNullOrEmpty(telemetry.Endpoint))
            problems.Warn("telemetry.endpoint", "without it tracingEnabled and metricsEnabled send nothing", "write host:port or a URL");
        if (telemetry.Endpoint is { Length: > 0 } endpoint)
        {
            if (endpoint.Contains("://", StringComparison.Ordinal))
                Ensure.Url(endpoint, "telemetry.endpoint", problems, "http://otel:4318");
            else
                HostPort(endpoint.Split('/')[0], "telemetry.endpoint", problems);
        }

        Fraction(telemetry.SamplingRate, 1, "telemetry.samplingRate", problems);
        Ensure.Range(telemetry.PrometheusPort, 0, 65535, "telemetry.prometheusPort", problems);
        Ensure.AbsolutePath(telemetry.CaCertPath, "telemetry.caCertPath", problems);
        Ensure.Distinct(telemetry.EnvironmentVariables, "telemetry.environmentVariables", problems);
        foreach ((string name, string value) in telemetry.Headers)
        {
            if (HeaderRules.NameProblem(name) is { } nameProblem)
                problems.Error($"telemetry.headers.{name}", nameProblem);
            else if (HeaderRules.ValueProblem(value) is { } valueProblem)
                problems.Error($"telemetry.headers.{name}", valueProblem);
        }
    }

    private static void Audit(AuditConfig audit, ProblemList problems)
    {
        if (audit.Enabled is null)
            problems.Warn("audit", "stays off without enabled: true");
        Events(audit.EventTypes, "audit.eventTypes", problems);
        Events(audit.ExcludeEventTypes, "audit.excludeEventTypes", problems);
        Ensure.Range(audit.MaxDataSize, 0, int.MaxValue, "audit.maxDataSize", problems);
        Ensure.Range(audit.MaxDelegationDepth, 1, int.MaxValue, "audit.maxDelegationDepth", problems);
        Ensure.NotEmpty(audit.LogFile, "audit.logFile", problems);
    }

    private static void Events(EquatableArray<string> types, string path, ProblemList problems)
    {
        Ensure.Distinct(types, path, problems);
        for (int i = 0; i < types.Count; i++)
        {
            if (types[i].Length == 0 || AuditEvents.Contains(types[i]))
                continue;
            string remedy = NearMatch.Remedy(types[i], [.. AuditEvents.Order(StringComparer.Ordinal)], "event types");
            problems.Error($"{path}[{i}]", $"\"{types[i]}\" is not an event type", remedy);
        }
    }

    private static void Fraction(decimal? value, int max, string path, ProblemList problems)
    {
        if (value < 0 || value > max)
            problems.Error(path, $"must be between 0 and {max}, is {value.Value.ToString(CultureInfo.InvariantCulture)}");
    }

    private static void HostPort(string address, string path, ProblemList problems)
    {
        int colon = address.LastIndexOf(':');
        bool good = colon > 0
            && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && port > 0
            && Uri.CheckHostName(address[..colon].Trim('[', ']')) != UriHostNameType.Unknown;
        if (!good)
            problems.Error(path, $"\"{address}\" is not host:port");
    }
}
