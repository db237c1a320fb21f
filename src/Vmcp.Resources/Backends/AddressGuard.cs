using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vmcp.Resources.Backends;

/// <summary>
/// Keeps remote backends from pointing at the cluster's own insides: the API server, cloud metadata, loopback (crds V-40). Judges the text
/// of a URL alone; no name is looked up.
/// </summary>
public static class AddressGuard
{
    private static readonly (IPNetwork Network, string What)[] NeverNetworks =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "an address of this host (0.0.0.0/8)"),
        (IPNetwork.Parse("127.0.0.0/8"), "a loopback address (127.0.0.0/8)"),
        (IPNetwork.Parse("169.254.0.0/16"), "a link-local address (169.254.0.0/16), where cloud metadata is served"),
        (IPNetwork.Parse("100.100.100.200/32"), "an address where cloud metadata is served (100.100.100.200)"),
        (IPNetwork.Parse("168.63.129.16/32"), "an address where cloud metadata is served (168.63.129.16)"),
        (IPNetwork.Parse("fd00:ec2::254/128"), "an address where cloud metadata is served (fd00:ec2::254)"),
        (IPNetwork.Parse("::/128"), "an address of this host (::)"),
        (IPNetwork.Parse("::1/128"), "a loopback address (::1)"),
        (IPNetwork.Parse("fe80::/10"), "a link-local address (fe80::/10)"),
    ];

    private static readonly (IPNetwork Network, string What)[] PrivateNetworks =
    [
        (IPNetwork.Parse("10.0.0.0/8"), "a private address (10.0.0.0/8)"),
        (IPNetwork.Parse("172.16.0.0/12"), "a private address (172.16.0.0/12)"),
        (IPNetwork.Parse("192.168.0.0/16"), "a private address (192.168.0.0/16)"),
        (IPNetwork.Parse("fc00::/7"), "a private address (fc00::/7)"),
    ];

    private static readonly string[] NeverNames =
    [
        "localhost",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "metadata.google.internal",
    ];

    /// <summary>What is wrong with a remote URL, or null. No user or password of the URL is in the answer.</summary>
    /// <param name="url">The URL as written.</param>
    /// <param name="allowPrivate"><c>spec.allowPrivateEndpoint</c>: private networks and Services of the cluster are meant.</param>
    public static string? Problem(string? url, bool allowPrivate)
    {
        if (string.IsNullOrWhiteSpace(url))
            return "required: the http or https address of the MCP server";
        if (url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\\'))
            return "the URL holds white space, a control character or a backslash";
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || !url.Contains("://", StringComparison.Ordinal))
            return "not an absolute URL; write for example https://mcp.example.com/mcp";
        if (uri.Scheme is not ("http" or "https"))
            return $"the scheme {uri.Scheme} is not supported; use http or https";

        // Clients disagree about what stands before an @ in odd URLs, and it may be a password.
        if (uri.UserInfo.Length > 0 || Authority(url).Contains('@', StringComparison.Ordinal))
            return "the URL must not carry a user or password; use spec.externalAuthConfigRef or spec.headerForward";

        // Resolvers disagree about which letters of other scripts fold to ASCII ones.
        if (!System.Text.Ascii.IsValid(Authority(url)))
            return "the host has characters no host name has; write an international name in its xn-- form";
        string host = Host(uri);
        if (host.Length == 0)
            return "the URL has no host; write for example https://mcp.example.com/mcp";
        return HostProblem(host, allowPrivate);
    }

    private static string? HostProblem(string host, bool allowPrivate)
    {
        if (Address(host) is { } address)
        {
            foreach (IPAddress one in Meanings(address))
            {
                if (Find(NeverNetworks, one) is { } never)
                    return $"the host {host} is {never}, which a gateway never dials; use the server's public address";
                if (!allowPrivate && Find(PrivateNetworks, one) is { } inside)
                    return $"the host {host} is {inside}; set spec.allowPrivateEndpoint: true if the gateway is meant to reach it";
            }

            return null;
        }

        foreach (char c in host)
        {
            if (!(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
                return "the host has characters no host name has; write an international name in its xn-- form";
        }

        // A name of digits is an address to some resolvers and not to others.
        if (host.Split('.')[^1] is { Length: > 0 } last && (last.All(char.IsAsciiDigit) || last.StartsWith("0x", StringComparison.Ordinal)))
            return $"the host {host} looks like an IP address but is none";
        if (NeverNames.FirstOrDefault(name => IsOrIsBelow(host, name)) is { } blocked)
            return $"the host {host} is {blocked} or below it, which a gateway never dials; use the server's public address";
        if (!allowPrivate && IsOrIsBelow(host, "cluster.local"))
            return $"the host {host} is inside the cluster; set spec.allowPrivateEndpoint: true if the gateway is meant to reach it";
        return null;
    }

    /// <summary>The host without brackets, zone and trailing dots, in lower case.</summary>
    private static string Host(Uri uri)
    {
        string host = uri.IdnHost.Trim('[', ']');
        int zone = host.IndexOf('%', StringComparison.Ordinal);
        if (zone >= 0 && host.Contains(':', StringComparison.Ordinal))
            host = host[..zone];
        return host.TrimEnd('.').ToLowerInvariant();
    }

    private static string Authority(string url)
    {
        string rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        int end = rest.AsSpan().IndexOfAny("/?#");
        return end < 0 ? rest : rest[..end];
    }

    private static bool IsOrIsBelow(string host, string name) =>
        host == name || (host.EndsWith(name, StringComparison.Ordinal) && host[^(name.Length + 1)] == '.');

    private static string? Find((IPNetwork Network, string What)[] networks, IPAddress address)
    {
        foreach ((IPNetwork network, string what) in networks)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
                return what;
        }

        return null;
    }

    /// <summary>The address and, when it is IPv6 that carries an IPv4 address (mapped, compatible, NAT64, 6to4), that one too.</summary>
    private static IEnumerable<IPAddress> Meanings(IPAddress address)
    {
        yield return address;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            yield break;
        byte[] bytes = address.GetAddressBytes();
        if (address.IsIPv4MappedToIPv6 || StartsWith(bytes, "0064ff9b0000000000000000") || (StartsWith(bytes, "000000000000000000000000") && bytes[12] != 0))
            yield return new IPAddress(bytes.AsSpan(12));
        else if (StartsWith(bytes, "2002"))
            yield return new IPAddress(bytes.AsSpan(2, 4));
    }

    private static bool StartsWith(byte[] bytes, string hex) => bytes.AsSpan().StartsWith(Convert.FromHexString(hex));

    private static IPAddress? Address(string host)
    {
        if (host.Contains(':', StringComparison.Ordinal))
            return IPAddress.TryParse(host, out IPAddress? v6) ? v6 : null;
        return OldAddress(host);
    }

    /// <summary>IPv4 in every form <c>inet_aton</c> takes: one to four parts, each decimal, octal or hexadecimal.</summary>
    private static IPAddress? OldAddress(string host)
    {
        string[] parts = host.Split('.');
        if (parts.Length > 4)
            return null;
        long value = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (Number(parts[i]) is not { } number)
                return null;
            int bytes = i == parts.Length - 1 ? 5 - parts.Length : 1;
            if (number >= 1L << (8 * bytes))
                return null;
            value = (value << (8 * bytes)) | number;
        }

        return new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
    }

    private static long? Number(string part)
    {
        if (part.Length is 0 or > 16)
            return null;
        if (part.StartsWith("0x", StringComparison.Ordinal))
            return part.Length > 2 && long.TryParse(part.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex) ? hex : null;
        if (part[0] != '0' || part.Length == 1)
            return long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long plain) ? plain : null;
        long octal = 0;
        foreach (char c in part)
        {
            if (c is < '0' or > '7')
                return null;
            octal = (octal << 3) | (uint)(c - '0');
        }

        return octal;
    }
}
