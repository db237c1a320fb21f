using Vmcp.Config.Model;
using Vmcp.Resources.Backends;

namespace Vmcp.Resources.Tests.Backends;

public sealed class BackendAuthResolverTests
{
    private static readonly MCPExternalAuthConfig Key1 = HeaderConfig("key1");
    private static readonly MCPExternalAuthConfig Key2 = HeaderConfig("key2");
    private static readonly MCPExternalAuthConfig Key3 = HeaderConfig("key3");
    private static readonly Dictionary<string, string[]> Secrets = new() { ["s"] = ["k"] };

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [Trait("Scenario", "OAUTH-03")]
    public void Explicit_beats_own_beats_default_beats_none_in_both_modes(string source)
    {
        BackendAuthResolver resolver = With(
            $"{{source: {source}, default: {Ref("key3")}, backends: {{beta: {Ref("key2")}}}}}", Key1, Key2, Key3).Resolver();

        Told(resolver.For("beta", "key1")).ShouldBe((AuthSource.Explicit, "key2"));
        Told(resolver.For("gamma", "key1")).ShouldBe((AuthSource.Workload, "key1"));
        Told(resolver.For("alpha", null)).ShouldBe((AuthSource.Default, "key3"));
        Told(With("{source: discovered}").Resolver().For("alpha", null)).ShouldBe((AuthSource.None, null));
        Told(new Facts().Resolver().For("alpha", null)).ShouldBe((AuthSource.None, null));
    }

    [Fact]
    public void Type_discovered_means_the_workloads_own_and_never_the_default()
    {
        BackendAuthResolver resolver = With($"{{default: {Ref("key3")}, backends: {{beta: {{type: discovered}}}}}}", Key1, Key3).Resolver();

        Told(resolver.For("beta", "key1")).ShouldBe((AuthSource.Workload, "key1"));
        ResolvedAuth nothing = resolver.For("beta", null);
        Told(nothing).ShouldBe((AuthSource.Explicit, null));
        nothing.Strategy!.Type.ShouldBe(StrategyType.Unauthenticated);
        With("{default: {type: discovered}}").Resolver().For("alpha", null).ShouldBe(ResolvedAuth.None);
    }

    [Fact]
    [Trait("Scenario", "DISC-06")]
    public void What_wins_and_is_broken_is_never_replaced_by_the_next_choice()
    {
        BackendAuthResolver resolver = With(
            $"{{default: {Ref("key3")}, backends: {{beta: {Ref("missing")}}}}}", Key1, Key3, HeaderConfig("gone", secret: "nowhere")).Resolver();

        Problem(resolver.For("beta", "key1")).ShouldBe(new MemberProblem("ConfigNotFound", "MCPExternalAuthConfig \"missing\" does not exist"));
        Problem(resolver.For("gamma", "gone")).ShouldBe(
            new MemberProblem("SecretNotFound", "MCPExternalAuthConfig \"gone\": Secret \"nowhere\" does not exist"));
        // The pod must be able to read the Secret as soon as it is there.
        resolver.For("gamma", "gone").Secrets.ShouldBe(["nowhere"]);
    }

    [Fact]
    [Trait("Scenario", "OAUTH-04")]
    public void A_broken_default_takes_away_only_the_backends_that_would_use_it()
    {
        BackendAuthResolver resolver = With($"{{default: {Ref("missing")}}}", Key1).Resolver();

        Problem(resolver.For("alpha", null)).Reason.ShouldBe("ConfigNotFound");
        Told(resolver.For("beta", "key1")).ShouldBe((AuthSource.Workload, "key1"));
        Problem(With("{default: {type: externalAuthConfigRef}}").Resolver().For("alpha", null)).Reason.ShouldBe("InvalidConfig");
    }

    [Fact]
    public void A_missing_key_is_told_with_the_keys_there_are()
    {
        Facts facts = With("{}", HeaderConfig("a", key: "token")) with { Secrets = new() { ["s"] = ["user", "apiKey"] } };

        Problem(facts.Resolver().For("x", "a")).ShouldBe(new MemberProblem(
            "SecretKeyMissing", "MCPExternalAuthConfig \"a\": Secret \"s\" is missing key \"token\"; keys found: apiKey, user"));
    }

    [Fact]
    public void Header_injection_takes_the_value_from_a_variable()
    {
        ResolvedAuth auth = With("{}", Key1).Resolver().For("x", "key1");

        auth.Strategy!.HeaderInjection.ShouldBe(new HeaderInjectionConfig
        {
            HeaderName = "X-Key",
            HeaderValueEnv = "TOOLHIVE_HEADER_INJECTION_VALUE_KEY1",
        });
        auth.Variables.ShouldBe([new AuthVariable("TOOLHIVE_HEADER_INJECTION_VALUE_KEY1") { Secret = "s", Key = "k" }]);
        auth.TypeWord.ShouldBe("header_injection");
        auth.SourceWord.ShouldBe("workload");
    }

    [Fact]
    public void A_bearer_token_becomes_an_authorization_header_composed_of_a_variable_before_it()
    {
        ResolvedAuth auth = With("{}", Read.Auth("my-token", "{type: bearerToken, bearerToken: {tokenSecretRef: {name: s, key: k}}}"))
            .Resolver().For("x", "my-token");

        auth.Problem.ShouldBeNull();
        auth.Strategy!.HeaderInjection.ShouldBe(new HeaderInjectionConfig
        {
            HeaderName = "Authorization",
            HeaderValueEnv = "TOOLHIVE_HEADER_INJECTION_VALUE_MY_TOKEN",
        });
        auth.Variables.ShouldBe(
        [
            new AuthVariable("TOOLHIVE_BEARER_TOKEN_MY_TOKEN") { Secret = "s", Key = "k" },
            new AuthVariable("TOOLHIVE_HEADER_INJECTION_VALUE_MY_TOKEN") { Text = "Bearer $(TOOLHIVE_BEARER_TOKEN_MY_TOKEN)" },
        ]);
    }

    [Fact]
    public void Token_exchange_spells_the_subject_token_type_out_and_takes_the_first_upstream()
    {
        const string Spec = """
            {type: tokenExchange, tokenExchange: {tokenUrl: 'https://i/t', audience: gh, clientId: c, clientSecretRef: {name: s, key: k},
             scopes: [a, b], subjectTokenType: id_token}}
            """;
        StrategyConfig strategy = With("{}", Read.Auth("gh.auth", Spec)).Resolver().For("x", "gh.auth").Strategy!;
        strategy.TokenExchange.ShouldBe(new TokenExchangeConfig
        {
            TokenUrl = "https://i/t",
            Audience = "gh",
            ClientId = "c",
            ClientSecretEnv = "TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_GH_AUTH",
            Scopes = ["a", "b"],
            SubjectTokenType = "urn:ietf:params:oauth:token-type:id_token",
        });
        Upstreams(["one", "two"], Read.Auth("gh.auth", Spec)).Resolver().For("x", "gh.auth").Strategy!
            .TokenExchange!.SubjectProviderName.ShouldBe("one");
    }

    [Fact]
    public void Aws_keeps_its_role_rules()
    {
        AwsStsConfig aws = With("{}", Read.Auth("aws", """
            {type: awsSts, awsSts: {region: eu-west-1, roleMappings: [{claim: dev, roleArn: 'arn:aws:iam::123456789012:role/dev', priority: 1}], sessionDuration: 900}}
            """)).Resolver().For("x", "aws").Strategy!.AwsSts!;

        aws.Region.ShouldBe("eu-west-1");
        aws.RoleMappings.ShouldBe([new RoleMappingConfig { Claim = "dev", RoleArn = "arn:aws:iam::123456789012:role/dev", Priority = 1 }]);
        aws.SessionDuration.ShouldBe(900);
    }

    [Fact]
    [Trait("Scenario", "INL-05")]
    public void Xaa_needs_its_provider_named_when_there_are_several()
    {
        MCPExternalAuthConfig xaa = Read.Auth("x", """
            {type: xaa, xaa: {idpTokenUrl: 'https://i/t', idpClientId: i, idpClientSecretRef: {name: s, key: k}, targetTokenUrl: 'https://t/t',
             targetAudience: a, targetClientId: t, targetClientSecretRef: {name: s, key: k}}}
            """);

        Problem(Upstreams(["one", "two"], xaa).Resolver().For("b", "x")).ShouldBe(new MemberProblem(
            "AmbiguousSubjectProvider",
            "MCPExternalAuthConfig \"x\": spec.xaa.subjectProviderName is needed, because there are 2 upstream providers: one, two"));
        ResolvedAuth one = Upstreams(["one"], xaa).Resolver().For("b", "x");
        one.Strategy!.Xaa!.SubjectProviderName.ShouldBe("one");
        one.Strategy.Xaa.IdpClientSecretEnv.ShouldBe("TOOLHIVE_XAA_IDP_CLIENT_SECRET_X");
        one.Strategy.Xaa.TargetClientSecretEnv.ShouldBe("TOOLHIVE_XAA_TARGET_CLIENT_SECRET_X");
        one.Secrets.ShouldBe(["s"]);
    }

    [Fact]
    public void Upstream_inject_needs_an_upstream_of_that_name()
    {
        MCPExternalAuthConfig inject = Read.Auth("u", "{type: upstreamInject, upstreamInject: {providerName: one}}");

        Upstreams(["one"], inject).Resolver().For("b", "u").Strategy!.UpstreamInject!.ProviderName.ShouldBe("one");
        Problem(Upstreams(["two"], inject).Resolver().For("b", "u")).Message.ShouldContain("there is no upstream provider \"one\"; there are: two");
        Problem(With("{}", inject).Resolver().For("b", "u")).ShouldBe(new MemberProblem(
            "UnsupportedType",
            "MCPExternalAuthConfig \"u\" has type upstreamInject, which needs the embedded authorization server, which holds the tokens of upstream provider \"one\" "
                + "and is not part of this gateway"));
    }

    [Theory]
    [InlineData("tokenExchange", "{tokenUrl: 'https://i/t', audience: a, subjectProviderName: one}")]
    [InlineData("awsSts", "{region: eu-west-1, fallbackRoleArn: 'arn:aws:iam::123456789012:role/x', subjectProviderName: one}")]
    [InlineData("xaa", "{idpTokenUrl: 'https://i/t', targetTokenUrl: 'https://t/t', targetAudience: a, subjectProviderName: one}")]
    public void The_callers_token_never_stands_in_for_that_of_a_named_upstream(string type, string block)
    {
        MCPExternalAuthConfig config = Read.Auth("u", $"{{type: {type}, {type}: {block}}}");

        Upstreams(["two", "one"], config).Resolver().For("b", "u").Problem.ShouldBeNull();
        Problem(Upstreams(["two"], config).Resolver().For("b", "u")).ShouldBe(new MemberProblem(
            "InvalidConfig", $"MCPExternalAuthConfig \"u\": spec.{type}.subjectProviderName: there is no upstream provider \"one\"; there are: two"));
        MemberProblem alone = Problem(With("{}", config).Resolver().For("b", "u"));
        alone.Reason.ShouldBe("UnsupportedType");
        alone.Message.ShouldContain($"spec.{type}.subjectProviderName needs the embedded authorization server, which holds the tokens of upstream provider \"one\"");
        alone.Message.ShouldEndWith("leave it out to use the caller's own token");
    }

    [Fact]
    public void A_header_the_exchanged_token_will_not_go_out_in_is_told()
    {
        MCPExternalAuthConfig other = Read.Auth("o", "{type: tokenExchange, tokenExchange: {tokenUrl: 'https://i/t', audience: a, externalTokenHeaderName: X-Token}}");
        MCPExternalAuthConfig usual = Read.Auth("u", "{type: tokenExchange, tokenExchange: {tokenUrl: 'https://i/t', audience: a, externalTokenHeaderName: authorization}}");
        BackendAuthResolver resolver = With("{}", other, usual).Resolver();

        resolver.OfConfig("o").Unused.ShouldBe("spec.tokenExchange.externalTokenHeaderName is not used: backends get the token in Authorization, not in X-Token");
        resolver.OfConfig("o").Problem.ShouldBeNull();
        resolver.OfConfig("u").Unused.ShouldBeNull();
    }

    [Theory]
    [InlineData("anonymous", "tokenExchange", "{tokenUrl: 'https://i/t', audience: a}", "token_exchange")]
    [InlineData("anonymous", "xaa", "{idpTokenUrl: 'https://i/t', targetTokenUrl: 'https://t/t', targetAudience: a}", "xaa")]
    [InlineData("anonymous", "awsSts", "{region: eu-west-1, fallbackRoleArn: 'arn:aws:iam::123456789012:role/x'}", "aws_sts")]
    [InlineData("oidc", "tokenExchange", "{tokenUrl: 'https://i/t', audience: a}", null)]
    [InlineData("anonymous", "headerInjection", "{headerName: X, valueSecretRef: {name: s, key: k}}", null)]
    public void Who_is_called_as_the_caller_needs_callers_who_prove_who_they_are(string incoming, string type, string block, string? strategy)
    {
        ResolvedAuth auth = With("{}", Read.Auth("u", $"{{type: {type}, {type}: {block}}}")).Resolver().For("b", "u");
        VirtualMCPServer server = Read.Gateway($"{{metadata: {{name: hub, namespace: demo}}, spec: {{incomingAuth: {{type: {incoming}}}}}}}");

        MemberProblem? missing = CallerIdentity.Missing(server, "b", auth);

        auth.Problem.ShouldBeNull();
        if (strategy is null)
            missing.ShouldBeNull();
        else
        {
            missing.ShouldNotBeNull().Message.ShouldBe($"Backend \"b\" is not served: {strategy} (MCPExternalAuthConfig \"u\") is made from the caller's own token, and with spec.incomingAuth.type "
                + "anonymous callers bring none; use type oidc, or another MCPExternalAuthConfig for this backend");
        }
    }

    [Theory]
    [InlineData("{type: obo, obo: {}}", "EnterpriseRequired", "has type obo, which needs Microsoft Entra's on-behalf-of flow, which is not part of this gateway")]
    [InlineData("{type: embeddedAuthServer}", "UnsupportedType", "has type embeddedAuthServer, which is no way to sign in to a backend")]
    [InlineData("{}", "InvalidConfig", "spec.type is missing")]
    [InlineData("{type: headerInjection}", "InvalidConfig", "spec.headerInjection is missing, which type headerInjection needs")]
    [InlineData("{type: headerInjection, headerInjection: {headerName: X}}", "InvalidConfig", "spec.headerInjection.valueSecretRef.name is missing")]
    [InlineData("{type: headerInjection, headerInjection: {headerName: Host, valueSecretRef: {name: s, key: k}}}", "InvalidConfig", "spec.headerInjection.headerName: the header Host belongs to the gateway and the transport")]
    [InlineData("{type: tokenExchange, tokenExchange: {tokenUrl: 'http://i/t', audience: a}}", "InvalidConfig", "spec.tokenExchange.tokenUrl: credentials go there, so it must be https")]
    [InlineData("{type: awsSts, awsSts: {region: eu-west-1}}", "InvalidConfig", "spec.awsSts: needs fallbackRoleArn or at least one of roleMappings")]
    public void What_a_gateway_could_not_use_is_refused_with_the_place(string spec, string reason, string message)
    {
        ResolvedAuth auth = With("{}", Read.Auth("bad", spec)).Resolver().For("x", "bad");

        Problem(auth).Reason.ShouldBe(reason);
        Problem(auth).Message.ShouldContain("MCPExternalAuthConfig \"bad\"");
        Problem(auth).Message.ShouldContain(message);
        auth.Strategy.ShouldBeNull();
    }

    [Fact]
    public void Nothing_to_sign_in_with_is_a_strategy_too() =>
        With($"{{default: {Ref("open")}}}", Read.Auth("open", "{type: unauthenticated}")).Resolver().For("x", null)
            .Strategy!.Type.ShouldBe(StrategyType.Unauthenticated);

    [Fact]
    public void Of_two_configs_that_need_one_variable_the_second_is_refused_and_both_are_named()
    {
        MCPExternalAuthConfig dash = HeaderConfig("a-b");
        MCPExternalAuthConfig dot = HeaderConfig("a.b");
        MemberBackend[] members = [Member("x", "a-b"), Member("y", "a.b")];

        BackendAuthResolver resolver = (With("{}", dash, dot) with { Members = members }).Resolver();

        resolver.For(members[0]).Problem.ShouldBeNull();
        Problem(resolver.For(members[1])).ShouldBe(new MemberProblem(
            "InvalidConfig",
            "MCPExternalAuthConfig \"a.b\" and \"a-b\" need the same variable TOOLHIVE_HEADER_INJECTION_VALUE_A_B; rename one"));
        // One that no backend uses is in nobody's way.
        (With("{}", dash, dot) with { Members = [members[1]] }).Resolver().For(members[1]).Problem.ShouldBeNull();
        // A bearer token is sent as a header, so it needs the same variable.
        (With("{}", dash, Read.Auth("a.b", "{type: bearerToken, bearerToken: {tokenSecretRef: {name: s, key: k}}}")) with { Members = members })
            .Resolver().For(members[1]).Problem!.Reason.ShouldBe("InvalidConfig");
    }

    [Fact]
    public void A_verdict_about_this_generation_counts_and_an_older_one_does_not()
    {
        const string Spec = "{type: unauthenticated}";
        const string Verdict = "conditions: [{type: Valid, status: 'False', reason: ValidationFailed, message: not today}]";

        Problem(With("{}", Read.Auth("a", Spec, $"{{observedGeneration: 2, {Verdict}}}")).Resolver().For("x", "a"))
            .ShouldBe(new MemberProblem("InvalidConfig", "MCPExternalAuthConfig \"a\": not today"));
        With("{}", Read.Auth("a", Spec, $"{{observedGeneration: 1, {Verdict}}}")).Resolver().For("x", "a").Problem.ShouldBeNull();
    }

    private static Facts With(string outgoingAuth, params MCPExternalAuthConfig[] configs) => new()
    {
        Gateway = Read.Gateway($"{{metadata: {{name: hub, namespace: demo}}, spec: {{outgoingAuth: {outgoingAuth}}}}}"),
        Configs = configs,
        Secrets = Secrets,
    };

    private static Facts Upstreams(string[] names, MCPExternalAuthConfig config) => new()
    {
        Gateway = Read.Gateway(
            $"{{metadata: {{name: hub}}, spec: {{authServerConfig: {{issuer: 'https://i', upstreamProviders: [{string.Join(", ", names.Select(n => $"{{name: {n}, type: oidc}}"))}]}}}}}}"),
        Configs = [config],
        Secrets = Secrets,
    };

    private static MCPExternalAuthConfig HeaderConfig(string name, string secret = "s", string key = "k") => Read.Auth(
        name, $"{{type: headerInjection, headerInjection: {{headerName: X-Key, valueSecretRef: {{name: {secret}, key: {key}}}}}}}");

    private static MemberBackend Member(string name, string config) => new() { Kind = MemberKind.Server, Name = name, AuthConfigRef = config };

    private static string Ref(string name) => $"{{type: externalAuthConfigRef, externalAuthConfigRef: {{name: {name}}}}}";

    private static (AuthSource, string?) Told(ResolvedAuth auth)
    {
        auth.Problem.ShouldBeNull();
        return (auth.Source, auth.ConfigRef);
    }

    private static MemberProblem Problem(ResolvedAuth auth)
    {
        auth.Strategy.ShouldBeNull();
        return auth.Problem.ShouldNotBeNull();
    }
}
