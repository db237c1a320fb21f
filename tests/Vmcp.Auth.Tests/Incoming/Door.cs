using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>A door of type oidc before an authorization server, both on one clock that the test moves.</summary>
internal sealed class Door : IAsyncDisposable
{
    public const string Audience = TestAuthorizationServer.DefaultAudience;

    private Door(TestAuthorizationServer provider, OidcAuth auth, FakeTimeProvider time) => (Provider, Auth, Time) = (provider, auth, time);

    public TestAuthorizationServer Provider { get; }

    public OidcAuth Auth { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>Starts both.</summary>
    /// <param name="options">Changes the options of the door.</param>
    /// <param name="server">Changes those of the provider.</param>
    /// <param name="before">Happens to the provider before the door asks for keys.</param>
    public static async Task<Door> OpenAsync(
        Func<OidcOptions, OidcOptions>? options = null,
        Action<AuthorizationServerOptions>? server = null,
        Action<TestAuthorizationServer>? before = null)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        TestAuthorizationServer provider = await TestAuthorizationServer.StartAsync(o =>
        {
            o.Time = time;
            o.Algorithms = ["ES256"]; // finding primes is what takes the time of a test
            server?.Invoke(o);
        });
        before?.Invoke(provider);
        // No retries: they would wait for the clock that the test moves.
        IdentityHttpOptions http = new() { AllowPrivateAddresses = true, Retries = 0 };
        OidcOptions plain = new() { Issuer = provider.Issuer.OriginalString, Audience = Audience, KeysHttp = http, IntrospectionHttp = http };
        return new Door(provider, new OidcAuth(options?.Invoke(plain) ?? plain, time, NullLogger<OidcAuth>.Instance), time);
    }

    /// <summary>What comes of a request with this token.</summary>
    public Task<Admission> KnockAsync(string token) => HeaderAsync("Bearer " + token);

    /// <summary>What comes of a request with these header fields.</summary>
    public async Task<Admission> HeaderAsync(params string?[] fields) => await Auth.AdmitAsync(fields, TestContext.Current.CancellationToken);

    /// <summary>The caller of a token that comes in.</summary>
    public async Task<Caller> AdmitAsync(string token) => (await KnockAsync(token)).ShouldBeOfType<Admission.Admitted>().Caller;

    /// <summary>The description a token is refused with.</summary>
    public async Task<string> RefuseAsync(string token)
    {
        Admission.Challenged challenged = (await KnockAsync(token)).ShouldBeOfType<Admission.Challenged>();
        challenged.Error.ShouldBe("invalid_token");
        return challenged.Description.ShouldNotBeNull();
    }

    public async ValueTask DisposeAsync()
    {
        await Auth.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
