using Vmcp.Config.Model;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests.Reading;

public sealed class SpellingTests
{
    [Fact]
    public void Snake_case_means_the_same_everywhere()
    {
        const string Snake = """
            group_ref: g
            backends: [{name: a, url: 'http://a/mcp', type: entry, ca_bundle_path: /ca.pem}]
            incoming_auth: {type: oidc, oidc: {issuer: 'https://i', audience: v, jwks_allow_private_ip: true}}
            outgoing_auth:
              backends:
                a: {type: header_injection, header_injection: {header_name: X-Key, header_value: v}}
            aggregation: {conflict_resolution: priority, conflict_resolution_config: {priority_order: [a]}, exclude_all_tools: true}
            operational: {timeouts: {per_workload: {a: 1s}}, failure_handling: {circuit_breaker: {failure_threshold: 2}}}
            passthrough_headers: [X-A]
            """;
        const string Camel = """
            groupRef: g
            backends: [{name: a, url: 'http://a/mcp', type: entry, caBundlePath: /ca.pem}]
            incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: v, jwksAllowPrivateIp: true}}
            outgoingAuth:
              backends:
                a: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: v}}
            aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a]}, excludeAllTools: true}
            operational: {timeouts: {perWorkload: {a: 1s}}, failureHandling: {circuitBreaker: {failureThreshold: 2}}}
            passthroughHeaders: [X-A]
            """;

        GatewayConfig snake = Samples.Load(Snake).Config.ShouldNotBeNull();

        snake.ShouldBe(Samples.Load(Camel).Config);
        snake.Operational!.FailureHandling!.CircuitBreaker!.FailureThreshold.ShouldBe(2);
    }

    [Theory]
    [InlineData("auth: {type: token_exchange, token_url: 'https://idp/token', client_id: c, client_secret_env: S}")]
    [InlineData("auth: {type: token_exchange, tokenUrl: 'https://idp/token', clientId: c, clientSecretEnv: S}")]
    [InlineData("auth: {type: token_exchange, token_exchange: {token_url: 'https://idp/token', client_id: c, client_secret_env: S}}")]
    [InlineData("auth: {type: token_exchange, tokenExchange: {tokenUrl: 'https://idp/token', clientId: c, clientSecretEnv: S}}")]
    public void A_backends_own_auth_may_be_flat_or_in_a_block(string auth)
    {
        ConfigResult result = Samples.Load($"backends:\n  - name: a\n    url: http://a/mcp\n    {auth}", Samples.Env(("S", "x")));

        result.Problems.ShouldBeEmpty();
        result.Config!.StrategyFor("a")!.TokenExchange!.TokenUrl.ShouldBe("https://idp/token");
        result.Config.OutgoingAuth!.Backends["a"].TokenExchange!.ClientSecretEnv.ShouldBe("S");
    }

    [Fact]
    public void Problems_in_own_auth_are_named_where_the_file_has_them()
    {
        const string Yaml = """
            backends:
              - name: flat
                url: http://a/mcp
                auth:
                  type: token_exchange
                  token_url: http://idp.example/token
                  audiense: x
              - name: block
                url: http://b/mcp
                auth:
                  type: header_injection
                  header_injection:
                    header_name: Host
                    header_value_env: NOT_SET
            """;

        Samples.Report(Yaml).ShouldBe([
            "vmcp.yaml:6: backends[0].auth.tokenUrl: credentials go there, so it must be https",
            "vmcp.yaml:7: backends[0].auth.audiense: unknown key; did you mean \"audience\"?",
            "vmcp.yaml:13: backends[1].auth.headerInjection.headerName: the header Host belongs to the gateway and the transport",
            "vmcp.yaml:14: backends[1].auth.headerInjection.headerValueEnv: the environment variable NOT_SET is not set",
        ]);
    }

    [Fact]
    public void Auth_in_both_places_is_an_error_that_names_both()
    {
        const string Yaml = """
            outgoingAuth:
              backends:
                a: {type: unauthenticated}
            backends:
              - name: a
                url: http://a/mcp
                auth: {type: unauthenticated}
            """;

        Samples.Report(Yaml).ShouldBe(["vmcp.yaml:7: backends[0].auth: the backend's auth is already at outgoingAuth.backends.a (line 3); keep one"]);
    }

    [Fact]
    public void Keys_the_user_chooses_stay_as_written()
    {
        GatewayConfig config = Samples.Load("""
            backends: [{name: my_server, url: 'http://a/mcp', metadata: {cost_center: x}}]
            aggregation: {tools: [{workload: my_server, overrides: {create_issue: {name: open}}}]}
            """).Config.ShouldNotBeNull();

        config.Backends[0].Metadata.Keys.ShouldBe(["cost_center"]);
        config.Aggregation!.Tools[0].Overrides.Keys.ShouldBe(["create_issue"]);
    }
}
