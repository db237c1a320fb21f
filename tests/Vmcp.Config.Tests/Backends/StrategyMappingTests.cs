using Vmcp.Config.Backends;
using Vmcp.Config.Reading;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Tests.Backends;

/// <summary>What a configuration says of a strategy reaches the gateway, field by field.</summary>
public sealed class StrategyMappingTests
{
    private const string Oidc = "incomingAuth: {type: oidc, oidc: {issuer: 'https://i.example', audience: vmcp}}\n";

    [Fact]
    public void Token_exchange_comes_with_every_field()
    {
        Strategy strategy = One(
            """
            type: token_exchange
            tokenExchange:
              tokenUrl: https://idp.example/token
              clientId: gateway
              clientSecretEnv: SECRET
              audience: https://jira.example
              resource: https://jira.example/mcp
              scopes: [write, read]
              subjectTokenType: id_token
              subjectProviderName: okta
            """,
            ("SECRET", "s3cret"));

        strategy.ShouldBe(new TokenExchangeStrategy
        {
            TokenUrl = new Uri("https://idp.example/token"),
            Client = new ClientCredential("gateway", new Secret("s3cret")),
            Audience = "https://jira.example",
            Resource = "https://jira.example/mcp",
            Scope = "read write",
            SubjectTokenType = "urn:ietf:params:oauth:token-type:id_token",
            SubjectProviderName = "okta",
        });
        strategy.Needs.ShouldNotBeNull().ShouldContain("\"okta\"");
    }

    [Fact]
    public void Token_exchange_needs_no_more_than_its_address()
    {
        Strategy strategy = One("type: token_exchange\ntokenExchange: {tokenUrl: 'http://127.0.0.1:9/token', clientId: public}");

        strategy.ShouldBe(new TokenExchangeStrategy { TokenUrl = new Uri("http://127.0.0.1:9/token"), Client = new ClientCredential("public", null) });
        strategy.Needs.ShouldBeNull();
    }

    [Fact]
    [Trait("Scenario", "OAUTH-05")]
    public void Order_of_scopes_makes_no_difference() =>
        One("type: token_exchange\ntokenExchange: {tokenUrl: 'https://i/t', scopes: [b, a]}")
            .ShouldBe(One("type: token_exchange\ntokenExchange: {tokenUrl: 'https://i/t', scopes: [a, b]}"));

    [Fact]
    public void Xaa_comes_with_every_field() => One(
        """
        type: xaa
        xaa:
          idpTokenUrl: https://idp.example/token
          idpClientId: at-idp
          idpClientSecretEnv: IDP
          targetTokenUrl: http://target.example/token
          insecureTargetTokenUrl: true
          targetClientId: at-target
          targetClientSecret: direct
          targetAudience: https://target.example
          targetResource: https://target.example/mcp
          scopes: [b, a]
          subjectTokenType: urn:ietf:params:oauth:token-type:id_token
        """,
        ("IDP", "from-env")).ShouldBe(new XaaStrategy
        {
            IdpTokenUrl = new Uri("https://idp.example/token"),
            IdpClient = new ClientCredential("at-idp", new Secret("from-env")),
            TargetTokenUrl = new Uri("http://target.example/token"),
            TargetIsInsecure = true,
            TargetClient = new ClientCredential("at-target", new Secret("direct")),
            TargetAudience = "https://target.example",
            TargetResource = "https://target.example/mcp",
            Scope = "a b",
        });

    [Fact]
    public void Aws_sts_comes_with_every_field_and_its_defaults()
    {
        One("type: aws_sts\nawsSts: {region: eu-central-1, fallbackRoleArn: 'arn:aws:iam::123456789012:role/r'}").ShouldBe(new AwsStsStrategy
        {
            Region = "eu-central-1",
            FallbackRoleArn = "arn:aws:iam::123456789012:role/r",
        });
        One("""
            type: aws_sts
            awsSts:
              region: us-east-1
              service: bedrock
              roleMappings:
                - {claim: admins, roleArn: 'arn:aws:iam::123456789012:role/a', priority: 1}
                - {matcher: '"x" in claims.groups', roleArn: 'arn:aws:iam::123456789012:role/b'}
              roleClaim: roles
              sessionDuration: 900
              sessionNameClaim: email
              subjectProviderName: okta
            """).ShouldBe(new AwsStsStrategy
        {
            Region = "us-east-1",
            Service = "bedrock",
            RoleMappings =
            [
                new RoleMapping("admins", null, "arn:aws:iam::123456789012:role/a", 1),
                new RoleMapping(null, "\"x\" in claims.groups", "arn:aws:iam::123456789012:role/b", null),
            ],
            RoleClaim = "roles",
            SessionDuration = TimeSpan.FromMinutes(15),
            SessionNameClaim = "email",
            SubjectProviderName = "okta",
        });
    }

    [Theory]
    [Trait("Scenario", "OAUTH-06")]
    [InlineData("type: upstream_inject\nupstreamInject: {providerName: okta}", "upstream provider \"okta\"")]
    [InlineData("type: obo\nobo: {tokenUrl: 'https://i/t', clientId: c, clientSecret: s, audience: a}", "on-behalf-of")]
    public void What_nothing_here_can_apply_is_served_and_says_what_it_needs(string strategy, string needs)
    {
        Strategy mapped = One(strategy);

        mapped.Needs.ShouldNotBeNull().ShouldContain(needs);
        mapped.HasCredential.ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, "the environment variable SECRET is not set")]
    [InlineData("", "the environment variable SECRET is empty")]
    [InlineData("$(TOOLHIVE_GONE)", "the environment variable SECRET refers to another one that is not set; does its Secret exist?")]
    [InlineData("s3cret\n", "the secret of clientId holds control characters (a line break at its end, perhaps)")]
    public void A_backend_whose_client_secret_is_missing_is_left_out_and_never_served_without(string? value, string why)
    {
        MappedBackends mapped = Map(
            "type: token_exchange\ntokenExchange: {tokenUrl: 'https://i/t', clientId: c, clientSecretEnv: SECRET}",
            value is null ? [] : [("SECRET", value)]);

        mapped.Backends.Backends.ShouldBeEmpty();
        string problem = mapped.Problems.ShouldHaveSingleItem().ToString();
        problem.ShouldBe($"vmcp.yaml:7: outgoingAuth.backends.a.tokenExchange: backend \"a\" cannot be served: {why}");
        problem.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("{fallbackRoleArn: 'arn:aws:iam::123456789012:role/r'}", "region: required for aws_sts")]
    [InlineData("{region: eu-west-1.evil.example/, fallbackRoleArn: 'arn:aws:iam::123456789012:role/r'}", "region: \"eu-west-1.evil.example/\" is not an AWS region")]
    [InlineData("{region: eu-west-1}", "needs fallbackRoleArn or at least one of roleMappings")]
    [InlineData("{region: eu-west-1, roleMappings: [{matcher: claims.x =, roleArn: 'arn:aws:iam::123456789012:role/r'}]}", "roleMappings[0].matcher: character 10: \"=\" means nothing here")]
    [InlineData("{region: eu-west-1, roleMappings: [{roleArn: 'arn:aws:iam::123456789012:role/r'}]}", "roleMappings[0]: needs exactly one of claim and matcher")]
    public void A_backend_of_AWS_with_something_wrong_is_not_served_whoever_took_the_document(string block, string why) =>
        Map($"type: aws_sts\nawsSts: {block}").Problems.ShouldHaveSingleItem().Message.ShouldBe($"backend \"a\" cannot be served: {why}");

    [Theory]
    [InlineData("http://idp.example/token")]
    [InlineData("https://user:pass@idp.example/token")]
    [InlineData("https://idp.example/token#x")]
    [InlineData("ftp://idp.example/token")]
    [InlineData("idp.example/token")]
    public void A_token_never_goes_to_an_address_that_is_not_safe(string url)
    {
        string strategy = $"type: token_exchange\ntokenExchange: {{tokenUrl: '{url}'}}";

        Map(strategy).Problems.ShouldHaveSingleItem().Message.ShouldBe("backend \"a\" cannot be served: tokenUrl is no https URL without user and fragment");
        Samples.Report(Yaml(Oidc, strategy)).ShouldContain(p => p.Contains("tokenExchange.tokenUrl: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "anonymous")]
    [InlineData("incomingAuth: {type: anonymous}\n", "anonymous")]
    [InlineData("incomingAuth: {type: local}\n", "local")]
    public void A_credential_made_of_the_callers_token_cannot_work_where_callers_have_none(string incoming, string word)
    {
        ConfigResult read = ConfigReader.Read(Yaml(incoming, "type: token_exchange\ntokenExchange: {tokenUrl: 'https://i/t'}"), "vmcp.yaml");

        MappedBackends mapped = BackendMapping.ToBackends(read.Config.ShouldNotBeNull(), Samples.Env(), source: read.Source);

        mapped.Backends.Backends.ShouldBeEmpty();
        ConfigProblem problem = mapped.Problems.ShouldHaveSingleItem();
        problem.Path.ShouldBe("outgoingAuth.backends.a.type");
        problem.Message.ShouldBe(
            $"backend \"a\" cannot be served: token_exchange makes its credential from the caller's token, and with incomingAuth {word} no caller has one");
        problem.Remedy.ShouldNotBeNull().ShouldContain("oidc");
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/path")]
    [InlineData("https://a.example/#x")]
    public void A_resource_is_an_absolute_URI(string resource) =>
        Samples.Report(Yaml(Oidc, $"type: token_exchange\ntokenExchange: {{tokenUrl: 'https://i/t', resource: '{resource}'}}"))
            .ShouldContain(p => p.Contains("tokenExchange.resource: ", StringComparison.Ordinal));

    private static Strategy One(string strategy, params (string, string)[] env)
    {
        MappedBackends mapped = Map(strategy, env);
        mapped.Problems.ShouldBeEmpty();
        return mapped.Backends.Backends.ShouldHaveSingleItem().Strategy;
    }

    private static MappedBackends Map(string strategy, params (string, string)[] env)
    {
        ConfigResult read = ConfigReader.Read(Yaml(Oidc, strategy), "vmcp.yaml");
        return BackendMapping.ToBackends(read.Config.ShouldNotBeNull(), Samples.Env(env), source: read.Source);
    }

    private static string Yaml(string incoming, string strategy) =>
        incoming + "backends: [{name: a, url: 'http://a/mcp'}]\noutgoingAuth:\n  backends:\n    a:\n"
        + string.Join('\n', strategy.Split('\n').Select(l => "      " + l));
}
