using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.ApiServer.Tests.Crds;

/// <summary>One refused object for each rule the API server checks; what the rules allow is in the samples.</summary>
[Collection(CrdCollection.Name)]
public sealed class RuleTests(CrdServer crds)
{
    private const string Gateway = "groupRef: {name: team}\n";
    private const string Anonymous = Gateway + "incomingAuth: {type: anonymous}\n";
    private const string Redis = "sessionStorage: {provider: redis, address: 'redis:6379'}\n";
    private const string Bucket = "{maxTokens: 1, refillPeriod: 1s}";
    private const string Upstream = "upstreamProviders: [{name: main, type: oidc, oidcConfig: {issuerUrl: 'https://idp.example.com', clientId: c}}]";
    private const string Endpoints = "authorizationEndpoint: 'https://a.example.com', tokenEndpoint: 'https://t.example.com'";

    /// <summary>Rules 1 to 8 and 29 to 32: the gateway itself.</summary>
    public static TheoryData<int, string, string, string> OfGateways => new()
    {
        { 1, Anonymous + $"config: {{rateLimiting: {{shared: {Bucket}}}}}", "spec.sessionStorage", "config.rateLimiting requires sessionStorage with provider redis" },
        { 1, Anonymous + $"sessionStorage: {{provider: memory}}\nconfig: {{rateLimiting: {{shared: {Bucket}}}}}", "spec.sessionStorage", "requires sessionStorage with provider redis" },
        { 2, Anonymous + Redis + $"config: {{rateLimiting: {{perUser: {Bucket}}}}}", "spec.config.rateLimiting.perUser", "config.rateLimiting.perUser requires incomingAuth.type oidc" },
        { 3, Anonymous + Redis + $"config: {{rateLimiting: {{tools: [{{name: a, shared: {Bucket}}}, {{name: b, perUser: {Bucket}}}]}}}}", "spec.config.rateLimiting.tools", "requires incomingAuth.type oidc" },
        { 4, Anonymous + "sessionStorage: {provider: redis}", "spec.sessionStorage.address", "address is required when provider is redis" },
        { 5, Anonymous + Redis + "config: {rateLimiting: {}}", "spec.config.rateLimiting", "at least one of shared, perUser and tools" },
        { 5, Anonymous + Redis + "config: {rateLimiting: {tools: []}}", "spec.config.rateLimiting", "at least one of shared, perUser and tools" },
        { 6, Anonymous + Redis + "config: {rateLimiting: {tools: [{name: a}]}}", "spec.config.rateLimiting.tools[0]", "at least one of shared and perUser" },
        { 7, Anonymous + "embeddingServerRef: {name: e}\nconfig: {optimizer: {embeddingProvider: openai}}", "spec.embeddingServerRef", "cannot be combined with config.optimizer.embeddingProvider openai" },
        { 8, Gateway + "incomingAuth: {type: oidc}", "spec.incomingAuth.oidcConfigRef", "spec.incomingAuth.oidcConfigRef is required when type is oidc" },
        { 9, Gateway + "incomingAuth: {type: anonymous, authzConfig: {type: configMap}}", "spec.incomingAuth.authzConfig.configMap", "configMap must be set when type is configMap" },
        { 9, Gateway + "incomingAuth: {type: anonymous, authzConfig: {type: inline, inline: {policies: [p]}, configMap: {name: c}}}", "spec.incomingAuth.authzConfig.configMap", "and only then" },
        { 10, Gateway + "incomingAuth: {type: anonymous, authzConfig: {type: inline}}", "spec.incomingAuth.authzConfig.inline", "inline must be set when type is inline" },
        { 10, Gateway + "incomingAuth: {type: anonymous, authzConfig: {configMap: {name: c}, inline: {policies: [p]}}}", "spec.incomingAuth.authzConfig.inline", "and only then" },
        { 29, Gateway + "incomingAuth: {type: anonymous, authzConfig: {type: inline, inline: {policies: [p]}}, authzConfigRef: {name: a}}", "spec.incomingAuth.authzConfigRef", "authzConfig and authzConfigRef are mutually exclusive" },
        { 30, Anonymous + "config: {operational: {failureHandling: {circuitBreaker: {timeout: 500ms}}}}", "spec.config.operational.failureHandling.circuitBreaker.timeout", "timeout must be at least 1s" },
        { 31, Anonymous + "config: {optimizer: {embeddingHeaders: {X-A: b}}}", "spec.config.optimizer.embeddingHeaders", "embeddingHeaders require embeddingProvider openai" },
        { 31, Anonymous + "config: {optimizer: {embeddingProvider: tei, embeddingHeaders: {X-A: b}}}", "spec.config.optimizer.embeddingHeaders", "embeddingHeaders require embeddingProvider openai" },
        { 32, Anonymous + "config: {optimizer: {embeddingProvider: openai, embeddingHeaders: {'X A': b}}}", "spec.config.optimizer.embeddingHeaders", "must be named like HTTP headers" },
        { 32, Anonymous + "config: {optimizer: {embeddingProvider: openai, embeddingHeaders: {aUTHORIZATION: b}}}", "spec.config.optimizer.embeddingHeaders", "neither Authorization nor Content-Type" },
        { 32, Anonymous + "config: {optimizer: {embeddingProvider: openai, embeddingHeaders: {content-type: b}}}", "spec.config.optimizer.embeddingHeaders", "neither Authorization nor Content-Type" },
    };

    /// <summary>Rules 11 to 28: what stands in <c>authServerConfig</c> beside issuer and upstream, and its fields relative to that.</summary>
    public static TheoryData<int, string, string, string> OfAuthServers => new()
    {
        { 11, "allowConfidentialClientRegistration: true, insecureAllowHTTP: true", "allowConfidentialClientRegistration", "cannot be combined with insecureAllowHTTP" },
        { 12, "issuer: 'http://localhost:8080', delegateClients: [{clientId: a, clientSecretRef: {name: s, key: k}, scopes: [x], audiences: [y]}]", "delegateClients", "delegateClients require an https issuer" },
        { 13, "forceConfidentialRedirectUris: ['https://a.example.com/c']", "forceConfidentialRedirectUris", "require allowConfidentialClientRegistration" },
        { 14, $"upstreamProviders: [{{name: a, type: oidc, oauth2Config: {{{Endpoints}, clientId: c}}}}]", "upstreamProviders[0].type", "type oidc requires oidcConfig" },
        { 14, "upstreamProviders: [{name: a, type: oauth2, oidcConfig: {issuerUrl: 'https://i.example.com', clientId: c}}]", "upstreamProviders[0].type", "type oauth2 requires oauth2Config" },
        { 14, $"upstreamProviders: [{{name: a, type: oidc, oidcConfig: {{issuerUrl: 'https://i.example.com', clientId: c}}, oauth2Config: {{{Endpoints}, clientId: c}}}}]", "upstreamProviders[0].type", "neither the other" },
        { 15, $"upstreamProviders: [{{name: a, type: oauth2, oauth2Config: {{{Endpoints}}}}}]", "upstreamProviders[0].oauth2Config.clientId", "exactly one of clientId and dcrConfig" },
        { 15, $"upstreamProviders: [{{name: a, type: oauth2, oauth2Config: {{{Endpoints}, clientId: ''}}}}]", "upstreamProviders[0].oauth2Config.clientId", "exactly one of clientId and dcrConfig" },
        { 15, $"upstreamProviders: [{{name: a, type: oauth2, oauth2Config: {{{Endpoints}, clientId: c, dcrConfig: {{discoveryUrl: 'https://d.example.com'}}}}}}]", "upstreamProviders[0].oauth2Config.clientId", "exactly one of clientId and dcrConfig" },
        { 16, $"upstreamProviders: [{{name: a, type: oauth2, oauth2Config: {{{Endpoints}, clientSecretRef: {{name: s, key: k}}, dcrConfig: {{discoveryUrl: 'https://d.example.com'}}}}}}]", "upstreamProviders[0].oauth2Config.clientSecretRef", "must not be set together with dcrConfig" },
        { 17, "delegateClients: [{clientId: a, clientSecretRef: {name: '', key: k}, scopes: [x], audiences: [y]}]", "delegateClients[0].clientSecretRef", "needs a name and a key" },
        { 17, "delegateClients: [{clientId: a, clientSecretRef: {name: s, key: ''}, scopes: [x], audiences: [y]}]", "delegateClients[0].clientSecretRef", "needs a name and a key" },
        { 18, $"upstreamProviders: [{{name: a, type: oauth2, oauth2Config: {{{Endpoints}, dcrConfig: {{}}}}}}]", "upstreamProviders[0].oauth2Config.dcrConfig.discoveryUrl", "exactly one of discoveryUrl and registrationEndpoint" },
        { 18, $"upstreamProviders: [{{name: a, type: oauth2, oauth2Config: {{{Endpoints}, dcrConfig: {{discoveryUrl: 'https://d.example.com', registrationEndpoint: 'https://r.example.com'}}}}}}]", "upstreamProviders[0].oauth2Config.dcrConfig.discoveryUrl", "exactly one of discoveryUrl and registrationEndpoint" },
        { 19, "storage: {type: redis, redis: {aclUserConfig: {passwordSecretRef: {name: s, key: k}}}}", "storage.redis.addr", "exactly one of addr and sentinelConfig" },
        { 19, "storage: {type: redis, redis: {addr: 'r:6379', sentinelConfig: {masterName: m}, aclUserConfig: {passwordSecretRef: {name: s, key: k}}}}", "storage.redis.addr", "exactly one of addr and sentinelConfig" },
        { 20, "storage: {type: redis, redis: {clusterMode: true, sentinelConfig: {masterName: m}, aclUserConfig: {passwordSecretRef: {name: s, key: k}}}}", "storage.redis.clusterMode", "clusterMode requires addr" },
        { 21, "trustedIssuers: [{issuerUrl: 'https://x', expectedAudience: a, allowedDelegateClients: ['*', b]}]", "trustedIssuers[0].allowedDelegateClients", "either '*' alone or client ids" },
        { 22, "trustedIssuers: [{issuerUrl: 'https://x', expectedAudience: a, allowMayAct: true, allowedDelegateClients: ['*']}]", "trustedIssuers[0].allowMayAct", "cannot be combined with '*'" },
        { 23, "trustedIssuers: [{issuerUrl: 'https://x', expectedAudience: a, actorClaim: may_act, allowedDelegateClients: [b]}]", "trustedIssuers[0].actorClaim", "another claim that is not reserved" },
        { 24, "trustedIssuers: [{issuerUrl: 'https://x', expectedAudience: a, allowPrivateIPs: true, allowedDelegateClients: [b]}]", "trustedIssuers[0].allowPrivateIPs", "allowPrivateIPs requires jwksUrl" },
        { 24, "trustedIssuers: [{issuerUrl: 'https://x', expectedAudience: a, allowPrivateIPs: true, jwksUrl: '', allowedDelegateClients: [b]}]", "trustedIssuers[0].allowPrivateIPs", "allowPrivateIPs requires jwksUrl" },
        { 25, "trustedIssuers: [{issuerUrl: 'https://x', allowedDelegateClients: [b]}]", "trustedIssuers[0].expectedAudience", "expectedAudience is required unless only jwtBearerGrant is used" },
        { 25, "trustedIssuers: [{issuerUrl: 'https://x', allowedActors: [c], allowedDelegateClients: [b], jwtBearerGrant: {maxAssertionAge: 5m, subjectBindings: [{subject: s, allowedResources: ['https://r']}]}}]", "trustedIssuers[0].expectedAudience", "expectedAudience is required" },
        { 26, "trustedIssuers: [{issuerUrl: 'https://x', expectedAudience: a}]", "trustedIssuers[0].allowedDelegateClients", "allowedDelegateClients is required with expectedAudience" },
        { 27, "trustedIssuers: [{issuerUrl: 'https://x', jwtBearerGrant: {maxAssertionAge: 0s, subjectBindings: [{subject: s, allowedResources: ['https://r']}]}}]", "trustedIssuers[0].jwtBearerGrant.maxAssertionAge", "maxAssertionAge must be longer than 0s" },
        { 28, "trustedIssuers: [{issuerUrl: 'https://x', jwtBearerGrant: {maxAssertionAge: 5m, subjectBindings: [{subject: s, allowedResources: ['https://r']}, {subject: s, allowedResources: ['https://q']}]}}]", "trustedIssuers[0].jwtBearerGrant.subjectBindings", "a subject must not be in subjectBindings twice" },
    };

    /// <summary>Rules 4, 5, 6, 9, 10 and 33 to 40: the other kinds.</summary>
    public static TheoryData<int, string, string, string, string> OfOthers => new()
    {
        { 4, "MCPServer", "image: i\nsessionStorage: {provider: redis}", "spec.sessionStorage.address", "address is required" },
        { 4, "MCPRemoteProxy", "remoteUrl: 'https://x'\nsessionStorage: {provider: redis}", "spec.sessionStorage.address", "address is required" },
        { 5, "MCPServer", "image: i\n" + Redis + "rateLimiting: {}", "spec.rateLimiting", "at least one of shared, perUser and tools" },
        { 9, "MCPServer", "image: i\nauthzConfig: {type: configMap}", "spec.authzConfig.configMap", "configMap must be set" },
        { 33, "MCPServer", "image: i\nauthzConfig: {configMap: {name: c}}\nauthzConfigRef: {name: a}", "spec.authzConfigRef", "mutually exclusive" },
        { 33, "MCPRemoteProxy", "remoteUrl: 'https://x'\nauthzConfig: {configMap: {name: c}}\nauthzConfigRef: {name: a}", "spec.authzConfigRef", "mutually exclusive" },
        { 34, "MCPServer", $"image: i\nrateLimiting: {{shared: {Bucket}}}", "spec.sessionStorage", "rateLimiting requires sessionStorage with provider redis" },
        { 35, "MCPServer", $"image: i\n{Redis}rateLimiting: {{perUser: {Bucket}}}", "spec.rateLimiting.perUser", "requires authentication" },
        { 36, "MCPServer", $"image: i\n{Redis}rateLimiting: {{tools: [{{name: a, perUser: {Bucket}}}]}}", "spec.rateLimiting.tools", "requires authentication" },
        { 37, "MCPExternalAuthConfig", "type: unauthenticated\nbearerToken: {tokenSecretRef: {name: s, key: k}}", "spec.type", "no settings may be given when type is unauthenticated" },
        { 38, "MCPOIDCConfig", "type: kubernetesServiceAccount", "spec.kubernetesServiceAccount", "must be set when type is kubernetesServiceAccount" },
        { 38, "MCPOIDCConfig", "type: inline\ninline: {issuer: i}\nkubernetesServiceAccount: {}", "spec.kubernetesServiceAccount", "and only then" },
        { 39, "MCPOIDCConfig", "type: inline", "spec.inline", "inline must be set when type is inline" },
        { 39, "MCPOIDCConfig", "type: kubernetesServiceAccount\nkubernetesServiceAccount: {}\ninline: {issuer: i}", "spec.inline", "and only then" },
        { 40, "MCPTelemetryConfig", "openTelemetry: {headers: {A: b}, sensitiveHeaders: [{name: A, secretKeyRef: {name: s, key: k}}]}", "spec.openTelemetry.sensitiveHeaders", "a header must not be in both" },
    };

    /// <summary>Rule 37: the ways of authentication with the least settings each takes.</summary>
    public static TheoryData<string, string> WaysOfAuthentication => new()
    {
        { "tokenExchange", "{tokenUrl: 'https://t', audience: a}" },
        { "headerInjection", "{headerName: h, valueSecretRef: {name: s, key: k}}" },
        { "bearerToken", "{tokenSecretRef: {name: s, key: k}}" },
        { "embeddedAuthServer", $"{{issuer: 'https://login.example.com', {Upstream}}}" },
        { "awsSts", "{region: eu-central-1}" },
        { "upstreamInject", "{providerName: p}" },
        { "obo", "{}" },
        { "xaa", "{idpTokenUrl: 'https://i', targetTokenUrl: t, targetAudience: a}" },
    };

    [Theory]
    [MemberData(nameof(OfGateways))]
    public Task A_gateway_that_breaks_a_rule_is_refused_by_field(int rule, string spec, string field, string message) =>
        RefusedAsync(rule, "VirtualMCPServer", spec, field, message);

    [Theory]
    [MemberData(nameof(OfAuthServers))]
    public async Task An_authorization_server_that_breaks_a_rule_is_refused_by_field(int rule, string settings, string field, string message)
    {
        string issuer = settings.Contains("issuer:", StringComparison.Ordinal) ? "" : "issuer: 'https://login.example.com', ";
        string upstream = settings.Contains("upstreamProviders:", StringComparison.Ordinal) ? "" : Upstream + ", ";
        string server = $"{{{issuer}{upstream}{settings}}}";

        await RefusedAsync(rule, "VirtualMCPServer", Anonymous + $"authServerConfig: {server}", "spec.authServerConfig." + field, message);
        await RefusedAsync(rule, "MCPExternalAuthConfig", $"type: embeddedAuthServer\nembeddedAuthServer: {server}", "spec.embeddedAuthServer." + field, message);
    }

    [Theory]
    [MemberData(nameof(OfOthers))]
    public Task Another_kind_that_breaks_a_rule_is_refused_by_field(int rule, string kind, string spec, string field, string message) =>
        RefusedAsync(rule, kind, spec, field, message);

    [Theory]
    [MemberData(nameof(WaysOfAuthentication))]
    public async Task The_settings_of_an_auth_config_are_those_of_its_type(string type, string settings)
    {
        (await crds.TryCreateAsync(Manifest("MCPExternalAuthConfig", $"type: {type}\n{type}: {settings}"))).Accepted.ShouldBeTrue();

        await RefusedAsync(37, "MCPExternalAuthConfig", $"type: {type}", $"spec.{type}", $"{type} must be set when type is {type}, and only then");
        string other = type == "bearerToken" ? "upstreamInject: {providerName: p}" : "bearerToken: {tokenSecretRef: {name: s, key: k}}";
        await RefusedAsync(37, "MCPExternalAuthConfig", $"type: {type}\n{type}: {settings}\n{other}", $"spec.{other.Split(':')[0]}", "and only then");
        await RefusedAsync(37, "MCPExternalAuthConfig", $"type: unauthenticated\n{type}: {settings}", "spec.type", "no settings may be given");
    }

    [Fact]
    public void Every_rule_has_a_refused_example() =>
        OfGateways.Select(row => row.Data.Item1).Concat(OfAuthServers.Select(row => row.Data.Item1)).Concat(OfOthers.Select(row => row.Data.Item1))
            .Distinct().Order().ShouldBe(Enumerable.Range(1, 40));

    private async Task RefusedAsync(int rule, string kind, string spec, string field, string message)
    {
        Verdict verdict = await crds.TryCreateAsync(Manifest(kind, spec));

        verdict.Accepted.ShouldBeFalse($"rule {rule} let it pass");
        verdict.Causes.ShouldContain(cause => cause.StartsWith(field + ": ", StringComparison.Ordinal) && cause.Contains(message, StringComparison.Ordinal),
            $"rule {rule}, {field}: {message}\nbut the server said {verdict.Message}");
    }

    internal static JsonObject Manifest(string kind, string spec) => new()
    {
        ["apiVersion"] = "toolhive.stacklok.dev/v1beta1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = "a" },
        ["spec"] = KubeYaml.ReadAll(spec, "spec").Single().Body,
    };
}
