using Vmcp.Config.Model;
using Vmcp.Config.Values;

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

    public static readonly Shape<StepErrorConfig> OnError = new(
        new StepErrorConfig(),
        Field.Value<StepErrorConfig, StepErrorAction>("action", ErrorActions, x => x.Action, (x, v) => x with { Action = v }),
        Field.Value<StepErrorConfig, long>("retryCount", Kinds.Integer, x => x.RetryCount, (x, v) => x with { RetryCount = (int)v }),
        Field.Value<StepErrorConfig, TimeSpan>("retryDelay", Kinds.Duration, x => x.RetryDelay, (x, v) => x with { RetryDelay = v }));

    public static readonly Shape<StepAnswerConfig> OnAnswer = new(
        new StepAnswerConfig(),
        Field.Value<StepAnswerConfig, StepAnswerAction>("action", AnswerActions, x => x.Action, (x, v) => x with { Action = v }));

    public static readonly Shape<StepConfig> Step = new(
        new StepConfig(),
        Field.Of<StepConfig, string>("id", Kinds.Text, x => x.Id, (x, v) => x with { Id = v }),
        Field.Value<StepConfig, StepType>("type", StepTypes, x => x.Type, (x, v) => x with { Type = v }),
        Field.Of<StepConfig, string>("tool", Kinds.Text, x => x.Tool, (x, v) => x with { Tool = v }),
        Field.Of<StepConfig, FreeValue>("arguments", Kinds.Object, x => x.Arguments, (x, v) => x with { Arguments = v }),
        Field.Of<StepConfig, string>("condition", Kinds.Text, x => x.Condition, (x, v) => x with { Condition = v }),
        Field.List<StepConfig, string>("dependsOn", Kinds.Text, x => x.DependsOn, (x, v) => x with { DependsOn = v }),
        Field.Of<StepConfig, StepErrorConfig>("onError", OnError, x => x.OnError, (x, v) => x with { OnError = v }),
        Field.Of<StepConfig, string>("message", Kinds.Text, x => x.Message, (x, v) => x with { Message = v }),
        Field.Of<StepConfig, FreeValue>("schema", Kinds.Object, x => x.Schema, (x, v) => x with { Schema = v }),
        Field.Value<StepConfig, TimeSpan>("timeout", Kinds.Duration, x => x.Timeout, (x, v) => x with { Timeout = v }),
        Field.Of<StepConfig, StepAnswerConfig>("onDecline", OnAnswer, x => x.OnDecline, (x, v) => x with { OnDecline = v }),
        Field.Of<StepConfig, StepAnswerConfig>("onCancel", OnAnswer, x => x.OnCancel, (x, v) => x with { OnCancel = v }),
        Field.Of<StepConfig, FreeValue>("defaultResults", Kinds.Object, x => x.DefaultResults, (x, v) => x with { DefaultResults = v }),
        Field.Of<StepConfig, string>("collection", Kinds.Text, x => x.Collection, (x, v) => x with { Collection = v }),
        Field.Of<StepConfig, string>("itemVar", Kinds.Text, x => x.ItemVar, (x, v) => x with { ItemVar = v }),
        Field.Value<StepConfig, long>("maxParallel", Kinds.Integer, x => x.MaxParallel, (x, v) => x with { MaxParallel = (int)v }),
        Field.Value<StepConfig, long>("maxIterations", Kinds.Integer, x => x.MaxIterations, (x, v) => x with { MaxIterations = (int)v }),
        Field.Of<StepConfig, StepConfig>("step", new DeferredKind<StepConfig>(() => Step!), x => x.Step, (x, v) => x with { Step = v }));

    public static readonly Shape<OutputPropertyConfig> Property = new(
        new OutputPropertyConfig(),
        Field.Value<OutputPropertyConfig, OutputType>("type", OutputTypes, x => x.Type, (x, v) => x with { Type = v }),
        Field.Of<OutputPropertyConfig, string>("description", Kinds.Text, x => x.Description, (x, v) => x with { Description = v }),
        Field.Of<OutputPropertyConfig, string>("value", Kinds.Text, x => x.Value, (x, v) => x with { Value = v }),
        Field.Map<OutputPropertyConfig, OutputPropertyConfig>("properties", new DeferredKind<OutputPropertyConfig>(() => Property!), x => x.Properties, (x, v) => x with { Properties = v }),
        Field.Of<OutputPropertyConfig, FreeValue>("default", Kinds.Anything, x => x.Default, (x, v) => x with { Default = v }));

    public static readonly Shape<CompositeOutputConfig> Output = new(
        new CompositeOutputConfig(),
        Field.Map<CompositeOutputConfig, OutputPropertyConfig>("properties", Property, x => x.Properties, (x, v) => x with { Properties = v }),
        Field.List<CompositeOutputConfig, string>("required", Kinds.Text, x => x.Required, (x, v) => x with { Required = v }));

    public static readonly Shape<CompositeToolConfig> CompositeTool = new(
        new CompositeToolConfig(),
        Field.Of<CompositeToolConfig, string>("name", Kinds.Text, x => x.Name, (x, v) => x with { Name = v }),
        Field.Of<CompositeToolConfig, string>("description", Kinds.Text, x => x.Description, (x, v) => x with { Description = v }),
        Field.Of<CompositeToolConfig, FreeValue>("parameters", Kinds.Object, x => x.Parameters, (x, v) => x with { Parameters = v }),
        Field.Value<CompositeToolConfig, TimeSpan>("timeout", Kinds.Duration, x => x.Timeout, (x, v) => x with { Timeout = v }),
        Field.Value<CompositeToolConfig, CompositeFailureMode>("failureMode", FailureModes, x => x.FailureMode, (x, v) => x with { FailureMode = v }),
        Field.List<CompositeToolConfig, StepConfig>("steps", Step, x => x.Steps, (x, v) => x with { Steps = v }),
        Field.Of<CompositeToolConfig, CompositeOutputConfig>("output", Output, x => x.Output, (x, v) => x with { Output = v }),
        Field.Of<CompositeToolConfig, ToolAnnotationsConfig>("annotations", AggregationShapes.Annotations, x => x.Annotations, (x, v) => x with { Annotations = v }));
}
