using Vmcp.Core.Backends;

namespace Vmcp.Gateway.Backends;

/// <summary>Says in words what changed of a backend. Never a value: addresses, headers and credentials may hold secrets.</summary>
internal static class BackendDifference
{
    /// <summary>For example <c>URL, credential</c>; empty when nothing of the backend itself changed.</summary>
    public static string Words(Backend before, Backend after) => string.Join(", ", Parts(before, after));

    private static IEnumerable<string> Parts(Backend before, Backend after)
    {
        if (before.Url != after.Url)
            yield return "URL";
        if (before.Transport != after.Transport)
            yield return "transport";
        if (before.Strategy.Type != after.Strategy.Type)
            yield return $"authentication ({before.Strategy.Type} before, {after.Strategy.Type} now)";
        else if (before.Strategy != after.Strategy)
            yield return "credential";
        if (before.AuthSource != after.AuthSource)
            yield return $"source of the credential ({before.AuthSource} before, {after.AuthSource} now)";
        if (before.CaBundlePath != after.CaBundlePath || before.CaBundlePem != after.CaBundlePem)
            yield return "CA bundle";
        if (!before.StaticHeaders.Equals(after.StaticHeaders))
            yield return "headers";
        if (before.Timeout != after.Timeout)
            yield return "timeout";
        if (!before.Metadata.Equals(after.Metadata))
            yield return "metadata";
        if (before.IsEntry != after.IsEntry)
            yield return "type";
    }
}
