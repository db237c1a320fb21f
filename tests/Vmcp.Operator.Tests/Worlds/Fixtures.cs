namespace Vmcp.Operator.Tests.Worlds;

/// <summary>The shared manifests of the scenarios.</summary>
internal static class Fixtures
{
    private const string Version = "toolhive.stacklok.dev/v1beta1";

    public static string Group(string name = "team") => $$"""
        ---
        apiVersion: {{Version}}
        kind: MCPGroup
        metadata: {name: {{name}}}
        spec: {}

        """;

    public static string Backend(string name, string group = "team", string? auth = null) => $$"""
        ---
        apiVersion: {{Version}}
        kind: MCPServer
        metadata: {name: {{name}}}
        spec:
          groupRef: {name: {{group}}}
          image: echo
          transport: streamable-http
          proxyPort: 8080
          mcpPort: 8080{{(auth is null ? "" : $"\n  externalAuthConfigRef: {{name: {auth}}}")}}
        status: {phase: Ready, url: 'http://{{name}}.demo.svc.cluster.local:8080/mcp'}

        """;

    public static string Entry(string name, string url, string group = "team") => $$"""
        ---
        apiVersion: {{Version}}
        kind: MCPServerEntry
        metadata: {name: {{name}}}
        spec:
          groupRef: {name: {{group}}}
          remoteUrl: {{url}}
          transport: streamable-http

        """;

    public static string Hub(string? source, string more = "", string name = "hub", string group = "team") => $$$"""
        ---
        apiVersion: {{{Version}}}
        kind: VirtualMCPServer
        metadata: {name: {{{name}}}}
        spec:
          groupRef: {name: {{{group}}}}
          incomingAuth: {type: anonymous}
          config: {aggregation: {conflictResolution: prefix}}{{{(source is null ? "" : $"\n  outgoingAuth: {{source: {source}}}")}}}
        {{{more}}}

        """;

    public static string HeaderAuth(string name, string secret) => $$$"""
        ---
        apiVersion: {{{Version}}}
        kind: MCPExternalAuthConfig
        metadata: {name: {{{name}}}}
        spec:
          type: headerInjection
          headerInjection: {headerName: X-Key, valueSecretRef: {name: {{{secret}}}, key: token}}

        """;

    public static string Secret(string name, string base64 = "dG9rZW4=") => $$"""
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}}}
        data: {token: {{base64}}}

        """;
}
