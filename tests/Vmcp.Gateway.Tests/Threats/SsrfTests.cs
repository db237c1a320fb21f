using System.Net;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>Documents and answers that try to make the gateway dial a place of their choice. What the addresses are worth is judged in the tables of the core.</summary>
[Trait("Threat", "8.4 SSRF")]
public sealed class SsrfTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("keys.test", "127.0.0.1")]
    [InlineData("keys.test", "::ffff:127.0.0.1")]
    [InlineData("keys.test", "::127.0.0.1")]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.1", null)]
    [InlineData("2130706433", null)]
    [InlineData("0177.0.0.1", null)]
    [InlineData("0x7f000001", null)]
    [InlineData("[::ffff:127.0.0.1]", null)]
    [InlineData("[::ffff:7f00:1]", null)]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("localhost.", "127.0.0.1")]
    public async Task Keys_at_an_inner_address_are_not_fetched_however_it_is_spelled(string host, string? address)
    {
        await using TestAuthorizationServer provider = await ProviderAsync();
        string url = $"http://{host}:{provider.Issuer.Port}/realm/jwks";
        IdentityHttpOptions http = new()
        {
            AllowHttp = true,
            Retries = 0,
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address ?? "127.0.0.1")]),
        };
        await using OidcAuth closed = Door(provider, o => o with { JwksUrl = new Uri(url), KeysHttp = http });
        (await KnockAsync(closed, provider.Token("ada"))).ShouldBeOfType<Admission.Away>();
        provider.Requests.ShouldBeEmpty();
        // The same way is open once an administrator says that it may be: it was the guard that stood in it.
        if ((address ?? host).Contains(':', StringComparison.Ordinal))
            return; // an IPv6 form of an IPv4 address leads nowhere on this listener
        await using OidcAuth open = Door(provider, o => o with { JwksUrl = new Uri(url), KeysHttp = http with { AllowPrivateAddresses = true } });
        await EntersAsync(open, provider.Token("ada"));
    }

    [Fact]
    public async Task A_name_is_judged_anew_at_every_dial()
    {
        await using TestAuthorizationServer provider = await ProviderAsync();
        int asked = 0;
        IdentityHttpOptions http = new()
        {
            AllowHttp = true,
            Retries = 3,
            AttemptTimeout = TimeSpan.FromSeconds(1),
            // Public first, and nothing there that answers; then what a rebinding resolver says.
            Resolve = (_, _) => Task.FromResult<IPAddress[]>(Interlocked.Increment(ref asked) == 1 ? [] : [IPAddress.Loopback]),
        };
        await using OidcAuth door = Door(provider, o => o with { JwksUrl = new Uri($"http://keys.test:{provider.Issuer.Port}/realm/jwks"), KeysHttp = http });
        await Eventually.BecomesAsync(() => Volatile.Read(ref asked) > 1, "asked again");
        (await KnockAsync(door, provider.Token("ada"))).ShouldBeOfType<Admission.Away>();
        provider.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(AuthKind.Discovery, 301)]
    [InlineData(AuthKind.Discovery, 302)]
    [InlineData(AuthKind.Discovery, 307)]
    [InlineData(AuthKind.Keys, 302)]
    [InlineData(AuthKind.Keys, 308)]
    public async Task A_redirect_of_a_provider_is_not_followed(AuthKind kind, int status)
    {
        await using TestAuthorizationServer provider = await ProviderAsync();
        await using TestAuthorizationServer inner = await ProviderAsync();
        string location = (kind == AuthKind.Keys ? inner.JwksUrl : new Uri(inner.Issuer.OriginalString + "/.well-known/openid-configuration")).AbsoluteUri;
        using IDisposable redirect = provider.Override(kind, new AuthAnswer(status) { Headers = [("Location", location)] });
        await using OidcAuth door = Door(provider);
        (await KnockAsync(door, inner.Token("eve", claims: c => c["iss"] = provider.Issuer.OriginalString))).ShouldBeOfType<Admission.Away>();
        inner.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[fd00:ec2::254]/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/keys")]
    [InlineData("/realm/jwks")]
    [InlineData("http://evil:word@127.0.0.1:INNER/realm/jwks")]
    [InlineData("http://keys.test:INNER/realm/jwks")]
    [InlineData("")]
    public async Task A_key_set_somewhere_odd_is_not_fetched(string jwksUri)
    {
        await using TestAuthorizationServer provider = await ProviderAsync();
        await using TestAuthorizationServer inner = await ProviderAsync();
        string uri = jwksUri.Replace("INNER", $"{inner.Issuer.Port}", StringComparison.Ordinal);
        using IDisposable document = provider.Override(
            AuthKind.Discovery, new AuthAnswer(200, $$"""{"issuer":"{{provider.Issuer.OriginalString}}","jwks_uri":"{{uri}}"}"""));
        List<string> resolved = [];
        IdentityHttpOptions http = new()
        {
            AllowPrivateAddresses = true,
            Retries = 0,
            Resolve = (host, _) =>
            {
                lock (resolved)
                    resolved.Add(host);
                return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
            },
        };
        await using OidcAuth door = Door(provider, o => o with { KeysHttp = http });
        (await KnockAsync(door, inner.Token("eve", claims: c => c["iss"] = provider.Issuer.OriginalString))).ShouldBeOfType<Admission.Away>();
        inner.Requests.ShouldBeEmpty();
        provider.Count(AuthKind.Keys).ShouldBe(0);
        resolved.ShouldBeEmpty("plain http to another host needs leave of its own");
    }

    [Theory]
    [InlineData("https://idp.test")]
    [InlineData("ISSUER/")]
    [InlineData("")]
    public async Task A_document_of_another_issuer_is_not_believed(string claimed)
    {
        await using TestAuthorizationServer provider = await ProviderAsync();
        using IDisposable document = provider.Override(AuthKind.Discovery, _ => new AuthAnswer(
            200,
            $$"""{"issuer":"{{claimed.Replace("ISSUER", provider.Issuer.OriginalString, StringComparison.Ordinal)}}","jwks_uri":"{{provider.JwksUrl.OriginalString}}"}"""));
        await using OidcAuth door = Door(provider);
        (await KnockAsync(door, provider.Token("ada"))).ShouldBeOfType<Admission.Away>();
        provider.Count(AuthKind.Keys).ShouldBe(0);
    }

    [Theory]
    [InlineData(AuthKind.Discovery)]
    [InlineData(AuthKind.Keys)]
    public async Task An_oversized_document_is_refused(AuthKind kind)
    {
        await using TestAuthorizationServer provider = await ProviderAsync();
        string padding = new(' ', 2 << 20);
        string valid = kind == AuthKind.Keys
            ? """{"keys":[]"""
            : $$"""{"issuer":"{{provider.Issuer.OriginalString}}","jwks_uri":"{{provider.JwksUrl.OriginalString}}" """;
        using IDisposable large = provider.Override(kind, new AuthAnswer(200, valid + padding + "}"));
        await using OidcAuth door = Door(provider);
        (await KnockAsync(door, provider.Token("ada"))).ShouldBeOfType<Admission.Away>();
        if (kind == AuthKind.Discovery)
            provider.Count(AuthKind.Keys).ShouldBe(0);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_of_a_token_endpoint_takes_no_token_elsewhere(int status)
    {
        await using TestAuthorizationServer thief = await ProviderAsync();
        await using IdentityWorld identity = await IdentityWorld.StartAsync();
        using IDisposable redirect = identity.Provider.Override(AuthKind.Token, new AuthAnswer(status) { Headers = [("Location", thief.TokenUrl.AbsoluteUri)] });
        Front client = await identity.World.ConnectAsync(Eras.Modern, headers: IdentityWorld.As(identity.Token("ada")));
        foreach (string name in (string[])["exchange", "xaa"])
            (await client.CallToolAsync($"{name}_echo", """{"input":"x"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue(name);
        thief.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_backend_says_about_its_authorization_server_is_not_followed()
    {
        await using TestAuthorizationServer inner = await ProviderAsync();
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha"));
        world.Forgive("alpha");
        LegacyClient client = await world.LegacyAsync();
        world["alpha"].Behaviour = Behaviour.Status(
            401, "", "text/plain", ("WWW-Authenticate", $"Bearer resource_metadata=\"{inner.Issuer.OriginalString}/.well-known/oauth-protected-resource\""));
        (await client.CallToolAsync("alpha_echo", """{"input":"x"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        int seen = world["alpha"].Requests.Count;
        await Eventually.BecomesAsync(() => world["alpha"].Requests.Count > seen + 1, "probes");
        inner.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_stream_that_sends_its_messages_elsewhere_is_not_obeyed()
    {
        await using ScriptedBackend thief = await ScriptedBackend.StartAsync();
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.WaitForBackends = false;
            w.Backend("alpha", s =>
            {
                Eras.Apply(s, "http-sse");
                s.Tool("echo");
                s.EndpointData = _ => thief.Url.AbsoluteUri;
            });
        });
        world.Forgive("alpha");
        await world.HealthBecomesAsync("alpha", "unhealthy");
        thief.Requests.ShouldBeEmpty();
    }

    private static Task<TestAuthorizationServer> ProviderAsync() => TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);

    private static OidcAuth Door(TestAuthorizationServer provider, Func<OidcOptions, OidcOptions>? change = null)
    {
        OidcOptions options = new()
        {
            Issuer = provider.Issuer.OriginalString,
            Audience = TestAuthorizationServer.DefaultAudience,
            KeysHttp = new IdentityHttpOptions { AllowPrivateAddresses = true, Retries = 0 },
        };
        return new OidcAuth(change?.Invoke(options) ?? options, TimeProvider.System, NullLogger<OidcAuth>.Instance);
    }

    private static async Task<Admission> KnockAsync(OidcAuth door, string token) =>
        await door.AdmitAsync(["Bearer " + token], CancellationToken.None).AsTask().WaitAsync(Soon);

    private static async Task EntersAsync(OidcAuth door, string token) => (await KnockAsync(door, token)).ShouldBeOfType<Admission.Admitted>();
}
