using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Outgoing;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Tests.Outgoing;

/// <summary>A cache over an issuer that a test plays.</summary>
internal sealed class CacheBench : IAsyncDisposable
{
    private readonly OutgoingMetrics _metrics = new();
    private int _issued;

    public CacheBench(CredentialLimits? limits = null) =>
        Cache = new CredentialCache<string>(limits ?? new CredentialLimits(), Time, _metrics, NullLogger.Instance);

    public WallClock Time { get; } = new();

    public CredentialCache<string> Cache { get; }

    /// <summary>How often the issuer was asked.</summary>
    public int Issued => Volatile.Read(ref _issued);

    /// <summary>What the issuer says; it is given the number of the question.</summary>
    public Func<int, CancellationToken, Task<Issue<string>>> Issuer { get; set; }
        = static (number, _) => Task.FromResult<Issue<string>>(new Issue<string>.Granted($"token {number}", null));

    /// <summary>The issuer's lifetime from now on.</summary>
    public TimeSpan Lifetime
    {
        set => Issuer = (number, _) => Task.FromResult<Issue<string>>(new Issue<string>.Granted($"token {number}", Time.GetUtcNow() + value));
    }

    public static CredentialTrouble Refusal { get; } =
        new("cannot be called: refused", FailureCategory.AuthenticationFailed, "invalid_grant") { Remember = TimeSpan.FromSeconds(5) };

    public static Caller User(string name, string? token = null, DateTimeOffset? expires = null) => new(
        new Principal("https://idp.test", name), new SubjectToken(new Secret(token ?? $"subject token of {name}"), JsonSerializer.SerializeToElement(new { sub = name }), expires));

    public static Backend Backend(string name = "jira", string audience = "https://jira.test") => new()
    {
        Name = name,
        Url = new Uri("http://127.0.0.1:9/mcp"),
        Strategy = new TokenExchangeStrategy { TokenUrl = new Uri("http://127.0.0.1:9/token"), Audience = audience },
    };

    public async Task<KeptCredential<string>> GetAsync(Caller caller, Backend? backend = null, CancellationToken cancellationToken = default) =>
        await Cache.GetAsync(
            CredentialKey.Of(caller, backend ?? Backend()), caller.Token, token => Issuer(Interlocked.Increment(ref _issued), token), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        _metrics.Dispose();
    }
}

/// <summary>A clock on the wall that can be set, beside one that cannot.</summary>
internal sealed class WallClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    public TimeSpan Wrong { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Wrong;

    // The base makes it of the wall's time.
    public override long GetTimestamp() => base.GetTimestamp() - Wrong.Ticks;
}
