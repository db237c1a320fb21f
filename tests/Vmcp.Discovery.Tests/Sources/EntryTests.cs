using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>What an entry brings along: headers in the clear and from Secrets, and whom to trust.</summary>
public sealed class EntryTests
{
    private const string Url = "https://remote.example.com/mcp";

    private static string Pem()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        return root.ExportCertificatePem();
    }

    private static Task BundleAsync(Cluster cluster, string key, string text) => cluster.ApplyAsync(
        $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: roots}}\ndata:\n  {key}: |\n    {text.ReplaceLineEndings("\n    ")}\n");

    [Fact]
    [Trait("Scenario", "HDR-03")]
    public async Task Its_headers_come_from_its_spec_and_from_Secrets()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.SecretAsync("s1", "from-a-secret");
            await c.EntryAsync(
                "remote", Url,
                "headerForward: {addPlaintextHeaders: {X-Plain: 'a $(HOME) $$ b', X-Tenant: acme}, "
                + "addHeadersFromSecret: [{headerName: X-Token, valueSecretRef: {name: s1, key: token}}]}");
        });

        world.Backend("remote").StaticHeaders.Select(h => $"{h.Key}={h.Value}").ShouldBe(["X-Plain=a $(HOME) $$ b", "X-Tenant=acme", "X-Token=from-a-secret"]);
        world.Source.FactsOf("remote")!.Secrets.ShouldBe(["s1"]);

        await world.Cluster.SecretAsync("s1", "newer");
        (await world.Time.UntilAsync(() => world.Backend("remote").StaticHeaders.Any(h => h.Key == "X-Token" && h.Value == "newer"), "the new value is in use")).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        world.Log.ShouldAllBe(l => !l.Contains("from-a-secret", StringComparison.Ordinal) && !l.Contains("newer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("addPlaintextHeaders: {Host: evil}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {Mcp-Session-Id: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {mcp-param-region: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {traceparent: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {Content-Type: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {Content-Encoding: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {X-Amz-Date: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {Set-Cookie: x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {X-A: 'gr\u00fc\u00df'}", "InvalidConfig")]
    [InlineData("addHeadersFromSecret: [{headerName: X-Forwarded-For, valueSecretRef: {name: s1, key: token}}]", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {'no header': x}", "InvalidConfig")]
    [InlineData("addPlaintextHeaders: {X-Passed: x}", "InvalidConfig")]
    [InlineData("addHeadersFromSecret: [{headerName: X-Token, valueSecretRef: {name: nowhere, key: token}}]", "SecretNotFound")]
    [InlineData("addHeadersFromSecret: [{headerName: X-Token, valueSecretRef: {name: s1, key: other}}]", "SecretKeyMissing")]
    [InlineData("addHeadersFromSecret: [{headerName: X-Token, valueSecretRef: {name: s1}}]", "InvalidConfig")]
    [InlineData("addHeadersFromSecret: [{headerName: X-Token}]", "InvalidConfig")]
    [InlineData("addHeadersFromSecret: [{headerName: X-Token, valueSecretRef: {name: newline, key: token}}]", "InvalidConfig")]
    [InlineData("addHeadersFromSecret: [{headerName: X-A, valueSecretRef: {name: s1, key: token}}, {headerName: X_A, valueSecretRef: {name: s1, key: token}}]", "InvalidConfig")]
    public async Task One_header_that_cannot_be_sent_leaves_the_entry_out_and_nobody_else(string headers, string reason)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(
            async c =>
            {
                await c.SecretAsync("s1", "from-a-secret");
                await c.SecretAsync("newline", "from-a-secret\n");
                await c.EntryAsync("remote", Url, $"headerForward: {{{headers}}}");
                await c.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
            },
            document: "passthroughHeaders: [X-Passed]\n");

        world.Served.ShouldBe("alpha");
        world.UnservedOne("remote").Reason.ShouldBe(reason);
        world.UnservedOne("remote").Message.ShouldNotContain("from-a-secret");
    }

    [Fact]
    public async Task Its_roots_come_from_a_ConfigMap_and_follow_it()
    {
        (string first, string second) = (Pem(), Pem());
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await BundleAsync(c, "ca.crt", first);
            await c.EntryAsync("remote", Url, "caBundleRef: {configMapRef: {name: roots}}");
        });
        world.Backend("remote").CaBundlePem.ShouldNotBeNull().Trim().ShouldBe(first.Trim());
        world.Backend("remote").CaBundlePath.ShouldBeNull();

        await BundleAsync(world.Cluster, "ca.crt", second);
        (await world.Time.UntilAsync(() => world.Backend("remote").CaBundlePem!.Trim() == second.Trim(), "the new roots count")).ShouldBeLessThan(TimeSpan.FromMinutes(1));

        // Without its roots it would be trusted by the system's: it is not called.
        await world.Cluster.DeleteAsync(BuiltIn.ConfigMap, "roots");
        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        world.Unserved.ShouldBe("remote: CABundleNotFound");
        await BundleAsync(world.Cluster, "ca.crt", first);
        (await world.ServedBecomesAsync("remote")).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("not a certificate", "ca.crt", "CABundleInvalid")]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", "ca.crt", "CABundleInvalid")]
    [InlineData("whatever", "other.crt", "CABundleNotFound")]
    public async Task Roots_that_are_none_leave_the_entry_out(string text, string key, string reason)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await BundleAsync(c, key, text);
            await c.EntryAsync("remote", Url, "caBundleRef: {configMapRef: {name: roots, key: ca.crt}}");
        });

        world.Served.ShouldBeEmpty();
        world.Unserved.ShouldBe($"remote: {reason}");
        world.UnservedOne("remote").Message.ShouldContain("ConfigMap \"roots\"");
    }

    [Fact]
    public async Task Roots_that_may_not_be_read_are_told_as_that()
    {
        await using SourceWorld world = new();
        await world.Cluster.ApplyAsync(DiscoveryWorld.Hub);
        await BundleAsync(world.Cluster, "ca.crt", Pem());
        await world.Cluster.EntryAsync("remote", Url, "caBundleRef: {configMapRef: {name: roots}}");
        world.Fail(KubeError.Forbidden, r => r.Type == BuiltIn.ConfigMap);
        world.Run();
        await world.Time.UntilAsync(() => world.State.Synced, "it is in step");

        world.Unserved.ShouldBe("remote: ConfigMapNotReadable");
        world.Fail(null);
        (await world.ServedBecomesAsync("remote")).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }
}
