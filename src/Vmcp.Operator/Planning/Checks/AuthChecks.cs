using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Settings;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>Checks of who may come in, and of every Secret and bundle without which the pod could not start (operator 1.1, steps 4 and 5).</summary>
internal static class AuthChecks
{
    private const string Configured = "AuthConfigured";

    public static Finding Oidc(VirtualMCPServer server, World world)
    {
        const string Type = "OIDCConfigRefValidated";
        if (server.Spec.IncomingAuth?.OidcConfigRef is not { Name.Length: > 0 } reference)
            return new Finding(null);
        if (!world.OidcConfigs.TryGetValue(reference.Name, out MCPOIDCConfig? config))
            return Finding.Waiting(Type, "OIDCConfigRefNotFound", $"MCPOIDCConfig \"{reference.Name}\" does not exist");
        // The rules of its controller, whose verdict may be missing yet, or be of the spec before the last edit: meanwhile a gateway must not be open wider.
        if (OidcConfigPlanner.Problems(config.Spec) is { Count: > 0 } problems)
            return Finding.Waiting(Type, "OIDCConfigRefNotValid", $"MCPOIDCConfig \"{reference.Name}\" is not valid: {Telling.Join(problems)}");
        if (config.Status.Conditions.FirstOrDefault(c => c.Type == "Valid") is { Status: not "True" } verdict)
            return Finding.Waiting(Type, "OIDCConfigRefNotValid", $"MCPOIDCConfig \"{reference.Name}\" is not valid: {verdict.Message}");
        return Finding.Good(Type, "OIDCConfigRefValid", $"MCPOIDCConfig \"{reference.Name}\" is valid");
    }

    public static Finding AuthzReference(VirtualMCPServer server, World world)
    {
        const string Type = "AuthzConfigRefValidated";
        if (server.Spec.IncomingAuth?.AuthzConfigRef is not { Name.Length: > 0 } reference)
            return new Finding(null);
        return AuthzPart.Of(server, world).Problem is { } problem
            ? Finding.Waiting(Type, problem.Reason, problem.Message)
            : Finding.Good(Type, "AuthzConfigRefValid", $"MCPAuthzConfig \"{reference.Name}\" is valid");
    }

    public static Finding Secrets(VirtualMCPServer server, World world, OperatorSettings settings)
    {
        string[] problems = [.. Missing(server, world, settings)];
        if (problems.Length > 0)
        {
            string message = Telling.Join(problems);
            return Finding.Waiting(Configured, "AuthInvalid", message) with
            {
                Event = new PlannedEvent(true, "SecretValidationFailed", "ValidateSecrets", message),
            };
        }

        if (server.Spec.IncomingAuth?.AuthzConfig is not null && AuthzPart.Of(server, world).Problem is { } problem)
        {
            Finding found = Finding.Waiting(Configured, problem.Reason, problem.Message);
            return problem.Reason == "AuthInvalid"
                ? found
                : found with { Event = new PlannedEvent(true, problem.Reason, "ValidateAuthzConfigMap", problem.Message) };
        }

        if (ClusterAccounts.Problem(server, world) is { } unread)
            return Finding.Waiting(Configured, "ClusterKeysUnreadable", unread);
        return Finding.Good(Configured, "AuthValid", "Everything that incoming authentication refers to exists");
    }

    /// <summary>What is wrong with a CA bundle, or null.</summary>
    public static string? BundleProblem(CABundleSource bundle, string path, World world)
    {
        if (bundle.ConfigMapRef is not { Name.Length: > 0 } source)
            return $"{path}.configMapRef.name: required";
        string key = source.Key.Length == 0 ? IncomingPart.BundleKey : source.Key;
        if (!world.ConfigMaps.TryGetValue(source.Name, out ConfigMapFacts? facts))
            return $"{path}: ConfigMap \"{source.Name}\" does not exist";
        return facts.Data.ContainsKey(key) ? null : $"{path}: ConfigMap \"{source.Name}\" is missing key \"{key}\"";
    }

    private static IEnumerable<string> Missing(VirtualMCPServer server, World world, OperatorSettings settings)
    {
        if (server.Spec.IncomingAuth?.OidcConfigRef is { } reference
            && world.OidcConfigs.TryGetValue(reference.Name, out MCPOIDCConfig? oidc)
            && oidc.Spec.Inline is { } inline)
        {
            string at = $"MCPOIDCConfig \"{reference.Name}\": spec.inline";
            if (inline.ClientSecretRef is { } secret && Problem(secret.Name, secret.Key, world) is { } problem)
                yield return $"{at}.clientSecretRef: {problem}";
            if (inline.CaBundleRef is { } bundle && BundleProblem(bundle, $"{at}.caBundleRef", world) is { } missing)
                yield return missing;
        }

        if (server.Spec.SessionStorage is { Provider: "redis", PasswordRef: { } password })
        {
            if (Problem(password.Name, password.Key, world) is { } problem)
                yield return $"spec.sessionStorage.passwordRef: {problem}";
        }
        else if (server.Spec.SessionStorage is null
            && settings.DefaultRedis is { SecretName: { Length: > 0 } name } shared
            && Problem(name, shared.SecretKey, world) is { } problem)
        {
            yield return $"the operator's default session store: {problem}";
        }
    }

    private static string? Problem(string secret, string key, World world) => SecretProblem.Find(
        secret, key, world.Secrets.TryGetValue(secret, out SecretFacts? facts) ? facts.Keys : null)?.Message;
}
