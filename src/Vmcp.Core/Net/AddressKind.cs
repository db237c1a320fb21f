using System.Net;
using System.Net.Sockets;

namespace Vmcp.Core.Net;

/// <summary>What an address is good for, as far as a request that somebody else's text may steer is concerned (SSRF).</summary>
public enum AddressKind
{
    /// <summary>A public unicast address.</summary>
    Public,

    /// <summary>An address of a private network, loopback or carrier-grade NAT: fine where an administrator says so.</summary>
    Private,

    /// <summary>Nothing a server answers on, or a place where cloud metadata with credentials is served: never.</summary>
    Never,
}

/// <summary>Sorts addresses. An address that embeds another one (mapped, NAT64, 6to4, Teredo) is judged by that one too.</summary>
public static class AddressKinds
{
    // IANA special-purpose registries (RFC 6890, 8190), and the addresses at which clouds serve metadata.
    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("100.100.100.200/32"), IPNetwork.Parse("168.63.129.16/32"), IPNetwork.Parse("::/128"),
        IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fd00:ec2::254/128"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("100::/64"),
    ];

    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fec0::/10"),
    ];

    private static readonly IPNetwork ThisNetwork = IPNetwork.Parse("0.0.0.0/8");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

    /// <summary>The kind of an address.</summary>
    public static AddressKind Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return Of(address.MapToIPv4());
        if (Never.Any(n => n.Contains(address)))
            return AddressKind.Never;
        if (Private.Any(n => n.Contains(address)))
            return AddressKind.Private;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return AddressKind.Public;
        if (LocalNat64.Contains(address))
            return OfLocalNat64(address.GetAddressBytes());
        return Embedded(address) is { } inner ? Of(inner) : AddressKind.Public;
    }

    // Where the IPv4 address stands depends on the length of the prefix that a network chose (RFC 6052 2.2), and the rest is ignored. So such an
    // address is private, and it is the worst of what it can stand for.
    private static AddressKind OfLocalNat64(byte[] bytes)
    {
        IPAddress[] readings =
        [
            new([bytes[6], bytes[7], bytes[9], bytes[10]]), new([bytes[7], bytes[9], bytes[10], bytes[11]]),
            new(bytes.AsSpan(9, 4)), new(bytes.AsSpan(12, 4)),
        ];
        return readings.Any(r => !ThisNetwork.Contains(r) && Of(r) == AddressKind.Never) ? AddressKind.Never : AddressKind.Private;
    }

    private static IPAddress? Embedded(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (Nat64.Contains(address))
            return new IPAddress(bytes.AsSpan(12, 4));
        if (SixToFour.Contains(address))
            return new IPAddress(bytes.AsSpan(2, 4));
        if (!Teredo.Contains(address))
            return bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 ? new IPAddress(bytes.AsSpan(12, 4)) : null; // ::a.b.c.d, deprecated
        for (int i = 12; i < 16; i++)
            bytes[i] ^= 0xFF; // RFC 4380 4: the client's address is stored inverted
        return new IPAddress(bytes.AsSpan(12, 4));
    }
}
