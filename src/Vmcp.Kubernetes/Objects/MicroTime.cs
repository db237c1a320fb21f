using System.Globalization;

namespace Vmcp.Kubernetes.Objects;

/// <summary>Times with six digits after the second, as leases and events want them (<c>metav1.MicroTime</c>).</summary>
public static class MicroTime
{
    /// <summary><c>2026-01-31T12:00:00.000000Z</c>.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
