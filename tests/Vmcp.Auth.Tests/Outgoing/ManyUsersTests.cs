using System.Collections.Concurrent;

using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Outgoing;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

/// <summary>Many callers of one backend over a real token endpoint.</summary>
public sealed class ManyUsersTests : IAsyncLifetime
{
    private static readonly CredentialLimits Bounds = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private TestAuthorizationServer _idp = null!;

    [Fact]
    [Trait("Scenario", "OAUTH-05")]
    public async Task A_thousand_calls_of_one_user_cause_one_exchange()
    {
        await using OutgoingAuth auth = new(new OutgoingOptions { Time = _time, AttemptTimeout = TimeSpan.FromMinutes(1) });
        Caller ada = User("ada");

        string?[] sent = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => SignAsync(auth, ada)));

        sent.Distinct().Count().ShouldBe(1);
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "OAUTH-05")]
    public async Task Two_hundred_users_at_once_cause_two_hundred_exchanges_never_more_at_a_time_than_the_bound()
    {
        _idp.Delay = TimeSpan.FromMilliseconds(50);
        await using OutgoingAuth auth = new(new OutgoingOptions { Time = _time, AttemptTimeout = TimeSpan.FromMinutes(2) });
        Caller[] users = [.. Enumerable.Range(0, 200).Select(i => User($"user-{i}"))];

        string?[] sent = await Task.WhenAll(users.SelectMany(u => Enumerable.Repeat(u, 5)).Select(u => SignAsync(auth, u)));

        for (int i = 0; i < sent.Length; i++)
            SubjectOf(sent[i]).ShouldBe($"user-{i / 5}");
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(200);
        _idp.MaxInFlight.ShouldBeLessThanOrEqualTo(Bounds.InFlight);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Scenario", "OAUTH-05")]
    [Trait("Threat", "8.2 Confused deputy")]
    public async Task Two_users_never_see_each_others_token_whatever_happens_in_between(int seed)
    {
        // Few places, so that eviction takes part; fake time runs, so that expiry, renewal and remembered refusals do; some tokens are refused.
        await using OutgoingAuth auth = new(new OutgoingOptions { Time = _time, Limits = new CredentialLimits { Capacity = 8 }, AttemptTimeout = TimeSpan.FromMinutes(2) });
        _idp.Options.Lifetime = TimeSpan.FromSeconds(120);
        int requests = 0;
        using IDisposable moody = _idp.Override(AuthKind.Token, request =>
            (Interlocked.Increment(ref requests) % 13) switch
            {
                5 => AuthAnswer.Error("invalid_grant"),
                9 => new AuthAnswer(503),
                _ => null,
            });
        ConcurrentBag<string> wrong = [];
        int right = 0;
        using CancellationTokenSource done = new();
        Task clock = RunClockAsync(done.Token);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(worker => Task.Run(async () =>
        {
            Random dice = new((seed * 1000) + worker);
            for (int step = 0; step < 40; step++)
            {
                string name = $"user-{dice.Next(10)}";
                string backend = $"backend-{dice.Next(2)}";
                Caller caller = User(name, dice.Next(3));
                using CancellationTokenSource impatience = dice.Next(5) == 0 ? new(TimeSpan.FromMilliseconds(dice.Next(3))) : new();
                using HttpRequestMessage request = new(HttpMethod.Post, "http://127.0.0.1:9/mcp");
                try
                {
                    IIssuedCredential? credential = await auth.SignAsync(request, Backend(backend), caller, impatience.Token);
                    if (SubjectOf(request.Headers.Authorization?.ToString()) != name || AudienceOf(request.Headers.Authorization?.ToString()) != backend)
                        wrong.Add($"{name} at {backend} got {request.Headers.Authorization}");
                    Interlocked.Increment(ref right);
                    if (dice.Next(4) == 0)
                        credential!.Refused();
                }
                catch (Exception e) when (e is CredentialException or OperationCanceledException)
                {
                    request.Headers.Authorization.ShouldBeNull("no credential means none");
                }
            }
        })));
        await done.CancelAsync();
        await clock;

        wrong.ShouldBeEmpty();
        right.ShouldBeGreaterThan(100);
    }

    public async ValueTask InitializeAsync() => _idp = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);

    public async ValueTask DisposeAsync() => await _idp.DisposeAsync();

    // Fast, so that lifetimes of minutes pass within the test.
    private async Task RunClockAsync(CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await Task.Delay(5, CancellationToken.None);
            _time.Advance(TimeSpan.FromMilliseconds(400));
        }
    }

    private Caller User(string name, int token = 0)
    {
        string text = _tokens.GetOrAdd((name, token), key => _idp.Token(key.Name, lifetime: TimeSpan.FromDays(1)));
        return CacheBench.User(name, text);
    }

    private readonly ConcurrentDictionary<(string Name, int Token), string> _tokens = new();

    private Backend Backend(string name = "jira") => new()
    {
        Name = name,
        Url = new Uri("http://127.0.0.1:9/mcp"),
        Strategy = new TokenExchangeStrategy
        {
            TokenUrl = _idp.TokenUrl,
            Client = new ClientCredential("gateway", new Secret("gateway-secret-7f3a")),
            Audience = name,
        },
    };

    private async Task<string?> SignAsync(OutgoingAuth auth, Caller caller)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "http://127.0.0.1:9/mcp");
        await auth.SignAsync(request, Backend(), caller, CancellationToken.None);
        return request.Headers.Authorization?.ToString();
    }

    private string? SubjectOf(string? authorization) => (string?)_idp.ClaimsOf(authorization!["Bearer ".Length..])?["sub"];

    private string? AudienceOf(string? authorization) => (string?)_idp.ClaimsOf(authorization!["Bearer ".Length..])?["aud"];
}
