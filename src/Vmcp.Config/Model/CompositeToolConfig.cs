using Vmcp.Config.Values;
using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary>One workflow offered as a tool (composition 1.2).</summary>
public sealed record CompositeToolConfig
{
    /// <summary>The tool's name.</summary>
    public string? Name { get; init; }

    /// <summary>The tool's description.</summary>
    public string? Description { get; init; }

    /// <summary>JSON Schema of the arguments.</summary>
    public FreeValue? Parameters { get; init; }

    /// <summary>Longest run; zero or absent is 30 minutes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>An older key that the engine never took over: abort is what happens. Read so that older files load.</summary>
    public CompositeFailureMode? FailureMode { get; init; }

    /// <summary>The steps.</summary>
    public EquatableArray<StepConfig> Steps { get; init; }

    /// <summary>The result's form; absent: the output of the step that ends last.</summary>
    public CompositeOutputConfig? Output { get; init; }

    /// <summary>The tool's annotations.</summary>
    public ToolAnnotationsConfig? Annotations { get; init; }
}

/// <summary>The values of <c>failureMode</c>.</summary>
public enum CompositeFailureMode
{
    /// <summary>A failed step ends the workflow.</summary>
    Abort,

    /// <summary>A failed step does not; has no effect, each step says so itself with <c>onError</c>.</summary>
    Continue,
}

/// <summary>One step of a workflow, or the inner step of a forEach.</summary>
public sealed record StepConfig
{
    /// <summary>The step's id, unique in its workflow.</summary>
    public string? Id { get; init; }

    /// <summary>The kind of step.</summary>
    public StepType? Type { get; init; }

    /// <summary>The tool a tool step calls.</summary>
    public string? Tool { get; init; }

    /// <summary>The call's arguments; strings are templates.</summary>
    public FreeValue? Arguments { get; init; }

    /// <summary>A template that says whether the step runs.</summary>
    public string? Condition { get; init; }

    /// <summary>Ids of steps that must have ended.</summary>
    public EquatableArray<string> DependsOn { get; init; }

    /// <summary>What a failure leads to.</summary>
    public StepErrorConfig? OnError { get; init; }

    /// <summary>The question of an elicitation, a template.</summary>
    public string? Message { get; init; }

    /// <summary>JSON Schema of the answer to an elicitation.</summary>
    public FreeValue? Schema { get; init; }

    /// <summary>Longest run of the step; zero or absent is 5 minutes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What a declined elicitation leads to.</summary>
    public StepAnswerConfig? OnDecline { get; init; }

    /// <summary>What a cancelled elicitation leads to.</summary>
    public StepAnswerConfig? OnCancel { get; init; }

    /// <summary>The output of a skipped step.</summary>
    public FreeValue? DefaultResults { get; init; }

    /// <summary>Template of the list a forEach walks.</summary>
    public string? Collection { get; init; }

    /// <summary>The name of a forEach's item; <c>item</c> when absent.</summary>
    public string? ItemVar { get; init; }

    /// <summary>Items at once; zero or absent is 10.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>Items at most; zero or absent is 100.</summary>
    public int? MaxIterations { get; init; }

    /// <summary>The step done per item.</summary>
    public StepConfig? Step { get; init; }

    /// <summary>The kind as written, or a tool step.</summary>
    public StepType EffectiveType => Type ?? StepType.Tool;
}

/// <summary>The kinds of step.</summary>
public enum StepType
{
    /// <summary>Calls a tool.</summary>
    Tool,

    /// <summary>Asks the user.</summary>
    Elicitation,

    /// <summary>Calls a tool per item of a list.</summary>
    ForEach,
}

/// <summary><c>onError</c>.</summary>
public sealed record StepErrorConfig
{
    /// <summary>What to do; abort when absent.</summary>
    public StepErrorAction? Action { get; init; }

    /// <summary>Retries for <see cref="StepErrorAction.Retry"/>.</summary>
    public int? RetryCount { get; init; }

    /// <summary>Time before a retry.</summary>
    public TimeSpan? RetryDelay { get; init; }
}

/// <summary>The actions of <c>onError</c>.</summary>
public enum StepErrorAction
{
    /// <summary>End the workflow.</summary>
    Abort,

    /// <summary>Go on.</summary>
    Continue,

    /// <summary>Try again.</summary>
    Retry,
}

/// <summary><c>onDecline</c> and <c>onCancel</c>.</summary>
public sealed record StepAnswerConfig
{
    /// <summary>What to do.</summary>
    public StepAnswerAction? Action { get; init; }
}

/// <summary>The actions of <c>onDecline</c> and <c>onCancel</c>.</summary>
public enum StepAnswerAction
{
    /// <summary>End the workflow.</summary>
    Abort,

    /// <summary>Go on.</summary>
    Continue,

    /// <summary>Skip what is left.</summary>
    SkipRemaining,
}

/// <summary><c>output</c> of a workflow.</summary>
public sealed record CompositeOutputConfig
{
    /// <summary>The result's fields.</summary>
    public SortedMap<OutputPropertyConfig> Properties { get; init; } = SortedMap.Empty<OutputPropertyConfig>();

    /// <summary>Fields that must be there.</summary>
    public EquatableArray<string> Required { get; init; }
}

/// <summary>One field of a workflow's result.</summary>
public sealed record OutputPropertyConfig
{
    /// <summary>The JSON type.</summary>
    public OutputType? Type { get; init; }

    /// <summary>What the field means.</summary>
    public string? Description { get; init; }

    /// <summary>Template of the value.</summary>
    public string? Value { get; init; }

    /// <summary>Fields of an object.</summary>
    public SortedMap<OutputPropertyConfig> Properties { get; init; } = SortedMap.Empty<OutputPropertyConfig>();

    /// <summary>The value when the template gives none.</summary>
    public FreeValue? Default { get; init; }
}

/// <summary>JSON types of result fields.</summary>
public enum OutputType
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An object.</summary>
    Object,

    /// <summary>A list.</summary>
    Array,
}
