using System.Security.Cryptography;

using BenchmarkDotNet.Attributes;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.Auth.Outgoing;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Sessions;
using Vmcp.TestKit;

namespace Vmcp.Micro;

/// <summary>Who comes in, and as whom a backend is called; tokens and credentials are those that were seen before.</summary>
public class CredentialBenchmarks
{
    private readonly Backend _open = Make(Strategy.None);
    private readonly Backend _injected = Make(new HeaderInjectionStrategy("X-Api-Key", new Secret("s3cret")));
    private TestAuthorizationServer _provider = null!;
    private OidcAuth _door = null!;
    private OutgoingAuth _outgoing = null!;
    private Backend _exchanged = null!;
    private string[] _header = [];
    private Caller _caller = Caller.Anonymous;

    [GlobalSetup]
    public async Task SetUp()
    {
        _provider = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);
        _door = new OidcAuth(
            new OidcOptions
            {
                Issuer = _provider.Issuer.OriginalString,
                Audience = TestAuthorizationServer.DefaultAudience,
                KeysHttp = new IdentityHttpOptions { AllowPrivateAddresses = true },
            },
            TimeProvider.System,
            NullLogger<OidcAuth>.Instance);
        _outgoing = new OutgoingAuth();
        _header = ["Bearer " + _provider.Token("alice")];
        _exchanged = Make(new TokenExchangeStrategy
        {
            TokenUrl = _provider.TokenUrl,
            Client = new ClientCredential("gateway", new Secret("gateway-secret-7f3a")),
            Audience = "https://backend.test",
        });
        _caller = ((Admission.Admitted)await _door.AdmitAsync(_header, CancellationToken.None)).Caller;
        await Sign(_exchanged);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _outgoing.DisposeAsync();
        await _door.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Benchmark]
    public ValueTask<Admission> AdmitKnownToken() => _door.AdmitAsync(_header, CancellationToken.None);

    /// <summary>The request alone, which the next two make too.</summary>
    [Benchmark(Baseline = true)]
    public ValueTask<IIssuedCredential?> SignNothing() => Sign(_open);

    [Benchmark]
    public ValueTask<IIssuedCredential?> SignInjectedHeader() => Sign(_injected);

    [Benchmark]
    public ValueTask<IIssuedCredential?> SignKeptCredential() => Sign(_exchanged);

    private static Backend Make(Strategy strategy) => new() { Name = "b", Url = new Uri("http://127.0.0.1:9/mcp"), Strategy = strategy };

    private ValueTask<IIssuedCredential?> Sign(Backend backend) =>
        _outgoing.SignAsync(new HttpRequestMessage(HttpMethod.Post, backend.Url), backend, _caller, CancellationToken.None);
}

/// <summary>Session ids.</summary>
public class SessionIdBenchmarks
{
    private readonly Seal _seal = new(RandomNumberGenerator.GetBytes(32), "session id", "vmcp");
    private readonly SessionGrant _grant = SessionGrant.Issue(
        Principal.Anonymous, "2025-11-25", "{}"u8.ToArray(), """{"name":"micro","version":"1"}"""u8.ToArray(), DateTimeOffset.UtcNow);

    private string _id = "";

    [GlobalSetup]
    public void SetUp() => _id = _grant.ToId(_seal);

    [GlobalCleanup]
    public void CleanUp() => _seal.Dispose();

    [Benchmark]
    public string SealId() => _grant.ToId(_seal);

    [Benchmark]
    public SessionGrant? UnsealId() => SessionGrant.FromId(_id, _seal);
}
