using Vmcp.Core.Backends;
using Vmcp.Resources.Backends;

namespace Vmcp.Resources.Tests.Backends;

public sealed class MemberBackendsTests
{
    [Fact]
    [Trait("Scenario", "INL-01")]
    public void A_server_becomes_a_backend_with_its_own_transport_and_no_fragment()
    {
        MemberBackend member = MemberBackends.Of(Read.Server("""
            metadata:
              name: alpha
              namespace: demo
              annotations: {team: platform, vmcp.tier: gold, kubectl.kubernetes.io/x: y, "argocd.argoproj.io/sync": "1"}
            spec: {image: i, groupRef: {name: team}, transport: sse, proxyMode: streamable-http, externalAuthConfigRef: {name: key1}}
            status: {url: "http://mcp-alpha-proxy.demo.svc.cluster.local:8080/sse#alpha", phase: Pending}
            """));

        member.Name.ShouldBe("alpha");
        member.Key.ShouldBe("MCPServer/alpha");
        member.Url.ShouldBe("http://mcp-alpha-proxy.demo.svc.cluster.local:8080/sse");
        member.Transport.ShouldBe(BackendTransport.Sse);
        member.IsEntry.ShouldBeFalse();
        member.AuthConfigRef.ShouldBe("key1");
        member.Problem.ShouldBeNull();
        // The phase and foreign annotations would restart an inline gateway whenever a backend does.
        member.Metadata.ShouldBe(new Dictionary<string, string>
        {
            ["group"] = "team",
            ["namespace"] = "demo",
            ["tool_type"] = "mcp",
            ["vmcp.tier"] = "gold",
            ["workload_type"] = "mcp_server",
        });
    }

    [Theory]
    [InlineData("{}", BackendTransport.StreamableHttp)]
    [InlineData("{transport: stdio}", BackendTransport.StreamableHttp)]
    [InlineData("{transport: stdio, proxyMode: sse}", BackendTransport.Sse)]
    [InlineData("{transport: sse}", BackendTransport.Sse)]
    [InlineData("{transport: sse, proxyMode: streamable-http}", BackendTransport.Sse)]
    [InlineData("{transport: streamable-http, proxyMode: sse}", BackendTransport.StreamableHttp)]
    public void The_proxy_mode_counts_for_stdio_servers_only(string spec, BackendTransport transport) =>
        MemberBackends.Of(Read.Server($"{{metadata: {{name: a}}, spec: {spec}, status: {{url: 'http://a/mcp'}}}}")).Transport.ShouldBe(transport);

    [Fact]
    [Trait("Scenario", "DISC-04")]
    public void All_three_kinds_say_what_they_are()
    {
        var members = MemberBackends.Of(
            [Read.Server("{metadata: {name: b, namespace: demo}, spec: {groupRef: {name: team}}, status: {url: 'http://b/mcp', phase: Ready}}")],
            [Read.Proxy("{metadata: {name: c, namespace: demo}, spec: {groupRef: {name: team}, remoteUrl: 'https://far.example/mcp'}, status: {url: 'http://c:8080', phase: Ready}}")],
            [Read.Entry("{metadata: {name: a, namespace: demo}, spec: {groupRef: {name: team}, remoteUrl: 'https://mcp.example.com/mcp', transport: streamable-http}, status: {phase: Valid}}")]);

        members.Select(m => (m.Name, m.Metadata["workload_type"], m.Metadata["tool_type"], m.Metadata["namespace"], m.Url, m.Problem)).ShouldBe(
        [
            ("a", "server_entry", "mcp", "demo", "https://mcp.example.com/mcp", null),
            ("b", "mcp_server", "mcp", "demo", "http://b/mcp", null),
            ("c", "remote_proxy", "mcp", "demo", "http://c:8080", null),
        ]);
        members[0].IsEntry.ShouldBeTrue();
        members[0].Metadata["remote_url"].ShouldBe("https://mcp.example.com/mcp");
        members[2].Metadata["remote_url"].ShouldBe("https://far.example/mcp");
        members[1].Metadata.Keys.ShouldNotContain("remote_url");
    }

    [Fact]
    [Trait("Scenario", "INL-04")]
    public void What_cannot_be_called_says_why()
    {
        MemberBackends.Of(Read.Server("{metadata: {name: a}}")).Problem
            .ShouldBe(new MemberProblem("NoUrl", "MCPServer/a has no status.url yet") { MayPass = true });
        MemberBackends.Of(Read.Server("{metadata: {name: a}, spec: {transport: carrier-pigeon}, status: {url: 'http://a'}}")).Problem
            .ShouldBe(new MemberProblem("NoTransport", "MCPServer/a: \"carrier-pigeon\" is no transport a gateway speaks; use streamable-http or sse"));
        MemberBackends.Of(Read.Entry("{metadata: {name: a}, spec: {remoteUrl: 'https://a', transport: sse}}")).Problem
            .ShouldBe(new MemberProblem("EntryNotValid", "MCPServerEntry/a has phase Pending, not Valid") { MayPass = true });
        MemberBackends.Of(Read.Entry("{metadata: {name: a}, spec: {remoteUrl: 'https://10.0.0.1', transport: sse}}")).Problem
            .ShouldNotBeNull().ShouldSatisfyAllConditions(p => p.Reason.ShouldBe("EntryNotValid"), p => p.MayPass.ShouldBeFalse());
        MemberBackends.Of(Read.Entry("""
            metadata: {name: a}
            spec: {remoteUrl: 'https://a', transport: sse}
            status: {phase: Failed, conditions: [{type: Valid, status: "False", reason: ConfigInvalid, message: remoteUrl is blocked}]}
            """)).Problem
            .ShouldBe(new MemberProblem("EntryNotValid", "MCPServerEntry/a has phase Failed, not Valid: remoteUrl is blocked"));
    }

    [Fact]
    public void Headers_and_bundle_of_an_entry_are_its_backends_and_those_of_a_proxy_are_not()
    {
        const string Headers = "{addPlaintextHeaders: {X-B: b, X-A: a}, addHeadersFromSecret: [{headerName: X-Key, valueSecretRef: {name: s, key: k}}]}";
        MemberBackend entry = MemberBackends.Of(Read.Entry(
            $"{{metadata: {{name: a}}, spec: {{remoteUrl: 'https://a', transport: sse, headerForward: {Headers}, caBundleRef: {{configMapRef: {{name: ca, key: root.pem}}}}}}, status: {{phase: Valid}}}}"));
        MemberBackend proxy = MemberBackends.Of(Read.Proxy(
            $"{{metadata: {{name: a}}, spec: {{remoteUrl: 'https://a', headerForward: {Headers}}}, status: {{url: 'http://a'}}}}"));

        entry.PlainHeaders.Keys.ShouldBe(["X-A", "X-B"]);
        entry.SecretHeaders.ShouldBe([new SecretHeader("X-Key", "s", "k")]);
        entry.CaBundle.ShouldBe(new BundleSource("ca", "root.pem"));
        proxy.PlainHeaders.ShouldBeEmpty();
        proxy.SecretHeaders.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_belongs_to_one_member_and_the_other_says_so()
    {
        MCPServerEntry entry = Read.Entry("{metadata: {name: x}, spec: {remoteUrl: 'https://x', transport: sse}, status: {phase: Valid}}");
        MCPRemoteProxy proxy = Read.Proxy("{metadata: {name: x}, status: {url: 'http://x'}}");

        // The server has no URL yet; the name is its own all the same, or the backend would change its identity later.
        var members = MemberBackends.Of([Read.Server("{metadata: {name: x}}")], [proxy], [entry]);

        members.Select(m => (m.Key, m.Problem?.Reason)).ShouldBe(
            [("MCPServer/x", "NoUrl"), ("MCPRemoteProxy/x", "NameTaken"), ("MCPServerEntry/x", "NameTaken")]);
        members[2].Problem!.Message.ShouldBe("MCPServerEntry/x has the name of MCPServer/x, which keeps it; rename one");
        MemberBackends.Of([], [proxy], [entry])[0].Problem.ShouldBeNull();
    }
}
