using System.Net;


using Vmcp.Core.Net;

namespace Vmcp.Core.Tests.Net;

[Trait("Threat", "8.4 SSRF")]
public sealed class AddressKindsTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::a9fe:a9fe")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::")] // RFC 6052 2.2: the prefix may be 48, 56, 64 or 96 bits long
    [InlineData("64:ff9b:1:a9fe:a9:fe00:808:808")] // and what stands behind the address is ignored
    [InlineData("64:ff9b:1:a9:fe:a9fe::")]
    [InlineData("64:ff9b:1:0:a9:fea9:fe00:0")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2001:0:0:0:0:0:5601:5601")]
    [InlineData("::169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("192.0.2.7")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("2001:db8::1")]
    [InlineData("::")]
    public void Metadata_link_local_and_reserved_addresses_are_never_dialled(string address) =>
        AddressKinds.Of(IPAddress.Parse(address)).ShouldBe(AddressKind.Never);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("fc00::1")]
    [InlineData("fd12::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("64:ff9b:1::101:101")] // a local translation prefix: the network behind it is somebody's own
    [InlineData("2002:a00:1::")]
    public void Addresses_of_this_machine_and_of_private_networks_are_private(string address) =>
        AddressKinds.Of(IPAddress.Parse(address)).ShouldBe(AddressKind.Private);

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("64:ff9b::101:101")]
    public void Everything_else_is_public(string address) => AddressKinds.Of(IPAddress.Parse(address)).ShouldBe(AddressKind.Public);
}
