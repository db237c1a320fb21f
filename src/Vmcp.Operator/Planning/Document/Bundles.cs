using System.Security.Cryptography;
using System.Text;

namespace Vmcp.Operator.Planning.Document;

/// <summary>Where CA bundles are mounted (operator 2.5).</summary>
internal static class Bundles
{
    private const int MaxVolumeName = 63;
    private const int HashLength = 8;

    /// <summary>The bundle of an MCPServerEntry.</summary>
    public static BundleMount OfEntry(string entry, string configMap, string key) =>
        new(Volume("ca-bundle-", entry), configMap, key, $"/etc/toolhive/ca-bundles/{entry}", "ca.crt");

    /// <summary>The bundle of the OIDC provider.</summary>
    public static BundleMount OfOidc(string configMap, string key) =>
        new(Volume("oidc-ca-bundle-", configMap), configMap, key, $"/config/certs/{configMap}", key);

    /// <summary>The bundle of the telemetry collector.</summary>
    public static BundleMount OfTelemetry(string configMap, string key) =>
        new(Volume("otel-ca-bundle-", configMap), configMap, key, $"/config/certs/otel/{configMap}", key);

    /// <summary>The file's path in the container.</summary>
    public static string PathOf(BundleMount mount) => $"{mount.Directory}/{mount.FileName}";

    // A volume's name is a DNS label: no dots, 63 characters. What had to change is told apart by a hash.
    private static string Volume(string prefix, string name)
    {
        if (prefix.Length + name.Length <= MaxVolumeName && !name.Contains('.', StringComparison.Ordinal))
            return prefix + name;
        string label = name.Replace('.', '-');
        label = label[..Math.Min(label.Length, MaxVolumeName - prefix.Length - HashLength - 1)].TrimEnd('-');
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        return $"{prefix}{label}-{hash}";
    }
}
