using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Document;
using Vmcp.Resources;
using static Vmcp.Operator.Tests.Document.Manifests;
using ServerReferences = Vmcp.Operator.Planning.References;

using World = Vmcp.Operator.Planning.World;

namespace Vmcp.Operator.Tests.Gathering;

public sealed class ReferencesTests
{
    private static readonly Given Everything = Given.Hub(
        $$$$$"""
        incomingAuth:
          type: oidc
          oidcConfigRef: {name: idp, audience: a}
          authzConfig: {type: configMap, configMap: {name: policies}}
        outgoingAuth: {source: inline, default: {{{{{Ref("key-default")}}}}}, backends: {x: {{{{{Ref("key-explicit")}}}}}}}
        sessionStorage: {provider: redis, address: 'r:1', passwordRef: {name: redis, key: pw}}
        telemetryConfigRef: {name: tel}
        embeddingServerRef: {name: es}
        authServerConfig:
          issuer: https://i
          signingKeySecretRefs: [{name: signing, key: k}]
          hmacSecretRefs: [{name: hmac, key: k}]
          upstreamProviders:
            - {name: one, type: oidc, oidcConfig: {issuerUrl: 'https://u', clientId: c, clientSecretRef: {name: upstream, key: k}}}
            - {name: two, type: oauth2, oauth2Config: {authorizationEndpoint: 'https://u', tokenEndpoint: 'https://u', dcrConfig: {initialAccessTokenRef: {name: dcr, key: k}}}}
          delegateClients: [{clientId: d, clientSecretRef: {name: delegate, key: k}, scopes: [s], audiences: [a]}]
          storage: {type: redis, redis: {addr: 'r:1', aclUserConfig: {usernameSecretRef: {name: acl-user, key: k}, passwordSecretRef: {name: acl-pw, key: k}}, tls: {caCertSecretRef: {name: redis-ca, key: k}}}}
        config:
          aggregation: {tools: [{workload: a, toolConfigRef: {name: tc}}]}
          compositeToolRefs: [{name: def1}]
        """,
        All(
            Server("a", Own("key-server")),
            "{kind: MCPRemoteProxy, metadata: {name: b}, spec: {groupRef: {name: team}, remoteUrl: 'https://b', externalAuthConfigRef: {name: key-proxy}, headerForward: {addHeadersFromSecret: [{headerName: X, valueSecretRef: {name: not-ours, key: k}}]}}}",
            Entry("c", $"{Own("key-entry")}, caBundleRef: {{configMapRef: {{name: entry-ca, key: ca.crt}}}}, headerForward: {{addHeadersFromSecret: [{{headerName: X, valueSecretRef: {{name: entry-header, key: k}}}}]}}"),
            Header("key-server", "s-server"), Header("key-default", "s-default"), Header("key-unused", "s-unused"),
            "{kind: MCPExternalAuthConfig, metadata: {name: key-proxy}, spec: {type: bearerToken, bearerToken: {tokenSecretRef: {name: s-bearer, key: k}}}}",
            "{kind: MCPExternalAuthConfig, metadata: {name: key-explicit}, spec: {type: tokenExchange, tokenExchange: {tokenUrl: 'https://i', audience: a, clientSecretRef: {name: s-exchange, key: k}}}}",
            "{kind: MCPExternalAuthConfig, metadata: {name: key-entry}, spec: {type: xaa, xaa: {idpTokenUrl: 'https://i', targetTokenUrl: 'https://t', targetAudience: a, idpClientSecretRef: {name: s-idp, key: k}, targetClientSecretRef: {name: s-target, key: k}}}}",
            "{kind: MCPOIDCConfig, metadata: {name: idp}, spec: {type: inline, inline: {issuer: 'https://i', clientSecretRef: {name: oidc, key: k}, caBundleRef: {configMapRef: {name: idp-ca, key: ca.crt}}}}}",
            "{kind: MCPTelemetryConfig, metadata: {name: tel}, spec: {openTelemetry: {enabled: true, sensitiveHeaders: [{name: X, secretKeyRef: {name: otel, key: k}}], caBundleRef: {configMapRef: {name: otel-ca, key: ca.crt}}}}}"));

    [Fact]
    public void Everything_a_plan_looks_at_is_named_and_nothing_else()
    {
        ServerReferences found = ServerReferences.Of(Everything.Server, Everything.World);

        found.Names(BuiltIn.Secret).ShouldBe(
        [
            "acl-pw", "acl-user", "dcr", "delegate", "entry-header", "hmac", "oidc", "otel", "redis", "redis-ca", "s-bearer", "s-default",
            "s-exchange", "s-idp", "s-server", "s-target", "signing", "upstream",
        ]);
        found.Names(BuiltIn.ConfigMap).ShouldBe(["entry-ca", "idp-ca", "otel-ca", "policies"]);
        found.Names(ToolHive.MCPExternalAuthConfig).ShouldBe(["key-default", "key-entry", "key-explicit", "key-proxy", "key-server"]);
        found.Names(ToolHive.MCPGroup).ShouldBe(["team"]);
        found.Names(ToolHive.MCPOIDCConfig).ShouldBe(["idp"]);
        found.Names(ToolHive.MCPTelemetryConfig).ShouldBe(["tel"]);
        found.Names(ToolHive.EmbeddingServer).ShouldBe(["es"]);
        found.Names(ToolHive.MCPToolConfig).ShouldBe(["tc"]);
        found.Names(ToolHive.VirtualMCPCompositeToolDefinition).ShouldBe(["def1"]);
        found.Contains(BuiltIn.Secret, "s-idp").ShouldBeTrue();
        found.Contains(BuiltIn.Secret, "not-ours").ShouldBeFalse();
    }

    [Fact]
    public void A_second_round_finds_what_the_first_made_known()
    {
        World first = Everything.World with { ExternalAuthConfigs = World.Empty.ExternalAuthConfigs, OidcConfigs = World.Empty.OidcConfigs };

        ServerReferences before = ServerReferences.Of(Everything.Server, first);

        before.Names(ToolHive.MCPExternalAuthConfig).ShouldContain("key-server");
        before.Contains(BuiltIn.Secret, "s-server").ShouldBeFalse();
        before.All.IsProperSubsetOf(ServerReferences.Of(Everything.Server, Everything.World).All).ShouldBeTrue();
    }

    [Fact]
    public void The_operators_own_session_store_counts_for_servers_without_one()
    {
        ServerReferences.Of(Given.Hub().Server, World.Empty, "shared").Names(BuiltIn.Secret).ShouldBe(["shared"]);
        ServerReferences.Of(Everything.Server, World.Empty, "shared").Contains(BuiltIn.Secret, "shared").ShouldBeFalse();
    }

    [Fact]
    public void A_config_that_is_nonsense_names_nothing_and_breaks_nothing()
    {
        Given given = Given.Hub("config: {aggregation: {tools: 5}, compositeToolRefs: [7, {name: [x]}, {name: ok}]}");

        ServerReferences.Of(given.Server, given.World).Names(ToolHive.VirtualMCPCompositeToolDefinition).ShouldBe(["ok"]);
    }

    [Fact]
    public void Shared_policies_and_cluster_accounts_are_named_too()
    {
        Given given = Given.Hub(
            "incomingAuth: {type: oidc, oidcConfigRef: {name: k8s, audience: a}, authzConfigRef: {name: az}}",
            "{kind: MCPOIDCConfig, metadata: {name: k8s}, spec: {type: kubernetesServiceAccount, kubernetesServiceAccount: {}}}");

        ServerReferences found = ServerReferences.Of(given.Server, given.World);

        found.Names(ToolHive.MCPAuthzConfig).ShouldBe(["az"]);
        found.Names(BuiltIn.ConfigMap).ShouldBe(["kube-root-ca.crt"]);
    }
}
