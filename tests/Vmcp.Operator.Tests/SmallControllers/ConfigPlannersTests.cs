using Vmcp.Operator.Planning;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.SmallControllers;

public sealed class ConfigPlannersTests
{
    private static readonly Dictionary<string, Func<string, string, bool, ConfigFacts, SmallPlan>> Kinds = new()
    {
        ["tool"] = (spec, status, deleting, facts) => ToolConfigPlanner.Plan(Given.Object(ResourcesJson.Default.MCPToolConfig, spec, status, deleting), facts),
        ["telemetry"] = (spec, status, deleting, facts) => TelemetryConfigPlanner.Plan(Given.Object(ResourcesJson.Default.MCPTelemetryConfig, spec, status, deleting), facts),
        ["oidc"] = (spec, status, deleting, facts) => OidcConfigPlanner.Plan(Given.Object(ResourcesJson.Default.MCPOIDCConfig, spec, status, deleting), facts),
        ["authz"] = (spec, status, deleting, facts) => AuthzConfigPlanner.Plan(Given.Object(ResourcesJson.Default.MCPAuthzConfig, spec, status, deleting), facts),
        ["auth"] = (spec, status, deleting, facts) => ExternalAuthPlanner.Plan(Given.Object(ResourcesJson.Default.MCPExternalAuthConfig, spec, status, deleting), facts),
    };

    public static TheoryData<string, string, string> Accepted => new()
    {
        { "tool", "toolsFilter: [a, b]\ntoolsOverride: {a: {name: x}, b: {annotations: {readOnlyHint: true}}}", "ValidationSucceeded" },
        { "tool", "{}", "ValidationSucceeded" },
        { "telemetry", "openTelemetry: {enabled: true, endpoint: 'https://otel:4318', tracing: {enabled: true}}", "ValidationSucceeded" },
        { "telemetry", "prometheus: {enabled: true}", "ValidationSucceeded" },
        { "telemetry", "openTelemetry: {endpoint: 'x:4318', metrics: {enabled: true}, caBundleRef: {configMapRef: {name: ca, key: ca.crt}}}", "ValidationSucceeded" },
        { "oidc", "type: kubernetesServiceAccount\nkubernetesServiceAccount: {}", "ConfigValid" },
        { "oidc", "type: inline\ninline: {issuer: 'https://idp.example.com', clientSecretRef: {name: s, key: k}}", "ConfigValid" },
        { "oidc", "type: inline\ninline: {issuer: 'http://idp.example.com', insecureAllowHTTP: true}", "ConfigValid" },
        { "oidc", "type: inline\ninline: {issuer: 'http://localhost:8080'}", "ConfigValid" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource);'], entities_json: '[]'}", "ConfigValid" },
        { "authz", "type: cedarv1\nconfig: {policies: [\"// who\\n@id(\\\"a;b\\\")\\nforbid (principal, action == Action::\\\"call{_tool\\\", resource) when { context.x == \\\"}\\\" };\"]}", "ConfigValid" },
        { "authz", "type: httpv1\nconfig: {http: {url: 'http://pdp:9000', timeout: 5}, context: {include_args: true}, claim_mapping: standard}", "ConfigValid" },
        { "auth", "type: unauthenticated", "ValidationSucceeded" },
        { "auth", "type: headerInjection\nheaderInjection: {headerName: X-Api-Key, valueSecretRef: {name: s, key: k}}", "ValidationSucceeded" },
        { "auth", "type: bearerToken\nbearerToken: {tokenSecretRef: {name: s, key: k}}", "ValidationSucceeded" },
        { "auth", "type: tokenExchange\ntokenExchange: {tokenUrl: 'https://idp/token', audience: a}", "ValidationSucceeded" },
        { "auth", "type: upstreamInject\nupstreamInject: {providerName: github}", "ValidationSucceeded" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, fallbackRoleArn: 'arn:aws:iam::123456789012:role/r'}", "ValidationSucceeded" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, roleMappings: [{claim: admins, roleArn: 'arn:aws:iam::123456789012:role/r'}]}", "ValidationSucceeded" },
        { "auth", "type: xaa\nxaa: {idpTokenUrl: 'https://idp/token', targetTokenUrl: 'https://as/token', targetAudience: a}", "ValidationSucceeded" },
        { "auth", AuthServer("type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c}"), "ValidationSucceeded" },
        { "auth", AuthServer("type: oauth2, oauth2Config: {authorizationEndpoint: 'https://a', tokenEndpoint: 'https://t', clientId: c}"), "ValidationSucceeded" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Good_configurations_are_valid(string kind, string spec, string reason)
    {
        SmallPlan plan = Kinds[kind](spec, "", false, ConfigFacts.Unused);

        PlannedCondition valid = plan.Condition("Valid").ShouldNotBeNull();
        valid.Message.ShouldBe("The configuration is valid");
        (valid.Status, valid.Reason).ShouldBe(("True", reason));
        plan.StatusFields["observedGeneration"]!.GetValue<long>().ShouldBe(7);
        plan.Events.ShouldBeEmpty();
    }

    [Fact]
    public void However_much_is_wrong_the_API_server_takes_the_message()
    {
        string overrides = string.Join(", ", Enumerable.Range(0, 400).Select(i => $"{new string('t', 200)}{i}: {{}}"));

        SmallPlan plan = Kinds["tool"]($"toolsOverride: {{{overrides}}}", "", false, ConfigFacts.Unused);

        // A condition's message has at most 32768 characters (meta/v1 Condition).
        plan.Condition("Valid")!.Message.Length.ShouldBeLessThanOrEqualTo(32768);
        plan.Condition("Valid")!.Message.ShouldEndWith("; and 380 more");
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "tool", "toolsFilter: [a, '']", "spec.toolsFilter[1]: must not be empty" },
        { "tool", "toolsOverride: {a: {}}", "spec.toolsOverride.a: changes nothing" },
        { "tool", "toolsOverride: {a: {name: x}, b: {name: x}}", "spec.toolsOverride.b.name: \"x\" is also the new name of \"a\"" },

        // V-41
        { "telemetry", "openTelemetry: {enabled: true, endpoint: 'https://otel:4318'}", "spec.openTelemetry.endpoint: nothing is sent there; enable tracing or metrics" },
        { "telemetry", "openTelemetry: {endpoint: x, tracing: {enabled: false}, metrics: {enabled: false}}", "spec.openTelemetry.endpoint: nothing is sent there" },

        // V-42
        { "telemetry", "openTelemetry: {sensitiveHeaders: [{name: '', secretKeyRef: {name: s, key: k}}]}", "spec.openTelemetry.sensitiveHeaders[0].name: required" },
        { "telemetry", "openTelemetry: {sensitiveHeaders: [{name: X-A, secretKeyRef: {name: '', key: k}}]}", "sensitiveHeaders[0].secretKeyRef.name: required" },
        { "telemetry", "openTelemetry: {sensitiveHeaders: [{name: X-A, secretKeyRef: {name: s, key: ''}}]}", "sensitiveHeaders[0].secretKeyRef.key: required" },
        { "telemetry", "openTelemetry: {sensitiveHeaders: [{name: X-A}]}", "sensitiveHeaders[0].secretKeyRef.name: required" },
        { "telemetry", "openTelemetry: {headers: {X-A: v}, sensitiveHeaders: [{name: X-A, secretKeyRef: {name: s, key: k}}]}", "\"X-A\" is in spec.openTelemetry.headers too" },
        { "telemetry", "openTelemetry: {headers: {'a b': v}}", "spec.openTelemetry.headers.a b: " },

        // V-43
        { "telemetry", "openTelemetry: {insecure: true, caBundleRef: {configMapRef: {name: ca, key: k}}}", "spec.openTelemetry.caBundleRef: has no use with insecure: true" },
        { "telemetry", "openTelemetry: {caBundleRef: {}}", "caBundleRef.configMapRef.name: required" },
        { "telemetry", "openTelemetry: {caBundleRef: {configMapRef: {key: k}}}", "caBundleRef.configMapRef.name: required" },
        { "telemetry", $"openTelemetry: {{caBundleRef: {{configMapRef: {{name: {new string('a', 49)}, key: k}}}}}}", "has 49 characters, at most 48 are possible" },

        { "oidc", "inline: {issuer: 'https://x'}", "spec.type: required" },
        { "oidc", "type: other", "spec.type: \"other\" is not known" },
        { "oidc", "type: inline", "spec.inline: required by type: inline" },
        { "oidc", "type: inline\ninline: {issuer: 'https://x'}\nkubernetesServiceAccount: {}", "spec.kubernetesServiceAccount: only type: kubernetesServiceAccount has it" },
        { "oidc", "type: inline\ninline: {clientId: c}", "spec.inline.issuer: required" },
        { "oidc", "type: inline\ninline: {issuer: idp}", "spec.inline.issuer: not an absolute URL" },
        { "oidc", "type: inline\ninline: {issuer: 'http://idp.example.com'}", "spec.inline.issuer: plain http to idp.example.com; use https, or set spec.inline.insecureAllowHTTP: true" },
        { "oidc", "type: inline\ninline: {issuer: 'https://u:hunter2@idp'}", "spec.inline.issuer: the URL must not carry a user or password" },
        { "oidc", "type: inline\ninline: {issuer: 'https://x', clientSecretRef: {name: s, key: ''}}", "spec.inline.clientSecretRef: name and key of a Secret are required" },
        { "oidc", "type: kubernetesServiceAccount\nkubernetesServiceAccount: {namespace: prod}", "spec.kubernetesServiceAccount.namespace: says nothing without serviceAccount" },
        { "oidc", "type: inline\ninline: {issuer: 'https://x', caBundleRef: {}}", "spec.inline.caBundleRef.configMapRef.name: required" },

        // V-45
        { "authz", "config: {policies: ['permit(principal, action, resource);']}", "spec.type: required: cedarv1 or httpv1" },
        { "authz", "type: opa\nconfig: {x: 1}", "spec.type: there is no authorizer \"opa\"" },
        { "authz", "type: cedarv1", "spec.config: required" },
        { "authz", "type: cedarv1\nconfig: {}", "spec.config: must not be empty" },
        { "authz", "type: cedarv1\nconfig: [1]", "spec.config: must be a map" },
        { "authz", "type: cedarv1\nconfig: {entities_json: '[]'}", "spec.config.policies: required" },
        { "authz", "type: cedarv1\nconfig: {policies: []}", "spec.config.policies: required" },
        { "authz", "type: cedarv1\nconfig: {policies: [1]}", "spec.config.policies[0]: must be the text of a Cedar policy" },
        { "authz", "type: cedarv1\nconfig: {policies: ['allow(principal, action, resource);']}", "spec.config.policies[0]: a Cedar policy begins with permit or forbid" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource)']}", "spec.config.policies[0]: a Cedar policy ends with a semicolon" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource;']}", "spec.config.policies[0]: a ( is never closed" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource) when { x ) };']}", "spec.config.policies[0]: a ) closes nothing" },
        { "authz", "type: cedarv1\nconfig: {policy: ['permit(principal, action, resource);']}", "spec.config.policy: unknown key; known are policies" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource);'], entities_json: '{'}", "spec.config.entities_json: not JSON" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource);'], entities_json: '{}'}", "spec.config.entities_json: must hold a JSON list" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource);'], group_entity_type: 'a b'}", "is not the name of a Cedar entity type" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource);'], group_claim_name: 1}", "spec.config.group_claim_name: must be a text" },
        { "authz", "type: cedarv1\nconfig: {policies: ['permit(principal, action, resource);'], multi_valued_claims: x}", "spec.config.multi_valued_claims: must be a list of texts" },
        { "authz", "type: httpv1\nconfig: {context: {}}", "spec.config.http: required" },
        { "authz", "type: httpv1\nconfig: {http: {}}", "spec.config.http.url: required" },
        { "authz", "type: httpv1\nconfig: {http: {url: 'ftp://x'}}", "spec.config.http.url: the scheme ftp is not supported" },
        { "authz", "type: httpv1\nconfig: {http: {url: 'http://x', timeout: soon}}", "spec.config.http.timeout: must be a number of seconds" },
        { "authz", "type: httpv1\nconfig: {http: {url: 'http://x', insecure_skip_verify: 'no'}}", "spec.config.http.insecure_skip_verify: must be true or false" },
        { "authz", "type: httpv1\nconfig: {http: {url: 'http://x'}, context: {include_args: 1}}", "spec.config.context.include_args: must be true or false" },

        // V-37
        { "auth", "bearerToken: {tokenSecretRef: {name: s, key: k}}", "spec.type: required" },
        { "auth", "type: basic", "spec.type: \"basic\" is not known" },
        { "auth", "type: bearerToken", "spec.bearerToken: required by type: bearerToken" },
        { "auth", "type: unauthenticated\nbearerToken: {tokenSecretRef: {name: s, key: k}}", "spec.bearerToken: only type: bearerToken has it" },
        { "auth", "type: obo", "spec.obo: required by type: obo" },
        { "auth", "type: bearerToken\nbearerToken: {}", "spec.bearerToken.tokenSecretRef: required" },
        { "auth", "type: headerInjection\nheaderInjection: {headerName: 'X Y', valueSecretRef: {name: s, key: k}}", "spec.headerInjection.headerName: " },
        { "auth", "type: headerInjection\nheaderInjection: {headerName: X, valueSecretRef: {name: s, key: ''}}", "spec.headerInjection.valueSecretRef: name and key of a Secret are required" },
        { "auth", "type: tokenExchange\ntokenExchange: {audience: a}", "spec.tokenExchange.tokenUrl: required" },
        { "auth", "type: tokenExchange\ntokenExchange: {tokenUrl: 'https://x'}", "spec.tokenExchange.audience: required" },
        { "auth", "type: upstreamInject\nupstreamInject: {providerName: ''}", "spec.upstreamInject.providerName: required" },
        { "auth", "type: xaa\nxaa: {idpTokenUrl: 'http://idp.example.com/t', targetTokenUrl: 'https://as', targetAudience: a}", "spec.xaa.idpTokenUrl: plain http to idp.example.com" },
        { "auth", "type: xaa\nxaa: {idpTokenUrl: 'https://idp', targetTokenUrl: 'http://as.example.com', targetAudience: a}", "set spec.xaa.insecureTargetTokenUrl: true" },
        { "auth", "type: xaa\nxaa: {idpTokenUrl: 'https://idp', targetTokenUrl: 'https://as'}", "spec.xaa.targetAudience: required" },

        // V-38
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1}", "spec.awsSts: fallbackRoleArn or roleMappings is required" },
        { "auth", "type: awsSts\nawsSts: {region: '', fallbackRoleArn: r}", "spec.awsSts.region: required" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, fallbackRoleArn: r, sessionDuration: 899}", "spec.awsSts.sessionDuration: must be between 900 and 43200 seconds, is 899" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, fallbackRoleArn: r, sessionDuration: 43201}", "is 43201" },

        // V-39
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, roleMappings: [{claim: a}]}", "spec.awsSts.roleMappings[0].roleArn: required" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, roleMappings: [{roleArn: r}]}", "spec.awsSts.roleMappings[0]: exactly one of claim and matcher" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, roleMappings: [{roleArn: r, claim: a, matcher: b}]}", "spec.awsSts.roleMappings[0]: exactly one of claim and matcher" },
        { "auth", "type: awsSts\nawsSts: {region: eu-west-1, roleMappings: [{roleArn: r, matcher: \"'a' in groups\"}]}", "spec.awsSts.roleMappings[0].matcher: character 8: the name groups is not known; write claims.groups" },

        // V-37, the embedded authorization server
        { "auth", "type: embeddedAuthServer\nembeddedAuthServer: {issuer: 'https://as'}", "spec.embeddedAuthServer.upstreamProviders: required" },
        { "auth", AuthServer("type: oidc"), "spec.embeddedAuthServer.upstreamProviders[0].oidcConfig: required by type: oidc" },
        { "auth", AuthServer("type: saml"), "upstreamProviders[0].type: \"saml\" is not known" },
        { "auth", AuthServer("type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c}, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientId: c}"), "oauth2Config: only type: oauth2 has it" },
        { "auth", AuthServer("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t}"), "exactly one of clientId and dcrConfig" },
        { "auth", AuthServer("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientId: c, dcrConfig: {discoveryUrl: 'https://d'}}"), "exactly one of clientId and dcrConfig" },
        { "auth", AuthServer("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientId: '', dcrConfig: {}}"), "exactly one of discoveryUrl and registrationEndpoint" },
        { "auth", AuthServer("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientSecretRef: {name: s, key: k}, dcrConfig: {discoveryUrl: 'https://d'}}"), "has no secret yet" },
        { "auth", AuthServer("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientId: c, identityFromToken: {subjectPath: ''}}"), "identityFromToken.subjectPath: required" },
        { "auth", AuthServer($"type: oauth2, oauth2Config: {{authorizationEndpoint: a, tokenEndpoint: t, clientId: c, identityFromToken: {{subjectPath: x, namePath: {new string('n', 257)}}}}}"), "namePath: has 257 characters, at most 256" },
        { "auth", AuthServer("type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c, additionalAuthorizationParams: {state: x}}"), "additionalAuthorizationParams.state: reserved parameter" },
        { "auth", AuthServer("type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c}}, {name: idp, type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c}"), "upstreamProviders[1].name: \"idp\" is there twice" },
        { "auth", AuthServer(Oidc, "forceConfidentialRedirectUris: ['http://x'], allowConfidentialClientRegistration: true"), "forceConfidentialRedirectUris[0]: must be an https URL" },
        { "auth", AuthServer(Oidc, "forceConfidentialRedirectUris: ['https://127.0.0.1/cb'], allowConfidentialClientRegistration: true"), "forceConfidentialRedirectUris[0]: a loopback address" },
        { "auth", AuthServer(Oidc, "forceConfidentialRedirectUris: ['https://x/cb']"), "needs spec.embeddedAuthServer.allowConfidentialClientRegistration: true" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', allowedDelegateClients: [a]}]"), "trustedIssuers[0].expectedAudience: required" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', expectedAudience: a, allowedDelegateClients: ['*', b]}]"), "\"*\" means any client" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', expectedAudience: a, allowMayAct: true, allowedDelegateClients: ['*']}]"), "trustedIssuers[0].allowMayAct: not together" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', expectedAudience: a}]"), "trustedIssuers[0].allowedDelegateClients: required" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', expectedAudience: a, actorClaim: sub, allowedDelegateClients: [b]}]"), "trustedIssuers[0].actorClaim: \"sub\" does not name a client" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', expectedAudience: a, allowPrivateIPs: true, allowedDelegateClients: [b]}]"), "trustedIssuers[0].jwksUrl: required by allowPrivateIPs" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', jwtBearerGrant: {maxAssertionAge: 0s, subjectBindings: [{subject: a, allowedResources: ['https://r']}, {subject: a, allowedResources: ['https://r']}]}}]"), "maxAssertionAge: must be a duration above 0" },
        { "auth", AuthServer(Oidc, "trustedIssuers: [{issuerUrl: 'https://i', jwtBearerGrant: {maxAssertionAge: 1m, subjectBindings: [{subject: a, allowedResources: ['https://r']}, {subject: a, allowedResources: ['https://r']}]}}]"), "subjectBindings[1].subject: \"a\" is there twice" },

        // V-28 to V-30
        { "auth", "type: embeddedAuthServer\nembeddedAuthServer: {upstreamProviders: [{name: idp, " + Oidc + "}]}", "spec.embeddedAuthServer.issuer: required" },
        { "auth", "type: embeddedAuthServer\nembeddedAuthServer: {issuer: 'http://as.example.com', upstreamProviders: [{name: idp, " + Oidc + "}]}", "plain http to as.example.com" },
        { "auth", AuthServer(Oidc, "allowConfidentialClientRegistration: true, insecureAllowHTTP: true"), "client secrets would go in clear" },
        { "auth", "type: embeddedAuthServer\nembeddedAuthServer: {issuer: 'http://localhost:1', allowConfidentialClientRegistration: true, upstreamProviders: [{name: idp, " + Oidc + "}]}", "client secrets need https" },
        { "auth", AuthServer(Oidc, "delegateClients: [{clientId: c, clientSecretRef: {name: '', key: k}, scopes: [s], audiences: [a]}]"), "delegateClients[0].clientSecretRef: name and key" },
    };

    private const string Oidc = "type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c}";

    [Theory]
    [MemberData(nameof(Refused))]
    public void Bad_configurations_are_refused_with_field_and_remedy(string kind, string spec, string said)
    {
        SmallPlan plan = Kinds[kind](spec, "", false, ConfigFacts.Unused);

        PlannedCondition valid = plan.Condition("Valid").ShouldNotBeNull();
        valid.Status.ShouldBe("False", valid.Message);
        valid.Reason.ShouldBe(kind is "oidc" or "authz" ? "ConfigInvalid" : "ValidationFailed");
        valid.Message.ShouldContain(said);
        valid.Message.ShouldNotContain("hunter2");
        if (kind is "tool" or "telemetry")
            plan.Events.ShouldBeEmpty();
        else
            plan.Events.ShouldHaveSingleItem().ShouldBe(new PlannedEvent(true, "ConfigInvalid", "Validate", valid.Message));
    }

    [Fact]
    public void Obo_is_refused_with_what_to_do_instead()
    {
        PlannedCondition valid = Kinds["auth"]("type: obo\nobo: {tenantId: x}", "", false, ConfigFacts.Unused).Condition("Valid")!;

        (valid.Status, valid.Reason).ShouldBe(("False", "EnterpriseRequired"));
        valid.Message.ShouldContain("use type: tokenExchange");
    }

    [Theory]
    [InlineData("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientId: c}", "True", "OAuth2UpstreamWithoutUserInfo")]
    [InlineData("type: oauth2, oauth2Config: {authorizationEndpoint: a, tokenEndpoint: t, clientId: c, userInfo: {endpointUrl: 'https://u'}}", "False", "AllUpstreamsHaveUserInfo")]
    [InlineData("type: oidc, oidcConfig: {issuerUrl: 'https://idp', clientId: c}", "False", "AllUpstreamsHaveUserInfo")]
    public void Made_up_identities_are_told(string provider, string status, string reason)
    {
        PlannedCondition identity = Kinds["auth"](AuthServer(provider), "", false, ConfigFacts.Unused).Condition("IdentitySynthesized").ShouldNotBeNull();

        (identity.Status, identity.Reason).ShouldBe((status, reason));
    }

    [Fact]
    public void The_hash_follows_the_meaning_of_the_spec_and_nothing_else()
    {
        string first = Hash("type: headerInjection\nheaderInjection: {headerName: X-A, valueSecretRef: {name: s, key: k}}");

        Hash("headerInjection: {valueSecretRef: {key: k, name: s}, headerName: \"X-A\"}\ntype: headerInjection").ShouldBe(first);
        Hash("type: headerInjection\nheaderInjection: {headerName: X-B, valueSecretRef: {name: s, key: k}}").ShouldNotBe(first);
        first.Length.ShouldBe(64);

        static string Hash(string spec) => Kinds["auth"](spec, "", false, ConfigFacts.Unused).StatusFields["configHash"]!.GetValue<string>();
    }

    [Theory]
    [InlineData("tool", "toolhive.stacklok.dev/toolconfig-finalizer")]
    [InlineData("telemetry", "mcptelemetryconfig.toolhive.stacklok.dev/finalizer")]
    [InlineData("oidc", "mcpoidcconfig.toolhive.stacklok.dev/finalizer")]
    [InlineData("authz", "mcpauthzconfig.toolhive.stacklok.dev/finalizer")]
    [InlineData("auth", "mcpexternalauthconfig.toolhive.stacklok.dev/finalizer")]
    public void A_deletion_waits_while_the_object_is_used(string kind, string finalizer)
    {
        ConfigFacts used = new() { Referrers = [new("VirtualMCPServer", "eng"), new("MCPServerEntry", "docs"), new("VirtualMCPServer", "eng")] };

        SmallPlan alive = Kinds[kind]("type: x", "", false, used);
        alive.Finalizers.ShouldBe([finalizer]);
        alive.DeletionBlockedBy.ShouldBeEmpty();
        alive.Condition("DeletionBlocked").ShouldBeNull();

        SmallPlan held = Kinds[kind]("type: x", "", true, used);
        held.Finalizers.ShouldBe([finalizer]);
        held.DeletionBlockedBy.ShouldBe([new("MCPServerEntry", "docs"), new("VirtualMCPServer", "eng")]);
        held.RecheckAfter.ShouldBe(TimeSpan.FromSeconds(30));
        PlannedCondition blocked = held.Condition("DeletionBlocked").ShouldNotBeNull();
        (blocked.Status, blocked.Reason).ShouldBe(("True", "ReferencedByWorkloads"));
        blocked.Message.ShouldContain("MCPServerEntry/docs, VirtualMCPServer/eng");
        held.Events.Any(e => e is { Warning: true, Reason: "DeletionBlocked", Action: "Delete" }).ShouldBe(kind is not ("tool" or "telemetry"));

        SmallPlan free = Kinds[kind]("type: x", "", true, ConfigFacts.Unused);
        free.Finalizers.ShouldBeEmpty();
        free.DroppedFinalizers.ShouldBe([finalizer]);
        free.RecheckAfter.ShouldBeNull();
    }

    [Fact]
    public void Many_users_are_named_in_part()
    {
        ConfigFacts used = new() { Referrers = [.. Enumerable.Range(10, 30).Select(i => new Referrer("MCPServer", $"s{i}"))] };

        Kinds["tool"]("{}", "", true, used).Condition("DeletionBlocked")!.Message.ShouldContain("MCPServer/s19 and 20 more;");
    }

    [Fact]
    public void Events_are_told_on_a_change_only()
    {
        const string Bad = "type: bearerToken";
        PlannedCondition now = Kinds["auth"](Bad, "", false, ConfigFacts.Unused).Condition("Valid")!;
        string before = $"conditions: [{{type: Valid, status: 'False', reason: ValidationFailed, message: '{now.Message}'}}]";

        Kinds["auth"](Bad, before, false, ConfigFacts.Unused).Events.ShouldBeEmpty();
        Kinds["auth"]("type: unauthenticated", before, false, ConfigFacts.Unused).Events
            .ShouldHaveSingleItem().ShouldBe(new PlannedEvent(false, "ConfigValid", "Validate", "The configuration is valid again"));
    }

    private static string AuthServer(string provider, string more = "") =>
        $"type: embeddedAuthServer\nembeddedAuthServer: {{issuer: 'https://as.example.com', upstreamProviders: [{{name: idp, {provider}}}]{(more.Length == 0 ? "" : ", " + more)}}}";
}
