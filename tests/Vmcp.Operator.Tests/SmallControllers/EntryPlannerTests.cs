using Vmcp.Operator.Planning;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.SmallControllers;

public sealed class EntryPlannerTests
{
    private const string Full = """
        remoteUrl: https://docs.example.com/mcp
        transport: streamable-http
        groupRef: {name: eng}
        externalAuthConfigRef: {name: docs-auth}
        caBundleRef: {configMapRef: {name: corp-ca, key: bundle.pem}}
        headerForward:
          addHeadersFromSecret:
          - {headerName: X-Api-Key, valueSecretRef: {name: docs, key: apiKey}}
        """;

    private static readonly EntryFacts All = new()
    {
        Group = Given.Group("Ready"),
        AuthConfigExists = true,
        Secrets = Names.Map<SecretFacts>().Add("docs", Given.Secret("apiKey", "user")),
        ConfigMaps = Names.Map<ConfigMapFacts>().Add("corp-ca", Given.ConfigMap("bundle.pem")),
    };

    [Fact]
    public void All_found_makes_the_entry_valid()
    {
        SmallPlan plan = Plan(Full, All);

        plan.StatusFields.ToJsonString().ShouldBe("""{"observedGeneration":7,"phase":"Valid"}""");
        plan.Conditions.Select(c => $"{c.Type}={c.Status}/{c.Reason}").ShouldBe(
        [
            "CABundleRefValidated=True/CABundleRefValid",
            "ExternalAuthConfigValidated=True/AuthConfigValid",
            "GroupRefValidated=True/GroupRefIsValid",
            "HeaderSecretRefsValidated=True/HeaderSecretsValid",
            "RemoteURLValidated=True/RemoteURLValid",
            "Valid=True/ConfigValid",
        ]);
    }

    [Fact]
    public void What_is_not_used_is_said_so_and_header_secrets_are_not_mentioned() =>
        Plan("remoteUrl: https://docs.example.com/mcp\ntransport: sse\ngroupRef: {name: eng}", All)
            .Conditions.Select(c => $"{c.Type}={c.Status}/{c.Reason}").ShouldBe(
            [
                "CABundleRefValidated=True/CABundleRefNotConfigured",
                "ExternalAuthConfigValidated=True/AuthConfigNotConfigured",
                "GroupRefValidated=True/GroupRefIsValid",
                "RemoteURLValidated=True/RemoteURLValid",
                "Valid=True/ConfigValid",
            ]);

    [Fact]
    public void A_missing_group_is_named() =>
        Fails(Full, All with { Group = null }, "GroupRefValidated", "GroupRefNotFound", "spec.groupRef: there is no MCPGroup \"eng\" in this namespace");

    [Theory]
    [InlineData("Pending", "its phase is Pending")]
    [InlineData("Failed", "its phase is Failed")]
    [InlineData("", "its phase is not set yet")]
    public void A_group_that_is_not_ready_is_waited_for(string phase, string said) =>
        Fails(Full, All with { Group = Given.Group(phase) }, "GroupRefValidated", "GroupRefNotReady", said);

    [Fact]
    public void A_missing_auth_config_is_named() =>
        Fails(Full, All with { AuthConfigExists = false }, "ExternalAuthConfigValidated", "AuthConfigNotFound", "no MCPExternalAuthConfig \"docs-auth\"");

    [Fact]
    public void A_missing_bundle_is_named() =>
        Fails(
            Full, All with { ConfigMaps = Names.Map<ConfigMapFacts>() }, "CABundleRefValidated", "CABundleRefNotFound", "no ConfigMap \"corp-ca\"");

    [Fact]
    public void A_missing_key_of_a_bundle_is_named_with_those_there_are() =>
        Fails(
            Full,
            All with { ConfigMaps = Names.Map<ConfigMapFacts>().Add("corp-ca", Given.ConfigMap("z.pem", "ca.crt")) },
            "CABundleRefValidated",
            "CABundleRefNotFound",
            "ConfigMap \"corp-ca\" has no key \"bundle.pem\"; keys found: ca.crt, z.pem");

    [Fact]
    public void A_missing_header_secret_is_named() =>
        Fails(
            Full,
            All with { Secrets = Names.Map<SecretFacts>() },
            "HeaderSecretRefsValidated",
            "HeaderSecretNotFound",
            "spec.headerForward.addHeadersFromSecret[0].valueSecretRef: there is no Secret \"docs\" in this namespace");

    [Fact]
    public void A_missing_key_of_a_header_secret_is_named_with_those_there_are() =>
        Fails(
            Full,
            All with { Secrets = Names.Map<SecretFacts>().Add("docs", Given.Secret("user", "password")) },
            "HeaderSecretRefsValidated",
            "HeaderSecretNotFound",
            "Secret \"docs\" has no key \"apiKey\"; keys found: password, user");

    [Fact]
    public void A_blocked_url_is_refused_with_the_reason() =>
        Fails(
            "remoteUrl: http://169.254.169.254/mcp\ntransport: sse\ngroupRef: {name: eng}",
            All,
            "RemoteURLValidated",
            "RemoteURLInvalid",
            "spec.remoteUrl: the host 169.254.169.254 is a link-local address");

    [Fact]
    public void A_private_url_is_allowed_by_the_entry_itself()
    {
        const string Private = "remoteUrl: http://10.1.2.3/mcp\ntransport: sse\ngroupRef: {name: eng}\n";
        Plan(Private, All).StatusFields["phase"]!.GetValue<string>().ShouldBe("Failed");
        Plan(Private + "allowPrivateEndpoint: true", All).StatusFields["phase"]!.GetValue<string>().ShouldBe("Valid");
    }

    [Fact]
    public void All_that_is_wrong_is_in_the_message_of_valid()
    {
        PlannedCondition valid = Plan(Full.Replace("docs.example.com", "localhost", StringComparison.Ordinal), new EntryFacts()).Condition("Valid")!;

        foreach (string said in (string[])["localhost", "MCPGroup \"eng\"", "docs-auth", "corp-ca", "Secret \"docs\""])
            valid.Message.ShouldContain(said);
    }

    private static SmallPlan Plan(string spec, EntryFacts facts) => EntryPlanner.Plan(Given.Object(ResourcesJson.Default.MCPServerEntry, spec), facts);

    private static void Fails(string spec, EntryFacts facts, string type, string reason, string said)
    {
        SmallPlan plan = Plan(spec, facts);

        plan.StatusFields["phase"]!.GetValue<string>().ShouldBe("Failed");
        PlannedCondition condition = plan.Condition(type).ShouldNotBeNull();
        condition.Status.ShouldBe("False");
        condition.Reason.ShouldBe(reason);
        condition.Message.ShouldContain(said);
        plan.Condition("Valid").ShouldNotBeNull().Reason.ShouldBe("ConfigInvalid");
        plan.Condition("Valid")!.Message.ShouldContain(said);
        plan.Conditions.Count(c => c.Status == "False").ShouldBe(2);
    }
}
