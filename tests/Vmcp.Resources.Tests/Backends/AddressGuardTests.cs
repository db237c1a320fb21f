using Vmcp.Resources.Backends;

namespace Vmcp.Resources.Tests.Backends;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("https://mcp.example.com/mcp")]
    [InlineData("http://mcp.example.com:8080")]
    [InlineData("HTTPS://MCP.EXAMPLE.COM./mcp")]
    [InlineData("https://8.8.8.8/mcp")]
    [InlineData("https://172.15.0.1/")]
    [InlineData("https://172.32.0.1/")]
    [InlineData("https://192.169.0.1/")]
    [InlineData("https://11.0.0.1/")]
    [InlineData("https://[2001:db8::1]/mcp")]
    [InlineData("https://notlocalhost/")]
    [InlineData("https://localhost.example.com/")]
    [InlineData("https://my-cluster.local.example.com/")]
    [InlineData("https://notcluster.local/")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://example.com/?to=http://127.0.0.1@x")]
    public void Public_addresses_pass(string url) => AddressGuard.Problem(url, allowPrivate: false).ShouldBeNull();

    [Theory]
    [InlineData("http://0.0.0.0/", "0.0.0.0/8")]
    [InlineData("http://0.1.2.3/", "0.0.0.0/8")]
    [InlineData("http://0/", "0.0.0.0/8")]
    [InlineData("http://127.0.0.1:8080/mcp", "127.0.0.0/8")]
    [InlineData("http://127.255.1.2/", "127.0.0.0/8")]
    [InlineData("http://127.1/", "127.0.0.0/8")]
    [InlineData("http://2130706433/", "127.0.0.0/8")]
    [InlineData("http://0177.0.0.1/", "127.0.0.0/8")]
    [InlineData("http://0x7f.0.0.1/", "127.0.0.0/8")]
    [InlineData("http://0x7F000001/", "127.0.0.0/8")]
    [InlineData("http://017700000001/", "127.0.0.0/8")]
    [InlineData("http://127.0.0.1./", "127.0.0.0/8")]
    [InlineData("http://0177.1./", "127.0.0.0/8")]
    [InlineData("http://169.254.169.254/latest/meta-data", "169.254.0.0/16")]
    [InlineData("http://0xa9.254.0251.254/", "169.254.0.0/16")]
    [InlineData("http://100.100.100.200/latest/meta-data", "100.100.100.200")]
    [InlineData("http://1684301000/", "100.100.100.200")]
    [InlineData("http://168.63.129.16/", "168.63.129.16")]
    [InlineData("http://[fd00:ec2::254]/", "fd00:ec2::254")]
    [InlineData("http://[::ffff:100.100.100.200]/", "100.100.100.200")]
    [InlineData("http://[::]/", "(::)")]
    [InlineData("http://[::1]/", "(::1)")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/", "(::1)")]
    [InlineData("http://[fe80::1]/", "fe80::/10")]
    [InlineData("http://[fe80::1%25eth0]/", "fe80::/10")]
    [InlineData("http://[febf::1]/", "fe80::/10")]
    [InlineData("http://[::ffff:127.0.0.1]/", "127.0.0.0/8")]
    [InlineData("http://[::ffff:7f00:1]/", "127.0.0.0/8")]
    [InlineData("http://[::FFFF:169.254.169.254]/", "169.254.0.0/16")]
    [InlineData("http://[::127.0.0.1]/", "127.0.0.0/8")]
    [InlineData("http://[64:ff9b::169.254.169.254]/", "169.254.0.0/16")]
    [InlineData("http://[2002:7f00:1::]/", "127.0.0.0/8")]
    [InlineData("http://localhost/", "localhost")]
    [InlineData("http://LocalHost:80/", "localhost")]
    [InlineData("http://localhost./", "localhost")]
    [InlineData("http://a.localhost/", "localhost")]
    [InlineData("https://kubernetes.default/", "kubernetes.default")]
    [InlineData("https://kubernetes.default.svc/", "kubernetes.default.svc")]
    [InlineData("https://kubernetes.default.svc.cluster.local:443/", "kubernetes.default.svc.cluster.local")]
    [InlineData("https://KUBERNETES.default.SVC.cluster.local./", "kubernetes.default.svc.cluster.local")]
    [InlineData("http://metadata.google.internal/", "metadata.google.internal")]
    [InlineData("http://x.metadata.google.internal/", "metadata.google.internal")]
    public void Insides_of_host_and_cluster_are_refused_even_when_private_ones_are_allowed(string url, string said)
    {
        AddressGuard.Problem(url, allowPrivate: false).ShouldNotBeNull().ShouldContain(said);
        AddressGuard.Problem(url, allowPrivate: true).ShouldNotBeNull().ShouldContain("never dials");
    }

    [Theory]
    [InlineData("http://10.0.0.1/", "10.0.0.0/8")]
    [InlineData("http://10.1/", "10.0.0.0/8")]
    [InlineData("http://012.0.0.1/", "10.0.0.0/8")]
    [InlineData("http://172.16.0.1/", "172.16.0.0/12")]
    [InlineData("http://172.31.255.255/", "172.16.0.0/12")]
    [InlineData("http://192.168.1.1/", "192.168.0.0/16")]
    [InlineData("http://[fc00::1]/", "fc00::/7")]
    [InlineData("http://[fdff::1]/", "fc00::/7")]
    [InlineData("http://[::ffff:10.0.0.1]/", "10.0.0.0/8")]
    [InlineData("http://svc.ns.svc.cluster.local:8080/mcp", "inside the cluster")]
    [InlineData("http://SVC.ns.svc.Cluster.Local.:8080/mcp", "inside the cluster")]
    [InlineData("http://cluster.local/", "inside the cluster")]
    public void Private_addresses_need_leave(string url, string said)
    {
        string problem = AddressGuard.Problem(url, allowPrivate: false).ShouldNotBeNull();
        problem.ShouldContain(said);
        problem.ShouldContain("spec.allowPrivateEndpoint: true");
        AddressGuard.Problem(url, allowPrivate: true).ShouldBeNull();
    }

    [Theory]
    [InlineData(null, "required")]
    [InlineData("", "required")]
    [InlineData("mcp.example.com/mcp", "not an absolute URL")]
    [InlineData("https:mcp.example.com", "not an absolute URL")]
    [InlineData("ftp://mcp.example.com/", "scheme ftp is not supported")]
    [InlineData("file:///etc/passwd", "scheme file is not supported")]
    [InlineData("http://", "not an absolute URL")]
    [InlineData("http:///mcp", "not an absolute URL")]
    [InlineData("http://exa mple.com/", "white space")]
    [InlineData("http://example.com\\@127.0.0.1/", "backslash")]
    [InlineData("http://256.256.256.256/", "looks like an IP address")]
    [InlineData("http://1.2.3.4.5/", "looks like an IP address")]
    public void What_is_no_http_url_is_refused(string? url, string said) =>
        AddressGuard.Problem(url, allowPrivate: true).ShouldNotBeNull().ShouldContain(said);

    [Theory]
    [InlineData("https://user:hunter2@mcp.example.com/")]
    [InlineData("https://hunter2@mcp.example.com/")]
    [InlineData("https://mcp.example.com@127.0.0.1/")]
    [InlineData("https://@mcp.example.com/")]
    public void A_user_in_the_url_is_refused_and_not_repeated(string url)
    {
        string problem = AddressGuard.Problem(url, allowPrivate: true).ShouldNotBeNull();

        problem.ShouldContain("must not carry a user or password");
        problem.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("http://１２７.0.0.1/")]
    [InlineData("http://%31%32%37.0.0.1/")]
    [InlineData("http://ⓛocalhost/")]
    [InlineData("http://127。0。0。1/")]
    public void Disguises_do_not_pass(string url) => AddressGuard.Problem(url, allowPrivate: true).ShouldNotBeNull();
}
