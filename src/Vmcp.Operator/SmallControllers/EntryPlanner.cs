using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;
using Vmcp.Resources.Backends;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.SmallControllers;

/// <summary>What exists of all an MCPServerEntry names.</summary>
public sealed record EntryFacts
{
    /// <summary>The group, or null.</summary>
    public MCPGroup? Group { get; init; }

    /// <summary>Whether the MCPExternalAuthConfig it names exists.</summary>
    public bool AuthConfigExists { get; init; }

    /// <summary>The Secrets that exist, by name.</summary>
    public ImmutableSortedDictionary<string, SecretFacts> Secrets { get; init; } = Names.Map<SecretFacts>();

    /// <summary>The ConfigMaps that exist, by name.</summary>
    public ImmutableSortedDictionary<string, ConfigMapFacts> ConfigMaps { get; init; } = Names.Map<ConfigMapFacts>();
}

/// <summary>Whether an MCPServerEntry can be used: only one whose phase is <c>Valid</c> becomes a backend (operator 6.5).</summary>
public static class EntryPlanner
{
    /// <summary>The key of a CA bundle that names none (crds 1.1).</summary>
    public const string DefaultBundleKey = "ca.crt";

    /// <summary>What the entry's status should say.</summary>
    public static SmallPlan Plan(MCPServerEntry entry, EntryFacts facts)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(facts);
        List<PlannedCondition> checks = [RemoteUrl(entry.Spec), Group(entry.Spec, facts), Auth(entry.Spec, facts), Bundle(entry.Spec, facts)];
        if (entry.Spec.HeaderForward is { AddHeadersFromSecret.Count: > 0 } headers)
            checks.Add(Headers(headers, facts));
        string[] problems = [.. checks.Where(c => c.Status != "True").Select(c => c.Message)];
        bool valid = problems.Length == 0;
        checks.Add(ConfigPlan.Valid(problems, "ConfigValid", "ConfigInvalid"));
        return new SmallPlan
        {
            StatusFields = new JsonObject
            {
                ["observedGeneration"] = entry.Metadata.Generation,
                ["phase"] = valid ? "Valid" : "Failed",
            },
            Conditions = ConfigPlan.Sorted(checks),
        };
    }

    private static PlannedCondition RemoteUrl(MCPServerEntrySpec spec) =>
        AddressGuard.Problem(spec.RemoteUrl, spec.AllowPrivateEndpoint == true) is { } problem
            ? new PlannedCondition("RemoteURLValidated", "False", "RemoteURLInvalid", $"spec.remoteUrl: {problem}")
            : new PlannedCondition("RemoteURLValidated", "True", "RemoteURLValid", "The remote URL may be dialled");

    private static PlannedCondition Group(MCPServerEntrySpec spec, EntryFacts facts)
    {
        const string Type = "GroupRefValidated";
        string name = spec.GroupRef?.Name ?? "";
        if (name.Length == 0)
            return new PlannedCondition(Type, "False", "GroupRefNotFound", "spec.groupRef.name: required: the MCPGroup the entry is a member of");
        if (facts.Group is null)
            return new PlannedCondition(Type, "False", "GroupRefNotFound", $"spec.groupRef: there is no MCPGroup \"{name}\" in this namespace");
        return facts.Group.Status.Phase == "Ready"
            ? new PlannedCondition(Type, "True", "GroupRefIsValid", $"MCPGroup \"{name}\" is ready")
            : new PlannedCondition(
                Type, "False", "GroupRefNotReady", $"spec.groupRef: MCPGroup \"{name}\" is not ready, its phase is {facts.Group.Status.Phase ?? "not set yet"}");
    }

    private static PlannedCondition Auth(MCPServerEntrySpec spec, EntryFacts facts)
    {
        const string Type = "ExternalAuthConfigValidated";
        if (spec.ExternalAuthConfigRef is not { } reference)
            return new PlannedCondition(Type, "True", "AuthConfigNotConfigured", "The entry names no MCPExternalAuthConfig");
        return facts.AuthConfigExists
            ? new PlannedCondition(Type, "True", "AuthConfigValid", $"MCPExternalAuthConfig \"{reference.Name}\" exists")
            : new PlannedCondition(
                Type,
                "False",
                "AuthConfigNotFound",
                $"spec.externalAuthConfigRef: there is no MCPExternalAuthConfig \"{reference.Name}\" in this namespace");
    }

    private static PlannedCondition Bundle(MCPServerEntrySpec spec, EntryFacts facts)
    {
        const string Type = "CABundleRefValidated";
        if (spec.CaBundleRef is not { } source)
            return new PlannedCondition(Type, "True", "CABundleRefNotConfigured", "The entry names no CA bundle");
        if (source.ConfigMapRef is not { Name.Length: > 0 } reference)
            return NotFound("spec.caBundleRef.configMapRef.name: required: the ConfigMap with the CA certificates");
        string key = reference.Key.Length == 0 ? DefaultBundleKey : reference.Key;
        if (!facts.ConfigMaps.TryGetValue(reference.Name, out ConfigMapFacts? map))
            return NotFound($"spec.caBundleRef: there is no ConfigMap \"{reference.Name}\" in this namespace");
        return map.Data.ContainsKey(key)
            ? new PlannedCondition(Type, "True", "CABundleRefValid", $"ConfigMap \"{reference.Name}\" has the CA bundle")
            : NotFound($"spec.caBundleRef: ConfigMap \"{reference.Name}\" has no key \"{key}\"; {Keys(map.Data.Keys)}");

        static PlannedCondition NotFound(string message) => new(Type, "False", "CABundleRefNotFound", message);
    }

    private static PlannedCondition Headers(HeaderForwardConfig headers, EntryFacts facts)
    {
        List<string> problems = [];
        for (int i = 0; i < headers.AddHeadersFromSecret.Count; i++)
        {
            HeaderFromSecret header = headers.AddHeadersFromSecret[i];
            string at = $"spec.headerForward.addHeadersFromSecret[{i}].valueSecretRef";
            string name = header.ValueSecretRef?.Name ?? "", key = header.ValueSecretRef?.Key ?? "";
            if (name.Length == 0 || key.Length == 0)
                problems.Add($"{at}: name and key of a Secret are required for header \"{header.HeaderName}\"");
            else if (!facts.Secrets.TryGetValue(name, out SecretFacts? secret))
                problems.Add($"{at}: there is no Secret \"{name}\" in this namespace");
            else if (!secret.Keys.Contains(key))
                problems.Add($"{at}: Secret \"{name}\" has no key \"{key}\"; {Keys(secret.Keys)}");
        }

        return problems.Count == 0
            ? new PlannedCondition("HeaderSecretRefsValidated", "True", "HeaderSecretsValid", "All Secrets with header values exist")
            : new PlannedCondition("HeaderSecretRefsValidated", "False", "HeaderSecretNotFound", Telling.Join(problems));
    }

    private static string Keys(IEnumerable<string> keys)
    {
        string list = string.Join(", ", keys.Order(StringComparer.Ordinal).Take(20));
        return list.Length == 0 ? "it has no keys" : $"keys found: {list}";
    }
}
