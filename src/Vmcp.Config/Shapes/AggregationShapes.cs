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

    public static readonly Shape<NameRef> Name = new Shape<NameRef>(new NameRef())
        .Text("name", x => x.Name, (x, v) => x with { Name = v });

    public static readonly Shape<ToolAnnotationsConfig> Annotations = new Shape<ToolAnnotationsConfig>(new ToolAnnotationsConfig())
        .Text("title", x => x.Title, (x, v) => x with { Title = v })
        .Flag("readOnlyHint", x => x.ReadOnlyHint, (x, v) => x with { ReadOnlyHint = v })
        .Flag("destructiveHint", x => x.DestructiveHint, (x, v) => x with { DestructiveHint = v })
        .Flag("idempotentHint", x => x.IdempotentHint, (x, v) => x with { IdempotentHint = v })
        .Flag("openWorldHint", x => x.OpenWorldHint, (x, v) => x with { OpenWorldHint = v });

    public static readonly Shape<ToolOverrideConfig> Override = new Shape<ToolOverrideConfig>(new ToolOverrideConfig())
        .Text("name", x => x.Name, (x, v) => x with { Name = v })
        .Text("description", x => x.Description, (x, v) => x with { Description = v })
        .Of("annotations", Annotations, x => x.Annotations, (x, v) => x with { Annotations = v });

    public static readonly Shape<WorkloadToolsConfig> Workload = new Shape<WorkloadToolsConfig>(new WorkloadToolsConfig())
        .Text("workload", x => x.Workload, (x, v) => x with { Workload = v })
        .Of("toolConfigRef", Name, x => x.ToolConfigRef, (x, v) => x with { ToolConfigRef = v })
        .Texts("filter", x => x.Filter, (x, v) => x with { Filter = v })
        .Map("overrides", Override, x => x.Overrides, (x, v) => x with { Overrides = v })
        .Flag("excludeAll", x => x.ExcludeAll, (x, v) => x with { ExcludeAll = v });

    public static readonly Shape<ConflictResolutionConfig> Conflicts = new Shape<ConflictResolutionConfig>(new ConflictResolutionConfig())
        .Text("prefixFormat", x => x.PrefixFormat, (x, v) => x with { PrefixFormat = v })
        .Texts("priorityOrder", x => x.PriorityOrder, (x, v) => x with { PriorityOrder = v });

    public static readonly Shape<AggregationConfig> Aggregation = new Shape<AggregationConfig>(new AggregationConfig())
        .Value("conflictResolution", Strategies, x => x.ConflictResolution, (x, v) => x with { ConflictResolution = v })
        .Of("conflictResolutionConfig", Conflicts, x => x.ConflictResolutionConfig, (x, v) => x with { ConflictResolutionConfig = v })
        .OptionalWord("defaultToolVisibility", Visibilities, x => x.DefaultToolVisibility, (x, v) => x with { DefaultToolVisibility = v })
        .Flag("excludeAllTools", x => x.ExcludeAllTools, (x, v) => x with { ExcludeAllTools = v })
        .List("tools", Workload, x => x.Tools, (x, v) => x with { Tools = v });
}
