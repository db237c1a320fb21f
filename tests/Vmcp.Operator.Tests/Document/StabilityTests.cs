using System.Collections.Immutable;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Checks;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;
using static Vmcp.Operator.Tests.Document.Manifests;

using World = Vmcp.Operator.Planning.World;

namespace Vmcp.Operator.Tests.Document;

public sealed class StabilityTests
{
    [Theory]
    [InlineData("inline")]
    [InlineData("discovered")]
    [Trait("Scenario", "CM-02")]
    public void The_order_of_the_input_changes_no_byte(string source)
    {
        Given given = Given.Hub(
            $$$$$"""
            outgoingAuth: {source: {{{{{source}}}}}, default: {{{{{Ref("key0")}}}}}, backends: {s3: {{{{{Ref("key1")}}}}}, e1: {{{{{Ref("missing")}}}}}}}
            telemetryConfigRef: {name: tel}
            config:
              metadata: {b: "2", a: "1", c: "3"}
              operational: {timeouts: {perWorkload: {s2: 9s, s1: 8s}}}
              aggregation: {tools: [{workload: s1, overrides: {z: {name: y}, a: {name: b}}}]}
            """,
            All(
            [
                .. Enumerable.Range(0, 8).Select(i => Server($"s{i}", i % 2 == 0 ? "" : Own($"key{i % 3}"))),
                .. Enumerable.Range(0, 4).Select(i => Entry(
                    $"e{i}", "headerForward: {addPlaintextHeaders: {X-B: b, X-A: a}, addHeadersFromSecret: [{headerName: X-Z, valueSecretRef: {name: s1, key: k}}, {headerName: X-C, valueSecretRef: {name: s1, key: k}}]}, caBundleRef: {configMapRef: {name: ca, key: ca.crt}}")),
                Entry("s0"),
                "{kind: MCPRemoteProxy, metadata: {name: s1}, spec: {groupRef: {name: team}, remoteUrl: 'https://p'}, status: {url: 'http://p'}}",
                Header("key0"), Header("key1"), Header("key2", "nowhere"), KeySecret,
                "{kind: ConfigMap, metadata: {name: ca}, data: {ca.crt: PEM}}",
                "{kind: MCPTelemetryConfig, metadata: {name: tel}, spec: {openTelemetry: {enabled: true, endpoint: 'https://o', tracing: {enabled: true}, headers: {B: b, A: a}}}}",
            ]));
        given.Rendered();
        string first = Told(given);
        first.ShouldContain("VMCP_NAME");
        Random random = new(7);

        for (int round = 0; round < 100; round++)
        {
            World shuffled = given.World with
            {
                Servers = Shuffle(given.World.Servers),
                RemoteProxies = Shuffle(given.World.RemoteProxies),
                Entries = Shuffle(given.World.Entries.Select(Mix)),
            };
            VirtualMCPServer server = given.Server with
            {
                Spec = given.Server.Spec with
                {
                    OutgoingAuth = given.Server.Spec.OutgoingAuth! with
                    {
                        Backends = Shuffle(given.Server.Spec.OutgoingAuth.Backends).ToDictionary(b => b.Key, b => b.Value),
                    },
                },
            };
            Told(given with { Server = server, World = shuffled }).ShouldBe(first);
        }

        MCPServerEntry Mix(MCPServerEntry entry) => entry.Spec.HeaderForward is not { } headers ? entry : entry with
        {
            Spec = entry.Spec with
            {
                HeaderForward = headers with
                {
                    AddPlaintextHeaders = Shuffle(headers.AddPlaintextHeaders).ToDictionary(h => h.Key, h => h.Value),
                    AddHeadersFromSecret = Shuffle(headers.AddHeadersFromSecret),
                },
            },
        };

        ImmutableArray<T> Shuffle<T>(IEnumerable<T> items)
        {
            T[] all = [.. items];
            random.Shuffle(all);
            return [.. all];
        }
    }

    private static string Told(Given given)
    {
        DocumentResult result = given.Plan();
        GatewayDocument document = result.Document.ShouldNotBeNull();
        CheckResult checks = ServerChecks.Check(given.Server, given.World, given.Settings);
        return string.Join(
            '\n',
            [
                document.ConfigYaml, .. document.Env.Select(e => e.ToString()), .. document.Bundles.Select(e => e.ToString()),
                .. document.Versions.Select(e => e.ToString()), .. document.ReadSecrets, .. document.ReadConfigMaps,
                .. result.Conditions.Select(e => e.ToString()), .. result.LeftOut.Select(e => e.ToString()), .. result.Backends.Select(e => e.ToString()),
                .. checks.Conditions.Select(e => e.ToString()), checks.Verdict.ToString(),
            ]);
    }
}
