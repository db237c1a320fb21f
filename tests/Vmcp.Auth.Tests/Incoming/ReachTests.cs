using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.Core.Status;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>Where the door goes for keys, and where it does not.</summary>
[Trait("Threat", "8.4 SSRF")]
public sealed class ReachTests
{
    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data", "must not be dialled")]
    [InlineData("http://[fd00:ec2::254]/keys", "must not be dialled")]
    [InlineData("http://[::ffff:169.254.169.254]/keys", "must not be dialled")]
    [InlineData("file:///etc/passwd", "is not https")]
    [InlineData("ftp://127.0.0.1/keys", "is not https")]
    [InlineData("not a url", "without a usable jwks_uri")]
    [InlineData("http://user:password@127.0.0.1/keys", "without a usable jwks_uri")]
    public async Task A_discovery_document_leads_nowhere_else(string keys, string trouble)
    {
        await using Door door = await Door.OpenAsync(o => o with { KeysHttp = o.KeysHttp with { AllowHttp = true } }, before: provider => provider.Override(
            AuthKind.Discovery, new AuthAnswer(200, $$"""{"issuer":"{{provider.Issuer.OriginalString}}","jwks_uri":"{{keys}}"}""")));

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();

        door.Auth.Report.Trouble.ShouldNotBeNull().ShouldContain(trouble);
        door.Auth.Report.Trouble.ShouldNotContain(keys);
    }

    [Fact]
    public async Task A_provider_at_a_private_address_is_not_asked_unless_that_is_allowed()
    {
        await using Door door = await Door.OpenAsync(o => o with { KeysHttp = o.KeysHttp with { AllowPrivateAddresses = false } });

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();

        door.Provider.Requests.ShouldBeEmpty();
        door.Auth.Report.ShouldSatisfyAllConditions(
            r => r.Keys.ShouldBe(KeysState.None), r => r.Trouble.ShouldBe("incomingAuth.oidc.issuer: the provider is not asked: its host leads to an address that must not be dialled."));
    }

    [Theory]
    [InlineData(AuthKind.Discovery)]
    [InlineData(AuthKind.Keys)]
    public async Task A_redirect_is_not_followed(AuthKind kind)
    {
        await using TestAuthorizationServer other = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);
        await using Door door = await Door.OpenAsync(before: provider => provider.Override(
            kind, new AuthAnswer(307) { Headers = [("Location", other.JwksUrl.OriginalString)] }));

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();

        other.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"issuer":7}""")]
    public async Task What_is_no_discovery_document_gives_no_keys(string body)
    {
        await using Door door = await Door.OpenAsync(before: provider => provider.Override(AuthKind.Discovery, new AuthAnswer(200, body)));

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
    }

    [Fact]
    public async Task A_provider_that_has_only_the_oauth_document_is_found_by_that()
    {
        await using Door door = await Door.OpenAsync(before: provider => provider.Override(
            AuthKind.Discovery, request => request.Path.Contains("openid", StringComparison.Ordinal) ? new AuthAnswer(404) : null));

        await door.AdmitAsync(door.Provider.Token("alice"));

        door.Provider.RequestsOf(AuthKind.Discovery).Select(r => r.Path)
            .ShouldBe(["/realm/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/realm"]);
    }

    [Fact]
    public async Task A_provider_of_a_private_authority_is_trusted_by_its_bundle_alone()
    {
        using TempFile bundle = new("");
        await using Door trusting = await Door.OpenAsync(
            o => o with { KeysHttp = o.KeysHttp with { CaBundlePath = bundle.Path } }, o => o.Https = true, p => bundle.Write(p.CertificatePem!));
        await trusting.AdmitAsync(trusting.Provider.Token("alice"));

        await using Door strange = await Door.OpenAsync(server: o => o.Https = true);
        (await strange.KnockAsync(strange.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
        strange.Auth.Report.Trouble.ShouldBe("incomingAuth.oidc.issuer: the provider failed the TLS handshake.");
    }

    [Fact]
    public async Task An_answer_without_end_is_cut()
    {
        await using Door door = await Door.OpenAsync(before: provider => provider.Override(AuthKind.Keys, new AuthAnswer(200, new string(' ', IdentityHttp.MaxBody + 1))));

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
    }
}
