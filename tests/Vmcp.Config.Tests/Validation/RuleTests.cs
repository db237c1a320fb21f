namespace Vmcp.Config.Tests.Validation;

/// <summary>Every row: what is added to a file with the backends <c>github</c> and <c>jira</c>, and the one report it gets ("" for none).</summary>
public sealed class RuleTests
{
    private const string Two = "backends: [{name: github, url: 'http://g/mcp'}, {name: jira, url: 'http://j/mcp'}]\n";

    private static readonly Func<string, string?> Env = Samples.Env(("TOKEN", "Bearer x"), ("EMPTY", ""), ("BROKEN", "a\n"));

    [Theory]
    [InlineData("name: ''", "name: must not be empty; write a value or leave the key out")]
    [InlineData("groupRef: ''", "groupRef: must not be empty; write a value or leave the key out")]
    [InlineData("outgoingAuth: {source: discovered}", "outgoingAuth.source: discovered, but the file lists backends as well; write source: inline, or leave the backends out")]
    public void Names_and_source(string yaml, string report) => Only(Two + yaml, report);

    [Theory]
    [InlineData("{url: 'http://g/mcp'}", "backends[0].name: required: every backend has a name of its own")]
    [InlineData("{name: '', url: 'http://g/mcp'}", "backends[0].name: must not be empty")]
    [InlineData("{name: '-a', url: 'http://g/mcp'}", "backends[0].name: \"-a\" is not a backend name")]
    [InlineData("{name: a/b, url: 'http://g/mcp'}", "backends[0].name: \"a/b\" is not a backend name")]
    [InlineData("{name: a}", "backends[0].url: required: the backend's MCP endpoint")]
    [InlineData("{name: a, url: ''}", "backends[0].url: must not be empty")]
    [InlineData("{name: a, url: 'g:8080/mcp'}", "backends[0].url: \"g:8080/mcp\" is not an absolute URL; write for example http://127.0.0.1:8080/mcp")]
    [InlineData("{name: a, url: '/mcp'}", "backends[0].url:")]
    [InlineData("{name: a, url: 'file:///etc/passwd'}", "backends[0].url: the scheme file is not supported; use http or https")]
    [InlineData("{name: a, url: 'http:///mcp'}", "backends[0].url: \"http:///mcp\" is not an absolute URL")]
    [InlineData("{name: a, url: 'http://u:p@g/mcp'}", "backends[0].url: the URL must not carry a user or password; use header_injection")]
    [InlineData("{name: a, url: 'http://g/mcp#x'}", "backends[0].url: the URL must not carry a fragment")]
    [InlineData("{name: a, url: ' http://g/mcp'}", "backends[0].url: the URL holds white space")]
    [InlineData("{name: a, url: 'http://g/mcp', transport: stdio}", "backends[0].transport: \"stdio\" is not a transport; must be one of: streamable-http, streamable, sse")]
    [InlineData("{name: a, url: 'http://g/mcp', transport: streamable-htp}", "backends[0].transport: \"streamable-htp\" is not a transport; did you mean \"streamable-http\"?")]
    [InlineData("{name: a, url: 'http://g/mcp', transport: streamable}", "")]
    [InlineData("{name: a, url: 'https://g/mcp?tenant=1', type: ''}", "")]
    [InlineData("{name: a, url: 'http://g/mcp', type: remote}", "backends[0].type: \"remote\" is not a backend type; must be one of: entry")]
    [InlineData("{name: a, url: 'http://g/mcp', caBundlePath: /ca}", "backends[0].caBundlePath: only backends of type entry have one; write type: entry, or leave it out")]
    [InlineData("{name: a, url: 'http://g/mcp', type: entry, caBundlePath: ca}", "backends[0].caBundlePath: must be an absolute path")]
    [InlineData("{name: a, url: 'http://g/mcp', type: entry, caBundlePath: /a/../ca}", "backends[0].caBundlePath: must not contain \"..\"")]
    [InlineData("{name: a, url: 'http://g/mcp', type: entry, caBundlePath: \"/a\\0\"}", "backends[0].caBundlePath: must not contain a NUL character")]
    [InlineData("{name: a, url: 'http://g/mcp'}, {name: a, url: 'http://h/mcp'}", "backends[1].name: \"a\" is already the name of backends[0]")]
    [InlineData("{name: a, url: 'http://g/mcp', metadata: {group: x}}", "warning: backends[0].metadata.group: is replaced by the group of the gateway, \"default\"")]
    public void Backends(string backends, string report) => Only($"backends: [{backends}]", report);

    [Theory]
    [InlineData("incomingAuth: {}", "incomingAuth.type: required: one of anonymous, oidc, local")]
    [InlineData("incomingAuth: {type: anonymous, oidc: {issuer: 'https://i', audience: a}}", "incomingAuth.oidc: only type oidc uses it, so tokens would not be checked; write type: oidc, or leave it out")]
    [InlineData("incomingAuth: {type: oidc, oidc: {audience: a}}", "incomingAuth.oidc.issuer: required for oidc")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i'}}", "incomingAuth.oidc.audience: required for oidc")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'http://i', audience: a}}", "incomingAuth.oidc.issuer: must be https; or write insecureAllowHttp: true while developing")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'http://i', audience: a, insecureAllowHttp: true}}", "")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, caBundlePath: x}}", "incomingAuth.oidc.caBundlePath: must be an absolute path")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, clientId: c, clientSecretEnv: NOPE}}", "incomingAuth.oidc.clientSecretEnv: the environment variable NOPE is not set")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, jwksFile: /keys.json, requiredScopes: [mcp], requiredSubject: 'system:serviceaccount:ns:name'}}", "")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, jwksAuthTokenPath: /var/run/token}}", "")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, jwksFile: keys.json}}", "incomingAuth.oidc.jwksFile: must be an absolute path")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, jwksFile: /k, jwksUrl: 'https://i/k'}}", "incomingAuth.oidc.jwksFile: excludes incomingAuth.oidc.jwksUrl; keep the one the keys come from")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, jwksFile: /k, jwksAuthTokenPath: /t}}", "incomingAuth.oidc.jwksAuthTokenPath: has no use with incomingAuth.oidc.jwksFile, where no keys are fetched; leave it out")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, requiredScopes: [mcp, mcp]}}", "incomingAuth.oidc.requiredScopes[1]: \"mcp\" is already in the list")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, requiredScopes: ['a b']}}", "incomingAuth.oidc.requiredScopes[0]: a scope is one word of visible ASCII characters without \" and \\; write one scope per entry")]
    [InlineData("incomingAuth: {type: oidc, oidc: {issuer: 'https://i', audience: a, requiredSubject: ''}}", "incomingAuth.oidc.requiredSubject: must not be empty; write a value or leave the key out")]
    [InlineData("incomingAuth: {type: anonymous, authz: {type: cedar}}", "incomingAuth.authz.policies: required for cedar")]
    [InlineData("incomingAuth: {type: anonymous, authz: {policies: [p]}}", "incomingAuth.authz.type: required: one of none, cedar")]
    [InlineData("incomingAuth: {type: anonymous, authz: {type: none, policies: [p]}}", "incomingAuth.authz.policies: type none ignores policies, so everything would be allowed")]
    [InlineData("incomingAuth: {type: anonymous, authz: {type: cedar, policies: [p], entitiesJson: '{}'}}", "incomingAuth.authz.entitiesJson: must be a JSON array")]
    [InlineData("incomingAuth: {type: anonymous, authz: {type: cedar, policies: [p], groupEntityType: 'A::B'}}", "incomingAuth.authz.groupEntityType: \"A::B\" is not one plain identifier")]
    public void Incoming(string yaml, string report) => Only(Two + yaml, report);

    [Theory]
    [InlineData("{}", "type: required: one of unauthenticated, header_injection, token_exchange, upstream_inject, aws_sts, obo, xaa")]
    [InlineData("{type: unauthenticated}", "")]
    [InlineData("{type: unauthenticated, headerInjection: {headerName: A, headerValue: b}}", "headerInjection: the type is unauthenticated, which does not use it; write type: header_injection, or leave it out")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: TOKEN}}", "")]
    [InlineData("{type: header_injection, headerInjection: {headerName: Authorization, headerValue: 'Bearer x'}}", "")]
    [InlineData("{type: header_injection, headerInjection: {headerValue: x}}", "headerInjection.headerName: required for header_injection")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key}}", "headerInjection.headerValue: required for header_injection: exactly one of headerValue and headerValueEnv")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValue: a, headerValueEnv: TOKEN}}", "headerInjection.headerValueEnv: headerValue is given as well; keep exactly one of headerValue and headerValueEnv")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: NOPE}}", "headerInjection.headerValueEnv: the environment variable NOPE is not set")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: EMPTY}}", "headerInjection.headerValueEnv: the environment variable EMPTY is empty")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: BROKEN}}", "headerInjection.headerValueEnv: the environment variable BROKEN: a header value must not hold control characters")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: 'A=B'}}", "headerInjection.headerValueEnv: \"A=B\" is not the name of an environment variable")]
    [InlineData("{type: header_injection, headerInjection: {headerName: X-Key, headerValue: \"a\\r\\nX: y\"}}", "headerInjection.headerValue: a header value must not hold control characters")]
    [InlineData("{type: header_injection, headerInjection: {headerName: 'X Key', headerValue: a}}", "headerInjection.headerName: \"X Key\" is not an HTTP header name")]
    [InlineData("{type: header_injection, headerInjection: {headerName: host, headerValue: a}}", "headerInjection.headerName: the header host belongs to the gateway and the transport")]
    [InlineData("{type: header_injection, headerInjection: {headerName: mcp-session-id, headerValue: a}}", "headerInjection.headerName: the header mcp-session-id belongs to the gateway and the transport")]
    [InlineData("{type: token_exchange, tokenExchange: {tokenUrl: 'https://i/t'}}", "")]
    [InlineData("{type: token_exchange, tokenExchange: {tokenUrl: 'http://127.0.0.1/t'}}", "")]
    [InlineData("{type: token_exchange, tokenExchange: {tokenUrl: 'http://i/t'}}", "tokenExchange.tokenUrl: credentials go there, so it must be https")]
    [InlineData("{type: token_exchange, tokenExchange: {tokenUrl: 'https://i/t', clientSecretEnv: TOKEN}}", "tokenExchange.clientId: required: a client secret without a client id has no use")]
    [InlineData("{type: token_exchange, tokenExchange: {tokenUrl: 'https://i/t', subjectTokenType: saml}}", "tokenExchange.subjectTokenType: \"saml\" is not a token type")]
    [InlineData("{type: upstream_inject}", "upstreamInject.providerName: required for upstream_inject")]
    [InlineData("{type: aws_sts, awsSts: {fallbackRoleArn: 'arn:aws:iam::123456789012:role/x'}}", "awsSts.region: required for aws_sts")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1}}", "awsSts: needs fallbackRoleArn or at least one of roleMappings")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, fallbackRoleArn: role}}", "awsSts.fallbackRoleArn: \"role\" is not the ARN of a role")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, roleMappings: [{roleArn: 'arn:aws-cn:iam::123456789012:role/a/b'}]}}", "awsSts.roleMappings[0]: needs exactly one of claim and matcher")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, fallbackRoleArn: 'arn:aws:iam::123456789012:role/x', sessionDuration: 60}}", "awsSts.sessionDuration: must be between 900 and 43200, is 60")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1.example.org#, fallbackRoleArn: 'arn:aws:iam::123456789012:role/x'}}", "awsSts.region: \"eu-west-1.example.org#\" is not an AWS region; write for example eu-central-1")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, service: '', fallbackRoleArn: 'arn:aws:iam::123456789012:role/x'}}", "awsSts.service: \"\" is not the signing name of an AWS service")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, service: s3, fallbackRoleArn: 'arn:aws:iam::123456789012:role/x'}}", "awsSts.service: requests to S3 are signed in another way, which is not supported")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, roleMappings: [{matcher: \"'admins' in claims.groups\", roleArn: 'arn:aws:iam::123456789012:role/x'}]}}", "")]
    [InlineData("{type: aws_sts, awsSts: {region: eu-west-1, roleMappings: [{matcher: \"'admins' in groups\", roleArn: 'arn:aws:iam::123456789012:role/x'}]}}", "awsSts.roleMappings[0].matcher: character 13: the name groups is not known; write claims.groups or 'groups'")]
    [InlineData("{type: obo, obo: {tokenUrl: 'https://i/t', clientId: c}}", "obo.clientSecretEnv: required for obo: exactly one of clientSecret and clientSecretEnv")]
    [InlineData("{type: obo, obo: {tokenUrl: 'https://i/t', clientId: c, clientSecret: s, clientSecretEnv: TOKEN}}", "obo.clientSecretEnv: clientSecret is given as well")]
    [InlineData("{type: xaa, xaa: {idpTokenUrl: 'https://i/t', targetTokenUrl: 'https://t/t'}}", "xaa.targetAudience: required for xaa")]
    [InlineData("{type: xaa, xaa: {idpTokenUrl: 'https://i/t', targetTokenUrl: 'http://t/t', targetAudience: a, insecureTargetTokenUrl: true}}", "")]
    [InlineData("{type: xaa, xaa: {idpTokenUrl: 'https://i/t', targetTokenUrl: 'https://t/t', targetAudience: a, subjectTokenType: jwt}}", "xaa.subjectTokenType: must be urn:ietf:params:oauth:token-type:id_token")]
    [InlineData("{type: xaa, xaa: {idpTokenUrl: 'https://i/t', targetTokenUrl: 'https://t/t', targetAudience: a, idpClientId: c}}", "xaa.idpClientSecretEnv: required: idpClientId needs idpClientSecret or idpClientSecretEnv")]
    public void Strategies(string strategy, string report)
    {
        Only(Two + $"outgoingAuth: {{default: {strategy}}}", report.Length == 0 ? "" : $"outgoingAuth.default.{report}");
        Only(Two + $"outgoingAuth: {{backends: {{jira: {strategy}}}}}", report.Length == 0 ? "" : $"outgoingAuth.backends.jira.{report}");
    }

    [Fact]
    public void A_gateway_that_discovers_its_backends_reads_their_secrets_itself() => Only(
        "outgoingAuth: {source: discovered, default: {type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: NOPE}}}", "");

    [Theory]
    [Trait("Scenario", "VAL-03")]
    [InlineData("conflictResolution: random", "conflictResolution: \"random\" is not a strategy; must be one of: prefix, priority, manual")]
    [InlineData("conflictResolution: priority", "conflictResolutionConfig.priorityOrder: required for priority: backend names, best first")]
    [InlineData("tools: [{filter: [a]}]", "tools[0].workload: required: the backend these rules are for")]
    [InlineData("tools: [{workload: '', filter: [a]}]", "tools[0].workload: must not be empty")]
    [InlineData("tools: [{workload: jira, toolConfigRef: {name: ''}}]", "tools[0].toolConfigRef.name: must not be empty")]
    [InlineData("tools: [{workload: jira, toolConfigRef: {}}]", "tools[0].toolConfigRef.name: required")]
    [InlineData("tools: [{workload: jira}, {workload: jira}]", "tools[1].workload: \"jira\" already has rules in aggregation.tools[0]")]
    [InlineData("conflictResolution: manual", "tools: required for manual: the overrides that resolve the conflicts")]
    [InlineData("conflictResolution: prefix", "")]
    [InlineData("conflictResolutionConfig: {prefixFormat: ''}", "conflictResolutionConfig.prefixFormat: prefixFormat is required for prefix")]
    [InlineData("conflictResolutionConfig: {prefixFormat: 'x_'}", "conflictResolutionConfig.prefixFormat: has no {workload}, so equal names of two backends collide")]
    [InlineData("conflictResolutionConfig: {prefixFormat: '{backend}_'}", "conflictResolutionConfig.prefixFormat: \"{backend}_\": only {workload} is replaced")]
    [InlineData("conflictResolutionConfig: {prefixFormat: '{workload} '}", "conflictResolutionConfig.prefixFormat: \"{workload} \" makes names that clients refuse")]
    [InlineData("conflictResolutionConfig: {priorityOrder: [jira]}", "conflictResolutionConfig.priorityOrder: only conflictResolution: priority uses it")]
    [InlineData("defaultToolVisibility: hidden", "defaultToolVisibility: \"hidden\" is not a visibility; must be one of: allow, deny")]
    [InlineData("defaultToolVisibility: ''", "")]
    [InlineData("{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [jira, jira]}}", "conflictResolutionConfig.priorityOrder[1]: \"jira\" is already in the list")]
    [InlineData("{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [jria]}}", "conflictResolutionConfig.priorityOrder[0]: there is no backend \"jria\"; did you mean \"jira\"?")]
    [InlineData("{conflictResolution: priority, defaultToolVisibility: deny, conflictResolutionConfig: {priorityOrder: [jira]}}", "conflictResolutionConfig.priorityOrder[0]: \"jira\" has no entry in aggregation.tools, and defaultToolVisibility: deny hides it")]
    [InlineData("tools: [{workload: nobody}]", "tools[0].workload: there is no backend \"nobody\"; backends: github, jira")]
    [InlineData("tools: [{workload: jira, overrides: {a: {}}}]", "tools[0].overrides.a: changes nothing; write name, description or annotations")]
    [InlineData("tools: [{workload: jira, overrides: {a: {annotations: {}}}}]", "tools[0].overrides.a: changes nothing; write name, description or annotations")]
    [InlineData("tools: [{workload: jira, overrides: {a: {annotations: {readOnlyHint: false}}}}]", "")]
    [InlineData("tools: [{workload: jira, overrides: {a: {name: 'b c'}}}]", "tools[0].overrides.a.name: \"b c\" is not a tool name")]
    [InlineData("tools: [{workload: jira, overrides: {a: {name: x}, b: {name: x}}}]", "tools[0].overrides.b.name: \"a\" is renamed to \"x\" as well")]
    [InlineData("tools: [{workload: jira, excludeAll: true, filter: [a]}]", "tools[0].filter: has no effect while excludeAll is true")]
    public void Aggregation(string yaml, string report) =>
        Only(Two + $"aggregation: {(yaml.StartsWith('{') ? yaml : $"{{{yaml}}}")}", report.Length == 0 ? "" : $"aggregation.{report}");

    [Theory]
    [Trait("Scenario", "VAL-04")]
    [InlineData("healthCheckInterval: 10s, healthCheckTimeout: 10s", "healthCheckTimeout: healthCheckTimeout (10s) must be less than healthCheckInterval (10s)")]
    [InlineData("healthCheckTimeout: 40s", "healthCheckTimeout: healthCheckTimeout (40s) must be less than healthCheckInterval (30s, its default)")]
    [InlineData("circuitBreaker: {failureThreshold: 0}", "circuitBreaker.failureThreshold: must be >= 1, is 0")]
    [InlineData("circuitBreaker: {timeout: 500ms}", "circuitBreaker.timeout: must be >= 1s, is 500ms")]
    [InlineData("partialFailureMode: maybe", "partialFailureMode: \"maybe\" is not a mode; must be one of: fail, best_effort")]
    [InlineData("healthCheckInterval: 0s", "healthCheckInterval: must be greater than 0; leave it out for the default")]
    [InlineData("unhealthyThreshold: 0", "unhealthyThreshold: must be >= 1, is 0")]
    [InlineData("unhealthyThreshold: -1", "unhealthyThreshold: must be >= 1, is -1")]
    [InlineData("healthCheckTimeout: 0s", "healthCheckTimeout: must be greater than 0")]
    public void Failure_handling(string yaml, string report) =>
        Only(Two + $"operational: {{failureHandling: {{{yaml}}}}}", $"operational.failureHandling.{report}");

    [Theory]
    [InlineData("operational: {timeouts: {default: 0s}}", "operational.timeouts.default: must be greater than 0")]
    [InlineData("operational: {timeouts: {perWorkload: {jira: 0s}}}", "operational.timeouts.perWorkload.jira: must be greater than 0")]
    [InlineData("operational: {timeouts: {perWorkload: {gitub: 1s}}}", "warning: operational.timeouts.perWorkload.gitub: there is no backend \"gitub\"; did you mean \"github\"?")]
    [InlineData("operational: {logLevel: debgu}", "operational.logLevel: \"debgu\" is not a log level; did you mean \"debug\"?")]
    [InlineData("outgoingAuth: {backends: {githb: {type: unauthenticated}}}", "warning: outgoingAuth.backends.githb: there is no backend \"githb\"; did you mean \"github\"?")]
    public void Timeouts_and_names(string yaml, string report) => Only(Two + yaml, report);

    [Theory]
    [InlineData("X-Tenant-Id, X-Other", "")]
    [InlineData("''", "[0]: a header name must not be empty")]
    [InlineData("X Tenant", "[0]: \"X Tenant\" is not an HTTP header name")]
    [InlineData("authorization", "[0]: the header authorization carries the client's own credentials and is never passed on")]
    [InlineData("Cookie", "[0]: the header Cookie carries the client's own credentials and is never passed on")]
    [InlineData("X-A, x-a", "[1]: x-a is already in the list")]
    [InlineData("HTTP2-Settings", "[0]: the header HTTP2-Settings belongs to the gateway and the transport")]
    [InlineData("X-Forwarded-For", "[0]: the header X-Forwarded-For belongs to the gateway and the transport")]
    [InlineData("Mcp-Param-Org", "[0]: the header Mcp-Param-Org belongs to the gateway and the transport")]
    [InlineData("traceparent", "[0]: the header traceparent belongs to the gateway and the transport")]
    [InlineData("X-Amz-Date", "[0]: the header X-Amz-Date belongs to the gateway and the transport")]
    [InlineData("Content-Type", "[0]: the header Content-Type belongs to the gateway and the transport")]
    public void Passthrough_headers(string names, string report) =>
        Only(Two + $"passthroughHeaders: [{names}]", report.Length == 0 ? "" : $"passthroughHeaders{report}");

    [Theory]
    [InlineData("optimizer: {}", "")]
    [InlineData("optimizer: {embeddingProvider: openai, embeddingModel: m}", "optimizer.embeddingService: required for openai")]
    [InlineData("optimizer: {embeddingProvider: openai, embeddingService: 'http://e'}", "optimizer.embeddingModel: required for openai")]
    [InlineData("optimizer: {embeddingService: e}", "optimizer.embeddingService: \"e\" is not an absolute URL")]
    [InlineData("optimizer: {maxToolsToReturn: 51}", "optimizer.maxToolsToReturn: must be between 0 and 50, is 51")]
    [InlineData("optimizer: {hybridSearchSemanticRatio: '1.5'}", "optimizer.hybridSearchSemanticRatio: must be between 0 and 1, is 1.5")]
    [InlineData("optimizer: {semanticDistanceThreshold: '2.5'}", "optimizer.semanticDistanceThreshold: must be between 0 and 2, is 2.5")]
    [InlineData("optimizer: {embeddingHeaders: {X-A: b}}", "optimizer.embeddingHeaders: only provider openai uses them")]
    [InlineData("optimizer: {embeddingProvider: openai, embeddingModel: m, embeddingService: 'http://e', embeddingHeaders: {Authorization: b}}", "optimizer.embeddingHeaders.Authorization: the key comes from OPENAI_API_KEY")]
    [InlineData("codeMode: {stepLimit: 5}", "warning: codeMode: stays off without enabled: true")]
    [InlineData("codeMode: {enabled: true, stepLimit: -5}", "codeMode.stepLimit: must be >= 0, is -5")]
    [InlineData("sessionStorage: {}", "sessionStorage.provider: required: one of memory, redis")]
    [InlineData("sessionStorage: {provider: postgres}", "sessionStorage.provider: \"postgres\" is not a provider; must be one of: memory, redis")]
    [InlineData("sessionStorage: {provider: redis}", "sessionStorage.address: required for redis: host:port")]
    [InlineData("sessionStorage: {provider: redis, address: redis}", "sessionStorage.address: \"redis\" is not host:port")]
    [InlineData("sessionStorage: {provider: redis, address: 'redis:99999'}", "sessionStorage.address: \"redis:99999\" is not host:port")]
    [InlineData("sessionStorage: {provider: redis, address: '[::1]:6379', db: -1}", "sessionStorage.db: must be >= 0, is -1")]
    [InlineData("sessionStorage: {provider: redis, address: 'r:1', keyPrefix: thv}", "sessionStorage.keyPrefix: \"thv\" must end in \":\"")]
    [InlineData("sessionStorage: {provider: memory, address: 'r:1'}", "warning: sessionStorage: provider memory uses no address, db or keyPrefix")]
    [InlineData("rateLimiting: {shared: {maxTokens: 1, refillPeriod: 1s}}", "rateLimiting: needs sessionStorage.provider: redis")]
    [InlineData("telemetry: {endpoint: 'otel:4317'}", "telemetry.endpoint: nothing is sent there; write tracingEnabled: true or metricsEnabled: true")]
    [InlineData("telemetry: {tracingEnabled: true}", "warning: telemetry.endpoint: without it tracingEnabled and metricsEnabled send nothing")]
    [InlineData("telemetry: {serviceName: x}", "warning: telemetry: switches nothing on")]
    [InlineData("telemetry: {tracingEnabled: true, endpoint: otel}", "telemetry.endpoint: \"otel\" is not host:port")]
    [InlineData("telemetry: {tracingEnabled: true, endpoint: 'http://otel:4318/base', samplingRate: 1}", "")]
    [InlineData("telemetry: {tracingEnabled: true, endpoint: 'otel:1', samplingRate: 1.5}", "telemetry.samplingRate: must be between 0 and 1, is 1.5")]
    [InlineData("telemetry: {enablePrometheusMetricsPath: true, prometheusPort: 70000}", "telemetry.prometheusPort: must be between 0 and 65535, is 70000")]
    [InlineData("audit: {component: x}", "warning: audit: stays off without enabled: true")]
    [InlineData("audit: {enabled: true, eventTypes: [mcp_tool_cal]}", "audit.eventTypes[0]: \"mcp_tool_cal\" is not an event type; did you mean \"mcp_tool_call\"?")]
    [InlineData("audit: {enabled: true, eventTypes: [sse_connection]}", "")]
    [InlineData("audit: {enabled: true, maxDelegationDepth: 0}", "audit.maxDelegationDepth: must be >= 1, is 0")]
    [InlineData("compositeToolRefs: [{}]", "compositeToolRefs[0].name: required: the resource's name")]
    public void Features(string yaml, string report) => Only(Two + yaml, report);

    [Theory]
    [InlineData("{}", "rateLimiting: needs at least one of shared, perUser, tools")]
    [InlineData("{shared: {maxTokens: 0, refillPeriod: 1s}}", "rateLimiting.shared.maxTokens: must be >= 1, is 0")]
    [InlineData("{shared: {maxTokens: 1}}", "rateLimiting.shared.refillPeriod: required: the time in which maxTokens come back")]
    [InlineData("{shared: {maxTokens: 1, refillPeriod: 0s}}", "rateLimiting.shared.refillPeriod: must be greater than 0")]
    [InlineData("{perUser: {maxTokens: 1, refillPeriod: 1s}}", "rateLimiting.perUser: needs users, and incomingAuth.type is anonymous")]
    [InlineData("{tools: [{name: a}]}", "rateLimiting.tools[0]: needs shared or perUser")]
    [InlineData("{tools: [{shared: {maxTokens: 1, refillPeriod: 1s}}]}", "rateLimiting.tools[0].name: required: the tool")]
    [InlineData("{tools: [{name: a, shared: {maxTokens: 1, refillPeriod: 1s}}, {name: a, shared: {maxTokens: 1, refillPeriod: 1s}}]}", "rateLimiting.tools[1].name: \"a\" is already limited in rateLimiting.tools[0]")]
    public void Rate_limits(string yaml, string report) =>
        Only(Two + $"sessionStorage: {{provider: redis, address: 'r:1'}}\nrateLimiting: {yaml}", report);

    private static void Only(string yaml, string report)
    {
        string[] found = Samples.Report(yaml, Env);
        if (report.Length == 0)
            found.ShouldBeEmpty();
        else
            found.ShouldHaveSingleItem().ShouldContain(report);
    }
}
