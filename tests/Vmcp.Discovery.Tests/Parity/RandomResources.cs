using System.Text;

namespace Vmcp.Discovery.Tests.Parity;

/// <summary>A namespace as a person in a hurry might leave it: members of all kinds, credentials good and broken, names that clash.</summary>
internal sealed class RandomResources
{
    private static readonly string[] Values =
    [
        "plain", "simple", "token-like_1.2", "with $(HOME) and $$ in it", "$(TOOLHIVE_BEARER_TOKEN_X)", "ends-in-a-line-break\n", "umläut", " spaced ", "", "tab\there", "quote\"'\\", "$",
    ];

    private readonly Random _random;
    private readonly StringBuilder _yaml = new();

#pragma warning disable CA5394 // A test that can be repeated, not a secret.
    public RandomResources(int seed)
    {
        _random = new Random(seed);
        foreach (string secret in (string[])["s1", "s2", "s3"])
        {
            if (secret != "s1" && One(4))
                continue;
            Secrets[secret] = new() { ["token"] = secret == "s1" ? "good" : Pick(Values), ["other"] = Pick(Values) };
        }

        foreach (string config in (string[])["c1", "c2", "c-3", "c.3", "c4"])
            Config(config);
        for (int i = _random.Next(7); i > 0; i--)
            Member();
    }

    public Dictionary<string, Dictionary<string, string>> Secrets { get; } = [];

    public Dictionary<string, string> ConfigMap { get; } = [];

    public string Yaml => _yaml.ToString();

    /// <summary>The spec of the server without <c>outgoingAuth.source</c>.</summary>
    public string Outgoing()
    {
        List<string> parts = [];
        if (One(2))
            parts.Add($"default: {Choice()}");
        string[] named = [.. ((string[])["alpha", "beta", "gamma", "nobody"]).Where(_ => One(4))];
        if (named.Length > 0)
            parts.Add($"backends: {{{string.Join(", ", named.Select(n => $"{n}: {Choice()}"))}}}");
        return string.Concat(parts.Select(p => ", " + p));
    }

    /// <summary>Most servers have callers who prove who they are.</summary>
    public string Incoming() => One(4) ? "incomingAuth: {type: anonymous}, " : "incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1}}, ";

    public string Settings() => One(2) ? "" :
        $"passthroughHeaders: [{(One(2) ? "X-Two" : "X-Passed")}], config: {{operational: {{timeouts: {{default: {_random.Next(1, 50)}s, perWorkload: {{alpha: {_random.Next(1, 50)}s}}}}}}}}, ";

    private string Choice() => One(4) ? "{type: discovered}" : $"{{type: externalAuthConfigRef, externalAuthConfigRef: {{name: {ConfigName()}}}}}";

    private string ConfigName() => Pick("c1", "c1", "c2", "c2", "c-3", "c.3", "c4", "c4", "none");

    private void Config(string name)
    {
        string secret = SecretRef();
        string spec = name == "c1" ? "type: headerInjection, headerInjection: {headerName: X-Key, valueSecretRef: {name: s1, key: token}}" : _random.Next(16) switch
        {
            0 or 1 or 2 => $"type: headerInjection, headerInjection: {{headerName: {Pick("X-Key", "Authorization", "Host")}, valueSecretRef: {secret}}}",
            3 or 4 => $"type: bearerToken, bearerToken: {{tokenSecretRef: {secret}}}",
            5 => "type: unauthenticated",
            6 or 7 or 8 => TokenExchange(secret),
            9 or 10 or 11 => Xaa(),
            12 or 13 or 14 => AwsSts(),
            _ => Pick("type: obo, obo: {}", "type: headerInjection", "type: upstreamInject, upstreamInject: {providerName: okta}", "type: embeddedAuthServer"),
        };
        if (name == "c1" || !One(8))
            Add("MCPExternalAuthConfig", name, spec, "");
    }

    private string SecretRef() => $"{{name: {Pick("s1", "s1", "s2", "s3", "s4")}, key: {Pick("token", "token", "token", "other", "missing")}}}";

    private string TokenExchange(string secret) =>
        $"type: tokenExchange, tokenExchange: {{tokenUrl: '{Pick("https://idp.example.com/t", "https://idp.example.com/t", "https://idp.example.com/t", "http://idp.example.com/t", "nowhere")}', audience: a"
        + $"{(One(3) ? "" : $", clientId: me{(One(3) ? "" : $", clientSecretRef: {secret}")}")}{(One(2) ? $", scopes: [{Pick("b, a", "a, b", "b, a", "a, b", "a, a")}]" : "")}"
        + $"{(One(2) ? $", subjectTokenType: {Pick("jwt", "id_token", "''", "urn:ietf:params:oauth:token-type:access_token")}" : "")}"
        + $"{(One(6) ? ", subjectProviderName: okta" : "")}{(One(4) ? ", externalTokenHeaderName: X-T" : "")}}}";

    private string Xaa() =>
        $"type: xaa, xaa: {{idpTokenUrl: 'https://idp.example.com/t', targetTokenUrl: '{Pick("https", "http")}://as.example.com/t', insecureTargetTokenUrl: {Pick("true", "true", "false")}, "
        + $"targetAudience: 'https://as.example.com'{(One(2) ? ", targetResource: 'https://mcp.example.com'" : "")}"
        + $"{(One(2) ? "" : $", idpClientId: me, idpClientSecretRef: {SecretRef()}")}{(One(3) ? "" : $", targetClientId: you, targetClientSecretRef: {SecretRef()}")}{(One(8) ? ", subjectProviderName: okta" : "")}}}";

    private string AwsSts()
    {
        const string Role = "roleArn: 'arn:aws:iam::123456789012:role/x'";
        string mappings = $", roleMappings: [{{claim: dev, {Role}, priority: {_random.Next(3)}}}, {{matcher: '{Pick("claims[\"team\"] == \"red\"", "no expression (")}', {Role}}}]";
        return $"type: awsSts, awsSts: {{region: {Pick("eu-west-1", "eu-west-1", "us-gov-east-1", "Mars")}{(!One(3) ? ", fallbackRoleArn: 'arn:aws:iam::123456789012:role/all'" : "")}{(One(2) ? mappings : "")}"
            + $"{(One(2) ? $", sessionDuration: {_random.Next(880, 4000)}, service: execute-api, roleClaim: roles, sessionNameClaim: email" : "")}}}";
    }

    private void Member()
    {
        string name = Pick("alpha", "beta", "gamma", "delta", "a-b", "a.b");
        string annotations = One(3) ? ", annotations: {vmcp.team: red, other: x}" : "";
        string common = $"groupRef: {{name: {Pick("team", "team", "team", "other")}}}{(One(2) ? $", externalAuthConfigRef: {{name: {ConfigName()}}}" : "")}";
        string url = Pick("http://a.demo/mcp", "http://b.demo/mcp", "http://c.demo/mcp", "http://a.demo/sse#label", "", "no url", "http://u:p@a.demo/", " http://spaced.demo/mcp ");
        switch (_random.Next(3))
        {
            case 0:
                Add("MCPServer", name, $"image: i, transport: {Pick("stdio", "stdio", "sse", "streamable-http", "smoke")}, proxyMode: {Pick("sse", "streamable-http")}, {common}", $"url: '{url}'", annotations);
                break;
            case 1:
                Add("MCPRemoteProxy", name, $"remoteUrl: 'https://{(One(4) ? "u:p@" : "")}r.example.com/mcp', transport: {Pick("sse", "streamable-http")}, {common}", $"url: '{url}'", annotations);
                break;
            default:
                Add("MCPServerEntry", name, Entry(common), $"phase: {Pick("Valid", "Valid", "Valid", "Pending", "Failed")}", annotations);
                break;
        }
    }

    private string Entry(string common)
    {
        string headers = "";
        if (One(2))
        {
            headers = $", headerForward: {{addPlaintextHeaders: {{X-One: '{Pick("one", "$(HOME)", "a $$ b", "")}'"
                + $"{(One(6) ? ", Host: h" : One(6) ? ", X-Passed: p" : "")}}}, addHeadersFromSecret: [{{headerName: {Pick("X-Two", "X-Three", "X-One")}, "
                + $"valueSecretRef: {{name: {Pick("s1", "s2", "s3")}, key: {Pick("token", "missing")}}}}}]}}";
        }

        string bundle = One(3) ? $", caBundleRef: {{configMapRef: {{name: roots, key: {Pick("ca.crt", "missing")}}}}}" : "";
        string url = Pick("https://r.example.com/mcp", "https://q.example.com/mcp", "https://r.example.com/mcp#x", "http://10.0.0.1/mcp", "http://127.0.0.1/mcp", "https://u:p@r.example.com/");
        return $"remoteUrl: '{url}', transport: {Pick("sse", "streamable-http", "sse", "streamable-http", "smoke")}, allowPrivateEndpoint: {(One(2) ? "true" : "false")}, {common}{headers}{bundle}";
    }

    private void Add(string kind, string name, string spec, string status, string annotations = "")
    {
        string entry = $"{{kind: {kind}, metadata: {{name: {name}, namespace: demo{annotations}}}, spec: {{{spec}}}, status: {{{status}}}}}";
        if (!_yaml.ToString().Contains($"{{kind: {kind}, metadata: {{name: {name},", StringComparison.Ordinal))
            _yaml.Append("---\n").Append(entry).Append('\n');
    }

    private bool One(int of) => _random.Next(of) == 0;

    private string Pick(params string[] from) => from[_random.Next(from.Length)];
#pragma warning restore CA5394
}
