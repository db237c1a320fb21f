using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The variables of the gateway's container, in a fixed order and each once: the first one of a name stays.</summary>
internal static class ContainerEnv
{
    /// <summary>Says whether the pod writes status through the API (operator.md 5.5).</summary>
    public const string StatusReporter = "VMCP_STATUS_REPORTER";

    /// <summary>What the gateway calls the session key.</summary>
    public const string SessionSecret = "VMCP_SESSION_HMAC_SECRET";

    public static JsonArray Of(ChildInput input)
    {
        JsonArray env = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (EnvVar variable in (IEnumerable<EnvVar>)[.. Identity(input), .. input.Document.Env, .. Surroundings])
        {
            if (names.Add(variable.Name))
                env.Add((JsonNode)Render(variable));
        }

        return env;
    }

    private static EnvVar[] Surroundings =>
    [
        new EnvVar.Text("HOME", "/tmp"),
        new EnvVar.Text("TOOLHIVE_RUNTIME", "kubernetes"),
        new EnvVar.Text("UNSTRUCTURED_LOGS", "false"),
        new EnvVar.Text("XDG_CONFIG_HOME", "/tmp"),
    ];

    private static EnvVar[] Identity(ChildInput input) =>
    [
        new EnvVar.Text("VMCP_NAME", input.Server.Name),
        new EnvVar.Text("VMCP_NAMESPACE", input.Server.Namespace),
        new EnvVar.Text(StatusReporter, input.UsesApi ? "kubernetes" : "none"),
        new EnvVar.FromSecret(SessionSecret, ChildNames.SessionSecret(input.Server.Name), ChildNames.SessionSecretKey, Optional: false),
    ];

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
