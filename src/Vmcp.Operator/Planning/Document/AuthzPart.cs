using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Config.Model;
using Vmcp.Core.Values;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;
using AuthzConfig = Vmcp.Config.Model.AuthzConfig;

namespace Vmcp.Operator.Planning.Document;

/// <summary>The Cedar policies of a server: inline, in a ConfigMap, or in an MCPAuthzConfig (auth-and-ops 2.1).</summary>
internal static class AuthzPart
{
    public const string CedarType = "cedarv1";

    private const string DefaultKey = "authz.json";

    /// <summary>The policies; null without any. A problem carries the reason of its condition.</summary>
    public static (AuthzConfig? Authz, AuthzProblem? Problem) Of(VirtualMCPServer server, World world)
    {
        if (server.Spec.IncomingAuth is not { } incoming)
            return (null, null);
        if (incoming.AuthzConfigRef is { } reference)
            return OfReference(reference.Name, server, world);
        if (incoming.AuthzConfig is not { } written)
            return (null, null);
        (AuthzConfig? found, AuthzProblem? problem) = written.Type == "inline" ? OfInline(written) : OfConfigMap(written, world);
        if (found is null)
            return (null, problem);
        return (Complete(server, found with
        {
            GroupClaimName = Null(written.GroupClaimName) ?? found.GroupClaimName,
            RoleClaimName = Null(written.RoleClaimName) ?? found.RoleClaimName,
            GroupEntityType = Null(written.GroupEntityType) ?? found.GroupEntityType,
        }), null);
    }

    private static (AuthzConfig?, AuthzProblem?) OfReference(string name, VirtualMCPServer server, World world)
    {
        if (!world.AuthzConfigs.TryGetValue(name, out MCPAuthzConfig? config))
            return (null, new AuthzProblem("AuthzConfigRefNotFound", $"MCPAuthzConfig \"{name}\" does not exist"));
        if (config.Spec.Type != CedarType)
        {
            return (null, NotValid(
                name, $"has type \"{config.Spec.Type}\", which is not yet supported for VirtualMCPServer; only {CedarType} is"));
        }

        // Judged here as well: a good verdict in the status may be about policies that were edited since, and bad ones must not reach a pod.
        if (AuthzForm.Problems(config.Spec.Type, config.Spec.Config) is { Count: > 0 } wrong)
            return (null, NotValid(name, $"is not valid: {Telling.Join(wrong)}"));
        if (config.Status.Conditions.FirstOrDefault(c => c.Type == "Valid") is { Status: not "True" } verdict)
            return (null, NotValid(name, $"is not valid: {verdict.Message}"));
        return config.Spec.Config is { } cedar && Read(cedar, out AuthzConfig? authz, out string? why)
            ? (Complete(server, authz!), null)
            : (null, NotValid(name, $"is not valid: {(config.Spec.Config is null ? "spec.config is missing" : "spec.config" + Why(config.Spec.Config.Value))}"));
    }

    private static (AuthzConfig?, AuthzProblem?) OfInline(AuthzConfigRef written) =>
        written.Inline is { } inline
            ? (new AuthzConfig
            {
                Type = AuthzType.Cedar,
                Policies = [.. inline.Policies],
                EntitiesJson = Null(inline.EntitiesJson),
                PrimaryUpstreamProvider = Null(inline.PrimaryUpstreamProvider),
            }, null)
            : (null, new AuthzProblem("AuthInvalid", "spec.incomingAuth.authzConfig.inline is missing, which type inline needs"));

    private static (AuthzConfig?, AuthzProblem?) OfConfigMap(AuthzConfigRef written, World world)
    {
        if (written.ConfigMap is not { Name.Length: > 0 } source)
            return (null, new AuthzProblem("AuthInvalid", "spec.incomingAuth.authzConfig.configMap.name is missing, which type configMap needs"));
        string key = Null(source.Key) ?? DefaultKey;
        if (!world.ConfigMaps.TryGetValue(source.Name, out ConfigMapFacts? facts))
            return (null, new AuthzProblem("AuthzConfigMapNotFound", $"ConfigMap \"{source.Name}\" does not exist (spec.incomingAuth.authzConfig.configMap)"));
        string of = $"ConfigMap \"{source.Name}\"";
        if (!facts.Data.TryGetValue(key, out string? text))
        {
            string found = facts.Data.IsEmpty ? "it has none" : $"keys found: {string.Join(", ", facts.Data.Keys.Take(20))}";
            return (null, new AuthzProblem("AuthzConfigMapInvalid", $"{of} is missing key \"{key}\"; {found}"));
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "type") != CedarType || !root.TryGetProperty("cedar", out JsonElement cedar))
                return (null, new AuthzProblem("AuthzConfigMapInvalid", $"{of}, key \"{key}\": must be {{\"version\":\"1.0\",\"type\":\"{CedarType}\",\"cedar\":{{…}}}}"));
            return Read(cedar, out AuthzConfig? authz, out string? why)
                ? (authz, null)
                : (null, new AuthzProblem("AuthzConfigMapInvalid", $"{of}, key \"{key}\": cedar{why}"));
        }
        catch (JsonException)
        {
            return (null, new AuthzProblem("AuthzConfigMapInvalid", $"{of}, key \"{key}\": is not JSON"));
        }
    }

    private static AuthzProblem NotValid(string name, string why) => new("AuthzConfigRefNotValid", $"MCPAuthzConfig \"{name}\" {why}");

    private static string Why(JsonElement cedar) => Read(cedar, out _, out string? why) ? "" : why!;

    // An upstream's claims feed the policies as soon as there is an authorization server of our own (auth-and-ops 2.3).
    private static AuthzConfig Complete(VirtualMCPServer server, AuthzConfig authz) => authz with
    {
        PrimaryUpstreamProvider = server.Spec.AuthServerConfig is { } own
            ? Null(own.PrimaryUpstreamProvider) ?? authz.PrimaryUpstreamProvider ?? own.UpstreamProviders.Select(p => p.Name).FirstOrDefault()
            : null,
    };

    private static bool Read(JsonElement cedar, out AuthzConfig? authz, out string? why)
    {
        authz = null;
        why = null;
        if (cedar.ValueKind != JsonValueKind.Object)
        {
            why = ": is not an object";
            return false;
        }

        if (!cedar.TryGetProperty("policies", out JsonElement policies) || policies.ValueKind != JsonValueKind.Array || policies.GetArrayLength() == 0)
        {
            why = ".policies: required, a list of Cedar policies";
            return false;
        }

        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (JsonElement policy in policies.EnumerateArray())
        {
            if (policy.ValueKind != JsonValueKind.String)
            {
                why = $".policies[{texts.Count}]: must be a text";
                return false;
            }

            texts.Add(policy.GetString()!);
        }

        authz = new AuthzConfig
        {
            Type = AuthzType.Cedar,
            Policies = new EquatableArray<string>(texts.ToImmutable()),
            EntitiesJson = Text(cedar, "entities_json"),
            GroupClaimName = Text(cedar, "group_claim_name"),
            RoleClaimName = Text(cedar, "role_claim_name"),
            GroupEntityType = Text(cedar, "group_entity_type"),
        };
        return true;
    }

    private static string? Text(JsonElement here, string member) =>
        here.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? Null(value.GetString()) : null;

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>Why a server's policies cannot be used.</summary>
/// <param name="Reason">The reason of the condition.</param>
/// <param name="Message">A sentence that names the object at fault.</param>
internal sealed record AuthzProblem(string Reason, string Message);
