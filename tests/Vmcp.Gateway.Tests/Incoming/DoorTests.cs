using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Incoming;
using Vmcp.Config.Model;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Incoming;

/// <summary>From <c>incomingAuth</c> to the door.</summary>
public sealed class DoorTests
{
    private const string Oidc = "incomingAuth: {type: oidc, oidc: {issuer: 'https://idp.test', audience: vmcp";

    private static readonly OidcConfig Least = new() { Issuer = "https://idp.test", Audience = "vmcp" };

    [Fact]
    public void Every_setting_reaches_the_door()
    {
        OidcOptions options = Options(new OidcConfig
        {
            Issuer = "https://idp.test/a",
            Audience = "vmcp",
            Resource = "https://gw.test/mcp",
            JwksUrl = "https://idp.test/keys",
            JwksFile = "/keys.json",
            JwksAuthTokenPath = "/token",
            IntrospectionUrl = "https://idp.test/introspect",
            ClientId = "gateway",
            ClientSecretEnv = "MINE",
            Scopes = ["openid"],
            RequiredScopes = ["mcp"],
            RequiredSubject = "system:serviceaccount:a:b",
            CaBundlePath = "/ca.pem",
            InsecureAllowHttp = true,
        }, ("MINE", "s3cret"));

        options.ShouldSatisfyAllConditions(
            o => o.Issuer.ShouldBe("https://idp.test/a"),
            o => o.Audience.ShouldBe("vmcp"),
            o => o.Resource.ShouldBe(new Uri("https://gw.test/mcp")),
            o => o.JwksUrl.ShouldBe(new Uri("https://idp.test/keys")),
            o => o.JwksFile.ShouldBe("/keys.json"),
            o => o.JwksAuthTokenPath.ShouldBe("/token"),
            o => o.IntrospectionUrl.ShouldBe(new Uri("https://idp.test/introspect")),
            o => o.ClientId.ShouldBe("gateway"),
            o => o.ClientSecret!.Reveal().ShouldBe("s3cret"),
            o => o.Scopes.ShouldBe(["openid"]),
            o => o.RequiredScopes.ShouldBe(["mcp"]),
            o => o.RequiredSubject.ShouldBe("system:serviceaccount:a:b"),
            o => o.KeysHttp.CaBundlePath.ShouldBe("/ca.pem"),
            o => o.IntrospectionHttp.CaBundlePath.ShouldBe("/ca.pem"),
            o => o.KeysHttp.AllowHttp.ShouldBeTrue(),
            o => o.IntrospectionHttp.AllowHttp.ShouldBeTrue());
    }

    [Fact]
    public void Private_addresses_are_closed_and_opened_one_by_one()
    {
        Options(Least).ShouldSatisfyAllConditions(
            o => o.KeysHttp.AllowPrivateAddresses.ShouldBeFalse(),
            o => o.IntrospectionHttp.AllowPrivateAddresses.ShouldBeFalse(),
            o => o.KeysHttp.AllowHttp.ShouldBeFalse());
        Options(Least with { JwksAllowPrivateIp = true }).ShouldSatisfyAllConditions(
            o => o.KeysHttp.AllowPrivateAddresses.ShouldBeTrue(), o => o.IntrospectionHttp.AllowPrivateAddresses.ShouldBeFalse());
        Options(Least with { ProtectedResourceAllowPrivateIp = true }).ShouldSatisfyAllConditions(
            o => o.KeysHttp.AllowPrivateAddresses.ShouldBeFalse(), o => o.IntrospectionHttp.AllowPrivateAddresses.ShouldBeTrue());
    }

    [Theory]
    [InlineData(null, "VMCP_OIDC_CLIENT_SECRET", "secret")]
    [InlineData(null, "TOOLHIVE_OIDC_CLIENT_SECRET", "secret")]
    [InlineData("MINE", "TOOLHIVE_OIDC_CLIENT_SECRET", "secret")]
    [InlineData("MINE", "MINE", "secret")]
    [InlineData("MINE", "VMCP_OIDC_CLIENT_SECRET", null)]
    [InlineData(null, "MINE", null)]
    public void The_client_secret_comes_from_its_variable_or_the_older_one(string? named, string set, string? secret) =>
        (Options(Least with { ClientId = "c", ClientSecretEnv = named }, (set, "secret")).ClientSecret?.Reveal()).ShouldBe(secret);

    [Theory]
    [InlineData(null, "vmcp", null)]
    [InlineData(null, "https://gw.test/mcp", "https://gw.test/mcp")]
    [InlineData("https://gw.test/mcp", "vmcp", "https://gw.test/mcp")]
    [InlineData(null, "urn:vmcp", null)]
    public void The_resource_is_the_audience_when_that_is_a_url(string? written, string audience, string? resource) =>
        (IncomingDoor.ResourceOf(Least with { Resource = written, Audience = audience })?.OriginalString).ShouldBe(resource);

    [Theory]
    [InlineData("anonymous", "anonymous")]
    [InlineData("local", "local")]
    public async Task Without_proof_everybody_is_one_caller(string type, string shown)
    {
        GatewayConfig config = new() { IncomingAuth = new IncomingAuthConfig { Type = type == "local" ? IncomingAuthType.Local : IncomingAuthType.Anonymous } };

        IIncomingAuth door = IncomingDoor.Open(config, _ => null, TimeProvider.System, NullLoggerFactory.Instance);

        door.Report.Type.ShouldBe(shown);
        door.Resource.ShouldBeNull();
        Admission.Admitted admitted = (await door.AdmitAsync(["Bearer whatever"], CancellationToken.None)).ShouldBeOfType<Admission.Admitted>();
        admitted.Caller.Token.ShouldBeNull("a header nobody checked is no proof");
        admitted.Caller.Principal.Subject.ShouldBe(type == "local" ? Environment.UserName : "anonymous");
    }

    [Theory]
    [InlineData("incomingAuth: {type: local}", "incomingAuth.type")]
    [InlineData(Oidc + "}}", "incomingAuth.type")]
    public async Task The_kind_of_proof_cannot_change_while_the_gateway_runs(string edit, string field)
    {
        await using TestWorld world = await TestWorld.StartAsync();

        await world.EditAsync(w => w.Block(edit));

        (await RefusedAsync(world)).ShouldContain(field + ": cannot change while the gateway runs; restart it");
    }

    [Theory]
    [InlineData("requiredScopes: [mcp]")]
    [InlineData("jwksFile: /keys.json")]
    [InlineData("audience: other")]
    public async Task Nothing_of_the_provider_can_change_while_the_gateway_runs(string edit)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Block(Oidc + "}}"));
        string before = await File.ReadAllTextAsync(world.ConfigPath, TestContext.Current.CancellationToken);

        await world.WriteFileAsync(edit.StartsWith("audience", StringComparison.Ordinal)
            ? before.Replace("audience: vmcp", edit, StringComparison.Ordinal)
            : before.Replace("audience: vmcp", "audience: vmcp, " + edit, StringComparison.Ordinal));

        (await RefusedAsync(world)).ShouldContain("incomingAuth.oidc: cannot change while the gateway runs; restart it");
    }

    private static async Task<string> RefusedAsync(TestWorld world) => (await Eventually.ReadsAsync(
        async () => (await world.StatusAsync()).GetProperty("config"), c => c.TryGetProperty("last_reload_error", out JsonElement _), "the edit is refused"))
        .GetProperty("last_reload_error").GetString()!;

    private static OidcOptions Options(OidcConfig oidc, params (string Name, string Value)[] env) =>
        IncomingDoor.OptionsOf(oidc, name => env.Where(e => e.Name == name).Select(e => e.Value).FirstOrDefault());
}
