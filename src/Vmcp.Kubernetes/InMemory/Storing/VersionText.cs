using System.Globalization;

namespace Vmcp.Kubernetes.InMemory.Storing;

/// <summary>Resource versions as text.</summary>
internal static class VersionText
{
    public static string Of(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>False for what no server gave.</summary>
    public static bool TryRead(string text, out long version) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);
}
