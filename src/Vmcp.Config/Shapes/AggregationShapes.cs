using Vmcp.Config.Model;
using Vmcp.Core.Catalogs;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of <c>aggregation</c>.</summary>
internal static class AggregationShapes
{
    private static readonly WordKind<ConflictStrategy> Strategies = new(
        "a strategy",
        ("prefix", ConflictStrategy.Prefix),
        ("priority", ConflictStrategy.Priority),
        ("manual", ConflictStrategy.Manual));

    private static readonly WordKind<ToolVisibility> Visibilities = new(
        "a visibility",
        ("allow", ToolVisibility.Allow),
        ("deny", ToolVisibility.Deny));

    public static readonly Shape<NameRef> Name = new(
        new NameRef(),
        Field.Of<NameRef, string>("name", Kinds.Text, x => x.Name, (x, v) => x with { Name = v }));

    public static readonly Shape<ToolAnnotationsConfig> Annotations = new(
        new ToolAnnotationsConfig(),
        Field.Of<ToolAnnotationsConfig, string>("title", Kinds.Text, x => x.Title, (x, v) => x with { Title = v }),
        Field.Value<ToolAnnotationsConfig, bool>("readOnlyHint", Kinds.Boolean, x => x.ReadOnlyHint, (x, v) => x with { ReadOnlyHint = v }),
        Field.Value<ToolAnnotationsConfig, bool>("destructiveHint", Kinds.Boolean, x => x.DestructiveHint, (x, v) => x with { DestructiveHint = v }),
        Field.Value<ToolAnnotationsConfig, bool>("idempotentHint", Kinds.Boolean, x => x.IdempotentHint, (x, v) => x with { IdempotentHint = v }),
        Field.Value<ToolAnnotationsConfig, bool>("openWorldHint", Kinds.Boolean, x => x.OpenWorldHint, (x, v) => x with { OpenWorldHint = v }));

    public static readonly Shape<ToolOverrideConfig> Override = new(
        new ToolOverrideConfig(),
        Field.Of<ToolOverrideConfig, string>("name", Kinds.Text, x => x.Name, (x, v) => x with { Name = v }),
        Field.Of<ToolOverrideConfig, string>("description", Kinds.Text, x => x.Description, (x, v) => x with { Description = v }),
        Field.Of<ToolOverrideConfig, ToolAnnotationsConfig>("annotations", Annotations, x => x.Annotations, (x, v) => x with { Annotations = v }));

    public static readonly Shape<WorkloadToolsConfig> Workload = new(
        new WorkloadToolsConfig(),
        Field.Of<WorkloadToolsConfig, string>("workload", Kinds.Text, x => x.Workload, (x, v) => x with { Workload = v }),
        Field.Of<WorkloadToolsConfig, NameRef>("toolConfigRef", Name, x => x.ToolConfigRef, (x, v) => x with { ToolConfigRef = v }),
        Field.List<WorkloadToolsConfig, string>("filter", Kinds.Text, x => x.Filter, (x, v) => x with { Filter = v }),
        Field.Map<WorkloadToolsConfig, ToolOverrideConfig>("overrides", Override, x => x.Overrides, (x, v) => x with { Overrides = v }),
        Field.Value<WorkloadToolsConfig, bool>("excludeAll", Kinds.Boolean, x => x.ExcludeAll, (x, v) => x with { ExcludeAll = v }));

    public static readonly Shape<ConflictResolutionConfig> Conflicts = new(
        new ConflictResolutionConfig(),
        Field.Of<ConflictResolutionConfig, string>("prefixFormat", Kinds.Text, x => x.PrefixFormat, (x, v) => x with { PrefixFormat = v }),
        Field.List<ConflictResolutionConfig, string>("priorityOrder", Kinds.Text, x => x.PriorityOrder, (x, v) => x with { PriorityOrder = v }));

    public static readonly Shape<AggregationConfig> Aggregation = new(
        new AggregationConfig(),
        Field.Value<AggregationConfig, ConflictStrategy>("conflictResolution", Strategies, x => x.ConflictResolution, (x, v) => x with { ConflictResolution = v }),
        Field.Of<AggregationConfig, ConflictResolutionConfig>("conflictResolutionConfig", Conflicts, x => x.ConflictResolutionConfig, (x, v) => x with { ConflictResolutionConfig = v }),
        new OptionalWordField<AggregationConfig, ToolVisibility>("defaultToolVisibility", Visibilities, x => x.DefaultToolVisibility, (x, v) => x with { DefaultToolVisibility = v }),
        Field.Value<AggregationConfig, bool>("excludeAllTools", Kinds.Boolean, x => x.ExcludeAllTools, (x, v) => x with { ExcludeAllTools = v }),
        Field.List<AggregationConfig, WorkloadToolsConfig>("tools", Workload, x => x.Tools, (x, v) => x with { Tools = v }));
}
