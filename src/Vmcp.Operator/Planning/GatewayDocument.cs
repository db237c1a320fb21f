using System.Collections.Immutable;

namespace Vmcp.Operator.Planning;

/// <summary>
/// What the gateway of one server needs: its configuration and, in inline mode, all that the pod must carry for it. In discovered mode
/// <see cref="Env"/> and <see cref="Bundles"/> depend on the VirtualMCPServer's spec and what it names itself, never on members (design 5.9).
/// </summary>
public sealed record GatewayDocument
{
    /// <summary><c>config.yaml</c>, as the gateway's own writer writes it.</summary>
    public required string ConfigYaml { get; init; }

    /// <summary>Variables of the container, sorted by name within each group, names unique.</summary>
    public ImmutableArray<EnvVar> Env { get; init; } = [];

    /// <summary>CA bundles mounted as files, sorted by volume name.</summary>
    public ImmutableArray<BundleMount> Bundles { get; init; } = [];

    /// <summary>Secrets and ConfigMaps whose new version must roll the pod: everything <see cref="Env"/> and <see cref="Bundles"/> take from.</summary>
    public ImmutableArray<MountedVersion> Versions { get; init; } = [];

    /// <summary>
    /// The cluster's public keys as an inline pod mounts them from a ConfigMap of the server's own, or null. They are no part of
    /// <see cref="Versions"/>: the gateway reads the file again, so a rotation rolls nothing.
    /// </summary>
    public string? OidcKeys { get; init; }

    /// <summary>Secrets the discovered pod reads by name through the API; sorted. Empty in inline mode.</summary>
    public ImmutableArray<string> ReadSecrets { get; init; } = [];

    /// <summary>ConfigMaps the discovered pod reads by name through the API; sorted. Empty in inline mode.</summary>
    public ImmutableArray<string> ReadConfigMaps { get; init; } = [];
}

/// <summary>One variable of the container.</summary>
/// <param name="Name">Its name.</param>
public abstract record EnvVar(string Name)
{
    /// <summary>A fixed text; <c>$(OTHER)</c> stands for another variable (core/v1 EnvVar).</summary>
    /// <param name="Name">The variable's name.</param>
    /// <param name="Value">The text.</param>
    public sealed record Text(string Name, string Value) : EnvVar(Name);

    /// <summary>A key of a Secret.</summary>
    /// <param name="Name">The variable's name.</param>
    /// <param name="Secret">The Secret.</param>
    /// <param name="Key">The key.</param>
    /// <param name="Optional">A missing one leaves the variable unset instead of blocking the pod.</param>
    public sealed record FromSecret(string Name, string Secret, string Key, bool Optional) : EnvVar(Name);
}

/// <summary>A ConfigMap key mounted as a file.</summary>
/// <param name="Volume">Name of the volume.</param>
/// <param name="ConfigMap">The ConfigMap.</param>
/// <param name="Key">The key.</param>
/// <param name="Directory">Absolute directory of the mount.</param>
/// <param name="FileName">The file's name in it.</param>
public sealed record BundleMount(string Volume, string ConfigMap, string Key, string Directory, string FileName);

/// <summary>The version of an object the pod takes values from.</summary>
/// <param name="Kind"><c>Secret</c> or <c>ConfigMap</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Fingerprint">Its version; empty when it does not exist.</param>
public sealed record MountedVersion(string Kind, string Name, string Fingerprint);
