namespace Vmcp.Resources.Schema;

/// <summary>How the backends' tools become one list.</summary>
public sealed record AggregationSchema
{
    /// <summary>prefix: every tool carries its backend's name; priority: the first backend wins; manual: overrides name all clashes.</summary>
    [Default("prefix"), OneOf("prefix", "priority", "manual")]
    public string? ConflictResolution { get; init; }

    /// <summary>Settings of the way chosen.</summary>
    public ConflictResolutionSchema? ConflictResolutionConfig { get; init; }

    /// <summary>Hides all tools of backends; workflows can call them still.</summary>
    public bool? ExcludeAllTools { get; init; }

    /// <summary>Whether tools of backends without an entry in tools are shown: allow or deny.</summary>
    [OneOf("allow", "deny")]
    public string? DefaultToolVisibility { get; init; }

    /// <summary>What is shown of single backends, and under what names.</summary>
    public IReadOnlyList<WorkloadToolsSchema>? Tools { get; init; }
}

/// <summary>Settings of the way name clashes are solved.</summary>
public sealed record ConflictResolutionSchema
{
    /// <summary>What is put before a tool's name for prefix; {workload} stands for the backend's name.</summary>
    [Default("{workload}_")]
    public string? PrefixFormat { get; init; }

    /// <summary>Names of backends for priority, the first wins.</summary>
    public IReadOnlyList<string>? PriorityOrder { get; init; }
}

/// <summary>What is shown of one backend, and under what names.</summary>
public sealed record WorkloadToolsSchema
{
    /// <summary>Name of the backend.</summary>
    [Required]
    public string? Workload { get; init; }

    /// <summary>An MCPToolConfig whose filter and overrides are used where none are written here.</summary>
    public ToolConfigRef? ToolConfigRef { get; init; }

    /// <summary>The tools that are shown; all when empty.</summary>
    public IReadOnlyList<string>? Filter { get; init; }

    /// <summary>What is shown in place of a tool's own words, by the tool's own name.</summary>
    public IReadOnlyDictionary<string, ToolOverrideSpec>? Overrides { get; init; }

    /// <summary>Hides all tools of the backend.</summary>
    public bool? ExcludeAll { get; init; }
}

/// <summary>Clients see two tools, find_tool and call_tool, that find and call the others.</summary>
[Cel(
    "!has(self.embeddingHeaders) || (has(self.embeddingProvider) && self.embeddingProvider == 'openai')",
    "embeddingHeaders require embeddingProvider openai", FieldPath = ".embeddingHeaders")]
[Cel(
    "!has(self.embeddingHeaders) || self.embeddingHeaders.all(k, k.matches('^[A-Za-z0-9!#$%&*+.^_|~`\\'-]+$') && !k.matches('^(?i)(authorization|content-type)$'))",
    "embeddingHeaders must be named like HTTP headers, and neither Authorization nor Content-Type", FieldPath = ".embeddingHeaders")]
public sealed record OptimizerSchema
{
    /// <summary>Where embeddings come from; the operator writes the EmbeddingServer's URL here.</summary>
    public string? EmbeddingService { get; init; }

    /// <summary>The most time a request for embeddings may take.</summary>
    [Default("30s"), Bounds(Pattern = Patterns.Duration)]
    public string? EmbeddingServiceTimeout { get; init; }

    /// <summary>What the embedding service speaks: tei or openai.</summary>
    [Default("tei"), OneOf("tei", "openai")]
    public string? EmbeddingProvider { get; init; }

    /// <summary>The model, for openai.</summary>
    public string? EmbeddingModel { get; init; }

    /// <summary>Headers for the embedding service with their values in plain sight, for openai; never put secrets here.</summary>
    [Bounds(MaxProperties = 32), ItemBounds(MinLength = 1, MaxLength = 8192, Pattern = Patterns.HeaderValue)]
    public IReadOnlyDictionary<string, string>? EmbeddingHeaders { get; init; }

    /// <summary>How many tools are found at most; 8 when unset.</summary>
    [Bounds(Min = 1, Max = 50)]
    public int? MaxToolsToReturn { get; init; }

    /// <summary>How much meaning counts against words, 0 to 1, as text; 0.5 when unset.</summary>
    [Bounds(Pattern = Patterns.DecimalNumber)]
    public string? HybridSearchSemanticRatio { get; init; }

    /// <summary>How far off in meaning a tool may be, 0 to 2, as text; 1.0 when unset.</summary>
    [Bounds(Pattern = Patterns.DecimalNumber)]
    public string? SemanticDistanceThreshold { get; init; }
}

/// <summary>Clients see a tool that runs scripts over the others.</summary>
public sealed record CodeModeSchema
{
    /// <summary>Whether they do.</summary>
    public bool? Enabled { get; init; }

    /// <summary>How many steps a script may take.</summary>
    [Default(100000L), Bounds(Min = 1)]
    public long? StepLimit { get; init; }

    /// <summary>How many calls of parallel() run at a time.</summary>
    [Default(10), Bounds(Min = 1)]
    public int? ParallelMaxConcurrency { get; init; }

    /// <summary>The most time a call of a script may take.</summary>
    [Default("30s"), Bounds(Pattern = Patterns.Duration)]
    public string? ToolCallTimeout { get; init; }
}
