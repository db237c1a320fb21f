using System.Text.Json;
using Vmcp.Resources;

namespace Vmcp.Operator.SmallControllers;

/// <summary>The status of an MCPToolConfig (crds 9).</summary>
public static class ToolConfigPlanner
{
    /// <summary>Holds the deletion while the object is in use.</summary>
    public const string Finalizer = "toolhive.stacklok.dev/toolconfig-finalizer";

    /// <summary>What its status should say.</summary>
    public static SmallPlan Plan(MCPToolConfig config, ConfigFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(facts);
        return ConfigPlan.Make(new ConfigDraft
        {
            Meta = config.Metadata,
            Spec = JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPToolConfigSpec),
            Before = config.Status.Conditions,
            Finalizer = Finalizer,
            Valid = ConfigPlan.Valid(Problems(config.Spec), "ValidationSucceeded", "ValidationFailed"),
            Referrers = facts.Referrers,
            TellsEvents = false,
        });
    }

    private static List<string> Problems(MCPToolConfigSpec spec)
    {
        List<string> problems = [];
        for (int i = 0; i < spec.ToolsFilter.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(spec.ToolsFilter[i]))
                problems.Add($"spec.toolsFilter[{i}]: must not be empty: the name of a tool");
        }

        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach ((string tool, ToolOverrideSpec change) in spec.ToolsOverride.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            string at = $"spec.toolsOverride.{tool}";
            if (change is null || (string.IsNullOrEmpty(change.Name) && string.IsNullOrEmpty(change.Description) && change.Annotations is null))
                problems.Add($"{at}: changes nothing; set name, description or annotations");
            else if (!string.IsNullOrEmpty(change.Name) && !names.TryAdd(change.Name, tool))
                problems.Add($"{at}.name: \"{change.Name}\" is also the new name of \"{names[change.Name]}\"; names must differ");
        }

        return problems;
    }
}
