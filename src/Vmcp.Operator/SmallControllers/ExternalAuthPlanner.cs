using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.SmallControllers;

/// <summary>The status of an MCPExternalAuthConfig (crds 7, operator 4.1).</summary>
public static class ExternalAuthPlanner
{
    /// <summary>Holds the deletion while the object is in use.</summary>
    public const string Finalizer = "mcpexternalauthconfig.toolhive.stacklok.dev/finalizer";

    /// <summary>What its status should say.</summary>
    public static SmallPlan Plan(MCPExternalAuthConfig config, ConfigFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(facts);
        JsonObject spec = (JsonObject)JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPExternalAuthConfigSpec)!;
        IReadOnlyList<string> problems = ExternalAuthRules.Problems(spec);
        return ConfigPlan.Make(new ConfigDraft
        {
            Meta = config.Metadata,
            Spec = spec,
            Before = config.Status.Conditions,
            Finalizer = Finalizer,
            Valid = problems.Count == 0 && config.Spec.Type == "obo"
                ? new PlannedCondition(
                    "Valid",
                    "False",
                    "EnterpriseRequired",
                    "spec.type: obo (on-behalf-of with Entra) is not part of this gateway, and backends that use it are left out; "
                        + "use type: tokenExchange with the provider's token endpoint instead")
                : ConfigPlan.Valid(problems, "ValidationSucceeded", "ValidationFailed"),
            More = spec["embeddedAuthServer"] is JsonObject server && config.Spec.Type == "embeddedAuthServer" ? [Identity(server)] : [],
            Referrers = facts.Referrers,
        });
    }

    /// <summary>The advisory condition about users whose identity is made up from their token (crds 2.5).</summary>
    private static PlannedCondition Identity(JsonObject server) => AuthServerRules.SynthesizesIdentity(server)
        ? new PlannedCondition(
            "IdentitySynthesized",
            "True",
            "OAuth2UpstreamWithoutUserInfo",
            "An oauth2 upstream has neither userInfo nor identityFromToken, so its users get a made-up identity; set one of them")
        : new PlannedCondition("IdentitySynthesized", "False", "AllUpstreamsHaveUserInfo", "Every upstream says who its users are");
}
