using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests;

internal static class Samples
{
    /// <summary>The annotated example of the specification.</summary>
    public const string Full = """
        name: eng-gateway                 # required
        groupRef: engineering             # required
        backends:                         # omit for dynamic discovery
          - name: github
            url: http://mcp-github-proxy.toolhive.svc.cluster.local:8080/mcp
            transport: streamable-http    # or sse
          - name: partner
            url: https://mcp.partner.example/mcp
            transport: streamable-http
            type: entry
            caBundlePath: /etc/toolhive/ca-bundles/partner/ca.crt
            metadata: { tier: gold }
        incomingAuth:
          type: oidc                      # oidc | local | anonymous
          oidc:
            issuer: https://idp.example
            audience: vmcp
            resource: https://gw.example/mcp   # default: audience
            clientId: vmcp
            clientSecretEnv: OIDC_SECRET
            scopes: [openid]
          authz:
            type: cedar
            policies: ['permit(principal, action, resource);']
            entitiesJson: '[]'
        outgoingAuth:
          source: inline                  # inline | discovered
          default: { type: unauthenticated }
          backends:
            github:
              type: header_injection
              headerInjection: { headerName: Authorization, headerValueEnv: GITHUB_AUTH }
        aggregation:
          conflictResolution: prefix
          conflictResolutionConfig:
            prefixFormat: '{workload}_'
            priorityOrder: []             # used by priority
          defaultToolVisibility: allow
          excludeAllTools: false
          tools:
            - workload: github
              filter: [create_issue, search_code]
              overrides:
                create_issue:
                  name: open_ticket
                  description: Create an issue
                  annotations: { destructiveHint: false }
              excludeAll: false
        operational:
          timeouts: { default: 30s, perWorkload: { github: 45s } }
          failureHandling:
            healthCheckInterval: 30s
            healthCheckTimeout: 10s       # must be < interval
            unhealthyThreshold: 3
            statusReportingInterval: 30s
            partialFailureMode: fail      # accepted, has no effect upstream
            circuitBreaker: { enabled: false, failureThreshold: 5, timeout: 60s }
        sessionStorage:
          provider: redis
          address: redis:6379
          db: 0
          keyPrefix: 'thv:vmcp:session:'
        rateLimiting:
          shared: { maxTokens: 100, refillPeriod: 1m }
        passthroughHeaders: [X-Tenant-Id]
        telemetry: { endpoint: otel:4317, tracingEnabled: true, samplingRate: '0.05', enablePrometheusMetricsPath: true }
        audit: { enabled: true, component: vmcp-server }
        codeMode: { enabled: false }
        optimizer: null
        """;

    public static Func<string, string?> NoEnv { get; } = _ => null;

    public static Func<string, string?> Env(params (string Name, string Value)[] variables) =>
        name => variables.Where(v => v.Name == name).Select(v => v.Value).FirstOrDefault();

    public static Func<string, string?> FullEnv { get; } = Env(("OIDC_SECRET", "s"), ("GITHUB_AUTH", "Bearer t"));

    public static ConfigResult Load(string yaml, Func<string, string?>? env = null) => ConfigFile.Load(yaml, "vmcp.yaml", env ?? NoEnv);

    public static string[] Report(string yaml, Func<string, string?>? env = null) => [.. Load(yaml, env).Problems.Select(p => p.ToString())];
}
