using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Cedar policies, written here or kept in a ConfigMap.</summary>
[Cel("(self.type == 'configMap') == has(self.configMap)", "configMap must be set when type is configMap, and only then", FieldPath = ".configMap")]
[Cel("(self.type == 'inline') == has(self.inline)", "inline must be set when type is inline, and only then", FieldPath = ".inline")]
public sealed record AuthzConfigRef
{
    /// <summary>Where the policies are: configMap or inline.</summary>
    [Required, Default("configMap"), OneOf("configMap", "inline")]
    public string? Type { get; init; }

    /// <summary>A ConfigMap with the authorization document.</summary>
    public AuthzConfigMapRef? ConfigMap { get; init; }

    /// <summary>The policies themselves.</summary>
    public InlineAuthzSpec? Inline { get; init; }

    /// <summary>The claim that holds the caller's groups; beats the one in the ConfigMap.</summary>
    [Bounds(MaxLength = 253)]
    public string? GroupClaimName { get; init; }

    /// <summary>The claim that holds the caller's roles; roles are not read when unset.</summary>
    [Bounds(MaxLength = 253)]
    public string? RoleClaimName { get; init; }

    /// <summary>Cedar entity type of groups and roles; THVGroup when unset.</summary>
    [Bounds(MaxLength = 63, Pattern = Patterns.CedarId)]
    public string? GroupEntityType { get; init; }
}

/// <summary>A ConfigMap with an authorization document.</summary>
public sealed record AuthzConfigMapRef
{
    /// <summary>Name of the ConfigMap.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>The key in it.</summary>
    [Default("authz.json")]
    public string? Key { get; init; }
}

/// <summary>Cedar policies written into the object.</summary>
public sealed record InlineAuthzSpec
{
    /// <summary>The policies.</summary>
    [Required, ListAtomic, Bounds(MinItems = 1)]
    public IReadOnlyList<string> Policies { get; init => field = value ?? field; } = [];

    /// <summary>The Cedar entities, as JSON text.</summary>
    [Default("[]")]
    public string? EntitiesJson { get; init; }

    /// <summary>Deprecated: set authServerConfig.primaryUpstreamProvider instead.</summary>
    [Bounds(MinLength = 1, MaxLength = 63, Pattern = Patterns.Provider)]
    public string? PrimaryUpstreamProvider { get; init; }
}
