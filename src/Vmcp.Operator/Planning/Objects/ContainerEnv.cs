using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The variables of the gateway's container, in the document's order.</summary>
internal static class ContainerEnv
{
    public static JsonArray Of(GatewayDocument document) => new([.. document.Env.Select(JsonNode? (v) => Render(v))]);

    private static JsonObject Render(EnvVar variable)
    {
        switch (variable)
        {
            case EnvVar.FromSecret secret:
                JsonObject reference = new() { ["name"] = secret.Secret, ["key"] = secret.Key };
                if (secret.Optional)
                    reference["optional"] = true;
                return new JsonObject { ["name"] = secret.Name, ["valueFrom"] = new JsonObject { ["secretKeyRef"] = reference } };
            case EnvVar.Text text:
                return new JsonObject { ["name"] = text.Name, ["value"] = text.Value };
            default:
                throw new InvalidOperationException($"a variable of kind {variable.GetType().Name} cannot be written");
        }
    }
}
