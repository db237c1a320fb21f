using Vmcp.Config.Model;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of composite tools (composition 1.2).</summary>
internal static class CompositeShapes
{
    private static readonly WordKind<StepType> StepTypes = new(
        "a kind of step",
        ("tool", StepType.Tool),
        ("elicitation", StepType.Elicitation),
        ("forEach", StepType.ForEach));

    private static readonly WordKind<StepErrorAction> ErrorActions = new(
        "an action",
        ("abort", StepErrorAction.Abort),
        ("continue", StepErrorAction.Continue),
        ("retry", StepErrorAction.Retry));

    private static readonly WordKind<StepAnswerAction> AnswerActions = new(
        "an action",
        ("abort", StepAnswerAction.Abort),
        ("continue", StepAnswerAction.Continue),
        ("skip_remaining", StepAnswerAction.SkipRemaining));

    private static readonly WordKind<OutputType> OutputTypes = new(
        "a JSON type",
        ("string", OutputType.String),
        ("integer", OutputType.Integer),
        ("number", OutputType.Number),
        ("boolean", OutputType.Boolean),
        ("object", OutputType.Object),
        ("array", OutputType.Array));

    private static readonly WordKind<CompositeFailureMode> FailureModes = new(
        "a mode", ("abort", CompositeFailureMode.Abort), ("continue", CompositeFailureMode.Continue));

    public static readonly Shape<StepErrorConfig> OnError = new Shape<StepErrorConfig>(new StepErrorConfig())
        .Value("action", ErrorActions, x => x.Action, (x, v) => x with { Action = v })
        .Integer("retryCount", x => x.RetryCount, (x, v) => x with { RetryCount = (int)v })
        .Duration("retryDelay", x => x.RetryDelay, (x, v) => x with { RetryDelay = v });

    public static readonly Shape<StepAnswerConfig> OnAnswer = new Shape<StepAnswerConfig>(new StepAnswerConfig())
        .Value("action", AnswerActions, x => x.Action, (x, v) => x with { Action = v });

    public static readonly Shape<StepConfig> Step = new Shape<StepConfig>(new StepConfig())
        .Text("id", x => x.Id, (x, v) => x with { Id = v })
        .Value("type", StepTypes, x => x.Type, (x, v) => x with { Type = v })
        .Text("tool", x => x.Tool, (x, v) => x with { Tool = v })
        .Of("arguments", Kinds.Object, x => x.Arguments, (x, v) => x with { Arguments = v })
        .Text("condition", x => x.Condition, (x, v) => x with { Condition = v })
        .Texts("dependsOn", x => x.DependsOn, (x, v) => x with { DependsOn = v })
        .Of("onError", OnError, x => x.OnError, (x, v) => x with { OnError = v })
        .Text("message", x => x.Message, (x, v) => x with { Message = v })
        .Of("schema", Kinds.Object, x => x.Schema, (x, v) => x with { Schema = v })
        .Duration("timeout", x => x.Timeout, (x, v) => x with { Timeout = v })
        .Of("onDecline", OnAnswer, x => x.OnDecline, (x, v) => x with { OnDecline = v })
        .Of("onCancel", OnAnswer, x => x.OnCancel, (x, v) => x with { OnCancel = v })
        .Of("defaultResults", Kinds.Object, x => x.DefaultResults, (x, v) => x with { DefaultResults = v })
        .Text("collection", x => x.Collection, (x, v) => x with { Collection = v })
        .Text("itemVar", x => x.ItemVar, (x, v) => x with { ItemVar = v })
        .Integer("maxParallel", x => x.MaxParallel, (x, v) => x with { MaxParallel = (int)v })
        .Integer("maxIterations", x => x.MaxIterations, (x, v) => x with { MaxIterations = (int)v })
        .Of("step", new DeferredKind<StepConfig>(() => Step!), x => x.Step, (x, v) => x with { Step = v });

    public static readonly Shape<OutputPropertyConfig> Property = new Shape<OutputPropertyConfig>(new OutputPropertyConfig())
        .Value("type", OutputTypes, x => x.Type, (x, v) => x with { Type = v })
        .Text("description", x => x.Description, (x, v) => x with { Description = v })
        .Text("value", x => x.Value, (x, v) => x with { Value = v })
        .Map("properties", new DeferredKind<OutputPropertyConfig>(() => Property!), x => x.Properties, (x, v) => x with { Properties = v })
        .Of("default", Kinds.Anything, x => x.Default, (x, v) => x with { Default = v });

    public static readonly Shape<CompositeOutputConfig> Output = new Shape<CompositeOutputConfig>(new CompositeOutputConfig())
        .Map("properties", Property, x => x.Properties, (x, v) => x with { Properties = v })
        .Texts("required", x => x.Required, (x, v) => x with { Required = v });

    public static readonly Shape<CompositeToolConfig> CompositeTool = new Shape<CompositeToolConfig>(new CompositeToolConfig())
        .Text("name", x => x.Name, (x, v) => x with { Name = v })
        .Text("description", x => x.Description, (x, v) => x with { Description = v })
        .Of("parameters", Kinds.Object, x => x.Parameters, (x, v) => x with { Parameters = v })
        .Duration("timeout", x => x.Timeout, (x, v) => x with { Timeout = v })
        .Value("failureMode", FailureModes, x => x.FailureMode, (x, v) => x with { FailureMode = v })
        .List("steps", Step, x => x.Steps, (x, v) => x with { Steps = v })
        .Of("output", Output, x => x.Output, (x, v) => x with { Output = v })
        .Of("annotations", AggregationShapes.Annotations, x => x.Annotations, (x, v) => x with { Annotations = v });
}
