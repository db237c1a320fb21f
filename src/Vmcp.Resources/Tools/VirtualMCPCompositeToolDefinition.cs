using System.Text.Json;
using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>A workflow over tools of the backends, offered as one tool.</summary>
[CustomResource("virtualmcpcompositetooldefinitions", "vmcpctd", "compositetool")]
[PrinterColumn("Workflow", ".spec.name")]
[PrinterColumn("Status", ".status.validationStatus")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Ready", ".status.conditions[?(@.type=='Ready')].status")]
public sealed record VirtualMCPCompositeToolDefinition()
    : Resource<VirtualMCPCompositeToolDefinitionSpec, VirtualMCPCompositeToolDefinitionStatus>(ToolHive.VirtualMCPCompositeToolDefinition);

/// <summary>A workflow over tools of the backends.</summary>
public sealed record VirtualMCPCompositeToolDefinitionSpec
{
    /// <summary>The name of the tool.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>The description of the tool.</summary>
    public string? Description { get; init; }

    /// <summary>The tool's parameters: a JSON Schema of type object.</summary>
    [PreserveUnknownFields]
    public JsonElement? Parameters { get; init; }

    /// <summary>The most time a whole run may take.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? Timeout { get; init; }

    /// <summary>The steps; each runs as soon as those it depends on are done.</summary>
    [Required]
    public IReadOnlyList<CompositeStepSpec> Steps { get; init => field = value ?? field; } = [];

    /// <summary>What a run gives back; the last step's result when unset.</summary>
    public CompositeOutputSpec? Output { get; init; }

    /// <summary>Hints about the tool; those not set follow from the tools it calls.</summary>
    public ToolAnnotationsSpec? Annotations { get; init; }
}

/// <summary>One step of a workflow.</summary>
public sealed record CompositeStepSpec
{
    /// <summary>The step's name in the workflow.</summary>
    [Required]
    public string Id { get; init => field = value ?? field; } = "";

    /// <summary>tool: call a tool; elicitation: ask the user; forEach: do a step for each item of a list.</summary>
    [Default("tool"), OneOf("tool", "elicitation", "forEach")]
    public string? Type { get; init; }

    /// <summary>The tool to call: workload.tool or the name clients see.</summary>
    public string? Tool { get; init; }

    /// <summary>Arguments of the call; texts on the first level are templates.</summary>
    [PreserveUnknownFields]
    public JsonElement? Arguments { get; init; }

    /// <summary>A template; the step is skipped when it gives false.</summary>
    public string? Condition { get; init; }

    /// <summary>Ids of the steps that must be done first.</summary>
    public IReadOnlyList<string> DependsOn { get; init => field = value ?? field; } = [];

    /// <summary>What happens when the step fails.</summary>
    public StepErrorSpec? OnError { get; init; }

    /// <summary>The question to the user, a template.</summary>
    public string? Message { get; init; }

    /// <summary>A JSON Schema for the user's answer.</summary>
    [PreserveUnknownFields]
    public JsonElement? Schema { get; init; }

    /// <summary>The most time the step may take.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? Timeout { get; init; }

    /// <summary>What happens when the user says no.</summary>
    public StepAnswerSpec? OnDecline { get; init; }

    /// <summary>What happens when the user does not want to answer.</summary>
    public StepAnswerSpec? OnCancel { get; init; }

    /// <summary>What other steps see when this one was skipped or failed.</summary>
    [AnyValue]
    public JsonElement? DefaultResults { get; init; }

    /// <summary>A template that gives the list of a forEach step.</summary>
    public string? Collection { get; init; }

    /// <summary>The name of the item in the inner step; item when unset.</summary>
    public string? ItemVar { get; init; }

    /// <summary>How many items at a time; 10 when unset.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>How many items at most; 100 when unset.</summary>
    public int? MaxIterations { get; init; }

    /// <summary>The inner step of a forEach step, which must be a tool step.</summary>
    [PreserveUnknownFields]
    public JsonElement? Step { get; init; }
}

/// <summary>What happens when a step fails.</summary>
public sealed record StepErrorSpec
{
    /// <summary>abort the workflow, continue without the step, or retry it.</summary>
    [Default("abort"), OneOf("abort", "continue", "retry")]
    public string? Action { get; init; }

    /// <summary>How often it is tried again.</summary>
    public int? RetryCount { get; init; }

    /// <summary>How long to wait before it is tried again.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? RetryDelay { get; init; }
}

/// <summary>What happens when the user gives no answer.</summary>
public sealed record StepAnswerSpec
{
    /// <summary>skip_remaining steps, abort the workflow, or continue without the answer.</summary>
    [Default("abort"), OneOf("skip_remaining", "abort", "continue")]
    public string? Action { get; init; }
}

/// <summary>What a run of a workflow gives back.</summary>
public sealed record CompositeOutputSpec
{
    /// <summary>The fields.</summary>
    [Required]
    public IReadOnlyDictionary<string, OutputFieldSpec> Properties { get; init => field = value ?? field; } = new Dictionary<string, OutputFieldSpec>();

    /// <summary>Fields that must be there.</summary>
    public IReadOnlyList<string> Required { get; init => field = value ?? field; } = [];
}

/// <summary>One field a run gives back.</summary>
public sealed record OutputFieldSpec
{
    /// <summary>Its JSON type.</summary>
    [Required, OneOf("string", "integer", "number", "boolean", "object", "array")]
    public string? Type { get; init; }

    /// <summary>For clients.</summary>
    public string? Description { get; init; }

    /// <summary>A template that gives the value.</summary>
    public string? Value { get; init; }

    /// <summary>The fields of an object, each of this same form.</summary>
    [PreserveUnknownFields]
    public JsonElement? Properties { get; init; }

    /// <summary>The value when the template fails.</summary>
    [AnyValue]
    public JsonElement? Default { get; init; }
}

/// <summary>Whether the workflow can run.</summary>
public sealed record VirtualMCPCompositeToolDefinitionStatus
{
    /// <summary>Whether the workflow is well formed.</summary>
    [OneOf("Valid", "Invalid", "Unknown")]
    public string? ValidationStatus { get; init; }

    /// <summary>What is wrong with it.</summary>
    [ListAtomic]
    public IReadOnlyList<string> ValidationErrors { get; init => field = value ?? field; } = [];

    /// <summary>VirtualMCPServers that use it, sorted.</summary>
    [ListSet]
    public IReadOnlyList<string> ReferencingVirtualServers { get; init => field = value ?? field; } = [];

    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];
}
