using Vmcp.Config.Model;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources.Status;
using static Vmcp.Operator.Tests.Document.Manifests;

namespace Vmcp.Operator.Tests.Document;

/// <summary>Strategies that make a credential from the caller's token, and those nobody here can apply.</summary>
public sealed class StrategyTests
{
    private const string Oidc = "incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: a1}}";

    private static readonly string Objects = All(
        "{kind: MCPOIDCConfig, metadata: {name: idp}, spec: {type: inline, inline: {issuer: 'https://idp.example.com'}}}",
        "{kind: Secret, metadata: {name: s1}, data: {k: ''}}",
        "{kind: Secret, metadata: {name: s2}, data: {k: ''}}",
        "{kind: MCPExternalAuthConfig, metadata: {name: swap.it}, spec: {type: tokenExchange, tokenExchange: {tokenUrl: 'https://idp/t', clientId: me, clientSecretRef: {name: s1, key: k}, "
            + "audience: beta, scopes: [b, a], subjectTokenType: jwt, externalTokenHeaderName: X-Token}}}",
        "{kind: MCPExternalAuthConfig, metadata: {name: cross}, spec: {type: xaa, xaa: {idpTokenUrl: 'https://idp/t', idpClientId: me, idpClientSecretRef: {name: s1, key: k}, "
            + "targetTokenUrl: 'http://as.demo/t', insecureTargetTokenUrl: true, targetClientId: you, targetClientSecretRef: {name: s2, key: k}, targetAudience: 'https://as', "
            + "targetResource: 'https://mcp', scopes: [x], subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token'}}}",
        "{kind: MCPExternalAuthConfig, metadata: {name: aws}, spec: {type: awsSts, awsSts: {region: eu-west-1, service: execute-api, fallbackRoleArn: 'arn:aws:iam::123456789012:role/all', "
            + "roleMappings: [{claim: dev, roleArn: 'arn:aws:iam::123456789012:role/dev', priority: 1}, {matcher: 'claims[\"x\"] == \"y\"', roleArn: 'arn:aws:iam::123456789012:role/y'}], "
            + "roleClaim: roles, sessionDuration: 1800, sessionNameClaim: email}}}",
        Server("one", Own("swap.it")),
        Server("two", Own("cross")),
        Server("three", Own("aws")));

    [Fact]
    public void An_inline_document_holds_every_field_and_the_pod_every_variable()
    {
        (GatewayDocument document, GatewayConfig config) = Given.Hub($"{Oidc}\n{Inline}", Objects).Rendered();

        config.StrategyFor("one").ShouldBe(new StrategyConfig
        {
            Type = StrategyType.TokenExchange,
            TokenExchange = new TokenExchangeConfig
            {
                TokenUrl = "https://idp/t",
                ClientId = "me",
                ClientSecretEnv = "TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_SWAP_IT",
                Audience = "beta",
                Scopes = ["b", "a"],
                SubjectTokenType = "urn:ietf:params:oauth:token-type:jwt",
            },
        });
        config.StrategyFor("two").ShouldBe(new StrategyConfig
        {
            Type = StrategyType.Xaa,
            Xaa = new XaaConfig
            {
                IdpTokenUrl = "https://idp/t",
                IdpClientId = "me",
                IdpClientSecretEnv = "TOOLHIVE_XAA_IDP_CLIENT_SECRET_CROSS",
                TargetTokenUrl = "http://as.demo/t",
                InsecureTargetTokenUrl = true,
                TargetClientId = "you",
                TargetClientSecretEnv = "TOOLHIVE_XAA_TARGET_CLIENT_SECRET_CROSS",
                TargetAudience = "https://as",
                TargetResource = "https://mcp",
                Scopes = ["x"],
                SubjectTokenType = "urn:ietf:params:oauth:token-type:id_token",
            },
        });
        config.StrategyFor("three").ShouldBe(new StrategyConfig
        {
            Type = StrategyType.AwsSts,
            AwsSts = new AwsStsConfig
            {
                Region = "eu-west-1",
                Service = "execute-api",
                FallbackRoleArn = "arn:aws:iam::123456789012:role/all",
                RoleMappings =
                [
                    new RoleMappingConfig { Claim = "dev", RoleArn = "arn:aws:iam::123456789012:role/dev", Priority = 1 },
                    new RoleMappingConfig { Matcher = "claims[\"x\"] == \"y\"", RoleArn = "arn:aws:iam::123456789012:role/y" },
                ],
                RoleClaim = "roles",
                SessionDuration = 1800,
                SessionNameClaim = "email",
            },
        });
        document.Env.OfType<EnvVar.FromSecret>().Where(v => v.Name.StartsWith("TOOLHIVE_", StringComparison.Ordinal)).ShouldBe(
        [
            new EnvVar.FromSecret("TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_SWAP_IT", "s1", "k", Optional: true),
            new EnvVar.FromSecret("TOOLHIVE_XAA_IDP_CLIENT_SECRET_CROSS", "s1", "k", Optional: true),
            new EnvVar.FromSecret("TOOLHIVE_XAA_TARGET_CLIENT_SECRET_CROSS", "s2", "k", Optional: true),
        ]);
        document.Versions.ShouldBe([new MountedVersion("Secret", "s1", "v-s1"), new MountedVersion("Secret", "s2", "v-s2")]);
    }

    [Fact]
    public void A_discovered_pod_may_read_their_secrets_by_name_and_carries_none()
    {
        Given given = Given.Hub($"{Oidc}\noutgoingAuth: {{source: discovered}}", Objects);
        GatewayDocument document = given.Rendered().Document;
        ServerPlan plan = VirtualServerPlanner.Plan(given.Server, given.World, given.Settings);

        document.ReadSecrets.ShouldBe(["s1", "s2"]);
        document.Env.ShouldNotContain(v => v.Name.StartsWith("TOOLHIVE_TOKEN", StringComparison.Ordinal) || v.Name.StartsWith("TOOLHIVE_XAA", StringComparison.Ordinal));
        plan.Objects.Single(o => o.Type == BuiltIn.Role).Body.ToJsonString().ShouldContain(
            """{"apiGroups":[""],"resources":["secrets"],"verbs":["get"],"resourceNames":["s1","s2"]}""");
        plan.LeftOut.ShouldBeEmpty();
        plan.Status.Conditions.Single(c => c.Type == "DiscoveredAuthConfig-one").Message.ShouldBe(
            "MCPExternalAuthConfig \"swap.it\" gives token_exchange; spec.tokenExchange.externalTokenHeaderName is not used: backends get the token in Authorization, not in X-Token");
    }

    [Theory]
    [InlineData("inline")]
    [InlineData("discovered")]
    public void Callers_who_prove_nothing_cost_exactly_the_backends_that_are_called_as_them(string mode)
    {
        Given given = Given.Hub($"incomingAuth: {{type: anonymous}}\noutgoingAuth: {{source: {mode}}}", All(Objects, Server("plain", Own("key1")), Header("key1")));

        DocumentResult plan = given.Plan();

        plan.LeftOut.Select(l => (l.Name, l.Reason)).ShouldBe(
            [("one", "CallerIdentityRequired"), ("three", "CallerIdentityRequired"), ("two", "CallerIdentityRequired")]);
        plan.Backends.Where(b => b.Served).Select(b => b.Name).ShouldBe(["plain"]);
        plan.Conditions.Where(c => c.Type.StartsWith("BackendAuth-", StringComparison.Ordinal)).Select(c => (c.Type, c.Status, c.Reason)).ShouldBe(
        [
            ("BackendAuth-one", "False", "CallerIdentityRequired"),
            ("BackendAuth-three", "False", "CallerIdentityRequired"),
            ("BackendAuth-two", "False", "CallerIdentityRequired"),
        ]);
        plan.Conditions.Single(c => c.Type == "BackendAuth-one").Message.ShouldBe(
            "Backend \"one\" is not served: token_exchange (MCPExternalAuthConfig \"swap.it\") is made from the caller's own token, and with spec.incomingAuth.type anonymous "
            + "callers bring none; use type oidc, or another MCPExternalAuthConfig for this backend");
        Given.Hub($"{Oidc}\noutgoingAuth: {{source: {mode}}}", Objects).Plan().ShouldSatisfyAllConditions(
            p => p.LeftOut.ShouldBeEmpty(),
            p => p.Conditions.ShouldNotContain(c => c.Status == "False"));
    }

    [Theory]
    [InlineData("{type: obo, obo: {}}", "EnterpriseRequired", "EnterpriseRequired", "has type obo, which needs Microsoft Entra's on-behalf-of flow, which is not part of this gateway")]
    [InlineData("{type: upstreamInject, upstreamInject: {providerName: okta}}", "UnsupportedType", "ConversionFailed", "has type upstreamInject, which needs the embedded authorization server")]
    [InlineData("{type: tokenExchange, tokenExchange: {tokenUrl: 'https://i/t', audience: a, subjectProviderName: okta}}", "UnsupportedType", "ConversionFailed", "which holds the tokens of upstream provider \"okta\"")]
    public void What_needs_something_this_gateway_lacks_is_listed_as_unavailable_with_what_that_is(string spec, string reason, string condition, string needs)
    {
        Given given = Given.Hub($"{Oidc}\n{Inline}", All(Objects, Server("odd", Own("odd")), $"{{kind: MCPExternalAuthConfig, metadata: {{name: odd}}, spec: {spec}}}"));

        ServerPlan plan = VirtualServerPlanner.Plan(given.Server, given.World, given.Settings);

        plan.Outcome.ShouldBe(PlanOutcome.Apply);
        plan.LeftOut.ShouldHaveSingleItem().ShouldSatisfyAllConditions(l => (l.Name, l.Reason).ShouldBe(("odd", reason)), l => l.Message.ShouldContain(needs));
        PlannedCondition told = plan.Status.Conditions.Single(c => c.Type == "DiscoveredAuthConfig-odd");
        (told.Status, told.Reason).ShouldBe(("False", condition));
        told.Message.ShouldContain(needs);
        BackendStatus odd = plan.Status.Backends!.Backends.Single(b => b.Observed.Name == "odd");
        (odd.Observed.Status, odd.AuthConfigRef, odd.AuthSource).ShouldBe(("unavailable", "odd", "workload"));
        odd.Observed.Message!.ShouldContain(needs);
        given.Rendered().Config.Backends.Select(b => b.Name).ShouldNotContain("odd");
    }
}
