using System.Text.Json;
using Vmcp.Resources;

namespace Vmcp.Operator.SmallControllers;

/// <summary>The status of an MCPAuthzConfig (crds 12).</summary>
public static class AuthzConfigPlanner
{
    /// <summary>Holds the deletion while the object is in use.</summary>
    public const string Finalizer = "mcpauthzconfig.toolhive.stacklok.dev/finalizer";

    /// <summary>What its status should say.</summary>
    public static SmallPlan Plan(MCPAuthzConfig config, ConfigFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(facts);
        return ConfigPlan.Make(new ConfigDraft
        {
            Meta = config.Metadata,
            Spec = JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPAuthzConfigSpec),
            Before = config.Status.Conditions,
            Finalizer = Finalizer,
            Valid = ConfigPlan.Valid(AuthzForm.Problems(config.Spec.Type, config.Spec.Config), "ConfigValid", "ConfigInvalid"),
            Referrers = facts.Referrers,
        });
    }
}
