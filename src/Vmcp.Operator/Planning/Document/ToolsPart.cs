using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Values;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>What other objects say about tools, folded into the document: MCPToolConfigs and composite tool definitions (operator 2.4).</summary>
internal static class ToolsPart
{
    /// <summary>The aggregation with the content of the MCPToolConfigs it names, and the defaults written out.</summary>
    public static AggregationConfig Aggregation(AggregationConfig? written, World world, List<string> problems)
    {
        AggregationConfig aggregation = written ?? new AggregationConfig();
        var tools = ImmutableArray.CreateBuilder<WorkloadToolsConfig>(aggregation.Tools.Count);
        for (int i = 0; i < aggregation.Tools.Count; i++)
            tools.Add(Merge(aggregation.Tools[i], $"spec.config.aggregation.tools[{i}]", world, problems));
        ConflictResolutionConfig? rules = aggregation.ConflictResolutionConfig;
        if (aggregation.EffectiveConflictResolution == ConflictStrategy.Prefix)
            rules = (rules ?? new ConflictResolutionConfig()) with { PrefixFormat = aggregation.EffectivePrefixFormat };
        return aggregation with
        {
            ConflictResolution = aggregation.EffectiveConflictResolution,
            ConflictResolutionConfig = rules,
            Tools = new EquatableArray<WorkloadToolsConfig>(tools.MoveToImmutable()),
        };
    }

    /// <summary>The inline workflows, then the referenced ones in the order of the references. A name given twice is a mistake of somebody.</summary>
    public static EquatableArray<CompositeToolConfig> CompositeTools(GatewayConfig config, World world, List<string> problems)
    {
        List<CompositeToolConfig> tools = [.. config.CompositeTools];
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (CompositeToolConfig tool in tools)
            owners.TryAdd(tool.Name ?? "", "spec.config.compositeTools");
        foreach (NameRef reference in config.CompositeToolRefs)
        {
            string kind = ToolHive.VirtualMCPCompositeToolDefinition.Kind;
            if (!world.CompositeTools.TryGetValue(reference.Name ?? "", out VirtualMCPCompositeToolDefinition? definition))
            {
                problems.Add($"{kind} \"{reference.Name}\" does not exist");
                continue;
            }

            (CompositeToolConfig? tool, ImmutableArray<string> wrong) = SpecConfig.ReadCompositeTool(definition);
            problems.AddRange(wrong.Select(p => $"{kind} \"{reference.Name}\": {p}"));
            if (tool is null)
                continue;
            if (owners.TryAdd(tool.Name ?? "", $"{kind} \"{reference.Name}\""))
                tools.Add(tool);
            else
                problems.Add($"{kind} \"{reference.Name}\": spec.name: duplicate composite tool name \"{tool.Name}\", already in {owners[tool.Name ?? ""]}");
        }

        return [.. tools];
    }

    // The inline filter wins when it says something; of two overrides for one tool the inline one wins (crds 2.2.3).
    private static WorkloadToolsConfig Merge(WorkloadToolsConfig tools, string path, World world, List<string> problems)
    {
        if (tools.ToolConfigRef is not { } reference)
            return tools;
        if (!world.ToolConfigs.TryGetValue(reference.Name ?? "", out MCPToolConfig? config))
        {
            problems.Add($"{path}.toolConfigRef: MCPToolConfig \"{reference.Name}\" does not exist");
            return tools with { ToolConfigRef = null };
        }

        SortedMap<ToolOverrideConfig> overrides = SortedMap.Create(
            config.Spec.ToolsOverride.Select(o => KeyValuePair.Create(o.Key, Override(o.Value))));
        foreach ((string tool, ToolOverrideConfig change) in tools.Overrides)
            overrides = overrides.With(tool, change);
        return tools with
        {
            ToolConfigRef = null,
            Filter = tools.Filter.IsEmpty ? [.. config.Spec.ToolsFilter] : tools.Filter,
            Overrides = overrides,
        };
    }

    private static ToolOverrideConfig Override(ToolOverrideSpec spec) => new()
    {
        Name = string.IsNullOrEmpty(spec.Name) ? null : spec.Name,
        Description = string.IsNullOrEmpty(spec.Description) ? null : spec.Description,
        Annotations = spec.Annotations is not { } annotations ? null : new ToolAnnotationsConfig
        {
            Title = annotations.Title,
            ReadOnlyHint = annotations.ReadOnlyHint,
            DestructiveHint = annotations.DestructiveHint,
            IdempotentHint = annotations.IdempotentHint,
            OpenWorldHint = annotations.OpenWorldHint,
        },
    };
}
