using System.Buffers;

namespace Vmcp.Auth.Aws;

/// <summary>Where the STS of a region is.</summary>
internal static class StsEndpoint
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    // The DNS suffixes of AWS's partitions, by the beginnings of their regions' names; all other regions are under amazonaws.com.
    private static readonly (string Prefix, string Suffix)[] Partitions =
    [
        ("cn-", "amazonaws.com.cn"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
        ("eusc-", "amazonaws.eu"),
    ];

    /// <summary>The regional endpoint; the global one is far away for most and has tokens that are not valid everywhere.</summary>
    /// <param name="region">A region's name.</param>
    /// <returns>Null for what is no region's name: it becomes a part of the host name that tokens are sent to.</returns>
    public static Uri? Of(string region)
    {
        if (region.Length is 0 or > 40 || region.AsSpan().ContainsAnyExcept(NameCharacters))
            return null;
        string suffix = Partitions.FirstOrDefault(p => region.StartsWith(p.Prefix, StringComparison.Ordinal)).Suffix ?? "amazonaws.com";
        return new UriBuilder(Uri.UriSchemeHttps, $"sts.{region}.{suffix}") { Path = "/" }.Uri;
    }

    /// <summary>The endpoint the environment names in its place, as AWS's own tools read it.</summary>
    /// <param name="env">Looks up environment variables.</param>
    /// <returns>The endpoint, null when none is named; and what is wrong with it, as a clause.</returns>
    public static (Uri? Endpoint, string? Problem) FromEnvironment(Func<string, string?> env)
    {
        foreach (string name in (string[])["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"])
        {
            if (env(name) is not { Length: > 0 } text)
                continue;
            // The caller's token goes there.
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
                && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
                && url.UserInfo.Length == 0
                ? (url, null)
                : (null, $"the environment variable {name} is not an absolute https URL without a user");
        }

        return (null, null);
    }
}
