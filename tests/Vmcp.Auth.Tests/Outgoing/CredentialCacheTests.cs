using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

public sealed class CredentialCacheTests : IAsyncDisposable
{
    private readonly CacheBench _bench = new();

    [Fact]
    public async Task A_thousand_calls_of_one_user_are_one_request()
    {
        for (int i = 0; i < 1000; i++)
            (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe("token 1");

        _bench.Issued.ShouldBe(1);
    }

    [Fact]
    public async Task Those_who_come_at_once_wait_for_the_same_request_and_one_who_leaves_disturbs_nobody()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken given = default;
        _bench.Issuer = async (number, token) =>
        {
            given = token;
            await go.Task;
            return new Issue<string>.Granted($"token {number}", null);
        };
        using CancellationTokenSource impatience = new();

        Task<KeptCredential<string>> first = _bench.GetAsync(CacheBench.User("ada"), cancellationToken: impatience.Token);
        Task<KeptCredential<string>>[] others = [.. Enumerable.Range(0, 100).Select(_ => _bench.GetAsync(CacheBench.User("ada")))];
        await Eventually.BecomesAsync(() => _bench.Issued == 1, "the request is on its way");
        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        given.IsCancellationRequested.ShouldBeFalse();
        go.SetResult();

        (await Task.WhenAll(others)).ShouldAllBe(k => k.Value == "token 1");
        _bench.Issued.ShouldBe(1);
    }

    [Fact]
    public async Task Another_user_token_backend_or_audience_is_another_request()
    {
        string[] all =
        [
            (await _bench.GetAsync(CacheBench.User("ada"))).Value,
            (await _bench.GetAsync(CacheBench.User("eve"))).Value,
            (await _bench.GetAsync(new Caller(new Principal("https://other.test", "ada"), CacheBench.User("ada").Token))).Value,
            (await _bench.GetAsync(CacheBench.User("ada", "a refreshed token"))).Value,
            (await _bench.GetAsync(CacheBench.User("ada"), CacheBench.Backend("wiki"))).Value,
            (await _bench.GetAsync(CacheBench.User("ada"), CacheBench.Backend(audience: "https://wiki.test"))).Value,
        ];

        all.Distinct().Count().ShouldBe(6);
        (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe(all[0]);
    }

    [Theory]
    [InlineData(3600, null, 3240)]
    [InlineData(200, null, 170)]
    [InlineData(20, null, 0)]
    [InlineData(0, null, 0)]
    [InlineData(86_400, null, 3600)]
    [InlineData(null, null, 300)]
    [InlineData(3600, 60, 60)]
    [InlineData(null, 10, 10)]
    [InlineData(3600, -5, 0)]
    public void A_lifetime_has_a_margin_and_never_outlives_the_subject(int? said, int? subject, int expected)
    {
        DateTimeOffset now = _bench.Time.GetUtcNow();

        CredentialLimits.Lifetime(now, said is { } s ? now.AddSeconds(s) : null, subject is { } e ? now.AddSeconds(e) : null)
            .ShouldBe(TimeSpan.FromSeconds(expected));
    }

    [Fact]
    public async Task A_credential_in_use_is_renewed_in_the_background_before_it_ends()
    {
        _bench.Lifetime = TimeSpan.FromSeconds(1000); // used for 900
        await _bench.GetAsync(CacheBench.User("ada"));
        _bench.Time.Advance(TimeSpan.FromSeconds(600));
        await _bench.GetAsync(CacheBench.User("ada"));
        _bench.Issued.ShouldBe(1);

        _bench.Time.Advance(TimeSpan.FromSeconds(250));
        TaskCompletionSource<Issue<string>> renewal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Issuer = (_, _) => renewal.Task;
        for (int i = 0; i < 100; i++)
            (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe("token 1", "nobody waits for the renewal");
        await Eventually.BecomesAsync(() => _bench.Issued == 2, "one renewal");
        renewal.SetResult(new Issue<string>.Granted("renewed", null));

        await Eventually.BecomesAsync(async () => (await _bench.GetAsync(CacheBench.User("ada"))).Value == "renewed", "the new one");
        _bench.Issued.ShouldBe(2);
    }

    [Fact]
    public async Task A_failed_renewal_costs_nobody_the_credential_and_is_not_tried_with_each_call()
    {
        _bench.Lifetime = TimeSpan.FromSeconds(1000);
        await _bench.GetAsync(CacheBench.User("ada"));
        _bench.Time.Advance(TimeSpan.FromSeconds(850));
        _bench.Issuer = static (_, _) => Task.FromResult<Issue<string>>(new Issue<string>.Denied(CacheBench.Refusal));

        await _bench.GetAsync(CacheBench.User("ada"));
        await Eventually.BecomesAsync(() => _bench.Issued == 2, "one renewal");
        for (int i = 0; i < 50; i++)
            (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe("token 1");
        _bench.Issued.ShouldBe(2);

        _bench.Time.Advance(TimeSpan.FromSeconds(51));
        await Should.ThrowAsync<CredentialException>(_bench.GetAsync(CacheBench.User("ada")));
    }

    [Fact]
    public async Task What_ends_with_the_subject_token_is_not_renewed_over_and_over()
    {
        _bench.Lifetime = TimeSpan.FromHours(1);
        Caller ada = CacheBench.User("ada", expires: _bench.Time.GetUtcNow().AddSeconds(100));
        await _bench.GetAsync(ada);

        for (int i = 0; i < 99; i++)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await _bench.GetAsync(ada);
        }

        _bench.Issued.ShouldBe(1);
    }

    [Theory]
    [InlineData(901)]
    [InlineData(100_000)]
    public async Task An_ended_credential_is_never_used(int seconds)
    {
        _bench.Lifetime = TimeSpan.FromSeconds(1000);
        await _bench.GetAsync(CacheBench.User("ada"));

        _bench.Time.Advance(TimeSpan.FromSeconds(seconds));

        (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe("token 2");
    }

    [Fact]
    public async Task A_clock_that_is_set_back_lengthens_no_life()
    {
        _bench.Lifetime = TimeSpan.FromSeconds(1000);
        await _bench.GetAsync(CacheBench.User("ada"));
        _bench.Time.Advance(TimeSpan.FromSeconds(600));

        _bench.Time.Wrong = TimeSpan.FromSeconds(-600);
        _bench.Time.Advance(TimeSpan.FromSeconds(301));

        (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe("token 2");
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_is_believed()
    {
        _bench.Lifetime = TimeSpan.FromSeconds(1000);
        await _bench.GetAsync(CacheBench.User("ada"));

        _bench.Time.Wrong = TimeSpan.FromSeconds(901);

        (await _bench.GetAsync(CacheBench.User("ada"))).Value.ShouldBe("token 2");
    }

    [Fact]
    public async Task A_refusal_is_remembered_for_five_seconds()
    {
        _bench.Issuer = static (_, _) => Task.FromResult<Issue<string>>(new Issue<string>.Denied(CacheBench.Refusal));
        for (int i = 0; i < 10; i++)
            (await Should.ThrowAsync<CredentialException>(_bench.GetAsync(CacheBench.User("ada")))).Reason.ShouldBe("cannot be called: refused");
        _bench.Issued.ShouldBe(1);

        _bench.Time.Advance(TimeSpan.FromSeconds(5));

        await Should.ThrowAsync<CredentialException>(_bench.GetAsync(CacheBench.User("ada")));
        _bench.Issued.ShouldBe(2);
    }

    [Fact]
    public async Task A_request_that_never_ends_is_given_up_at_its_own_deadline()
    {
        _bench.Issuer = static async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException("never");
        };

        Task<KeptCredential<string>> waiting = _bench.GetAsync(CacheBench.User("ada"));
        await Eventually.BecomesAsync(() => _bench.Issued == 1, "on its way");
        _bench.Time.Advance(TimeSpan.FromSeconds(30));

        (await Should.ThrowAsync<CredentialException>(waiting)).Reason.ShouldContain("did not answer in time");
    }

    [Fact]
    public async Task A_bug_of_an_issuer_is_one_failure_without_its_text()
    {
        _bench.Issuer = static (_, _) => throw new InvalidOperationException("canary");

        CredentialException failure = await Should.ThrowAsync<CredentialException>(_bench.GetAsync(CacheBench.User("ada")));

        failure.ToString().ShouldNotContain("canary");
    }

    [Fact]
    public async Task A_hundred_refusals_of_one_credential_are_one_new_request()
    {
        KeptCredential<string>[] used = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _bench.GetAsync(CacheBench.User("ada"))));

        string[] retried = await Task.WhenAll(used.Select(async kept =>
        {
            kept.Refused().ShouldBeTrue();
            return (await _bench.GetAsync(CacheBench.User("ada"))).Value;
        }));

        retried.ShouldAllBe(t => t == "token 2");
        _bench.Issued.ShouldBe(2);
    }

    [Fact]
    public async Task An_old_credential_that_is_refused_late_costs_nobody_the_new_one()
    {
        KeptCredential<string> old = await _bench.GetAsync(CacheBench.User("ada"));
        old.Refused().ShouldBeTrue();
        KeptCredential<string> next = await _bench.GetAsync(CacheBench.User("ada"));
        _bench.Time.Advance(TimeSpan.FromSeconds(20));

        old.Refused().ShouldBeTrue();

        (await _bench.GetAsync(CacheBench.User("ada"))).ShouldBe(next);
    }

    [Fact]
    public async Task A_backend_that_refuses_everything_costs_one_request_in_ten_seconds()
    {
        for (int second = 0; second < 60; second++)
        {
            for (int call = 0; call < 10; call++)
            {
                if ((await _bench.GetAsync(CacheBench.User("ada"))).Refused())
                    (await _bench.GetAsync(CacheBench.User("ada"))).Refused().ShouldBeFalse("the second refusal in a row changes nothing");
            }

            _bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        _bench.Issued.ShouldBe(7);
    }

    [Fact]
    public async Task The_longest_unused_go_when_it_is_full()
    {
        await using CacheBench bench = new(new CredentialLimits { Capacity = 100 });
        for (int i = 0; i < 100; i++)
        {
            await bench.GetAsync(CacheBench.User($"user {i}"));
            bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await bench.GetAsync(CacheBench.User("user 0"));
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        for (int i = 100; i < 1000; i++)
        {
            await bench.GetAsync(CacheBench.User($"user {i}"));
            await bench.GetAsync(CacheBench.User("user 0"));
            bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            bench.Cache.Count.ShouldBeLessThanOrEqualTo(100);
        }

        bench.Issued.ShouldBe(1000, "user 0 was never thrown out");
        await bench.GetAsync(CacheBench.User("user 1"));
        bench.Issued.ShouldBe(1001);
    }

    [Fact]
    public async Task What_is_over_does_not_stay_in_memory()
    {
        _bench.Lifetime = TimeSpan.FromSeconds(1000);
        for (int i = 0; i < 50; i++)
            await _bench.GetAsync(CacheBench.User($"user {i}"));
        _bench.Cache.Count.ShouldBe(50);

        _bench.Time.Advance(TimeSpan.FromSeconds(1000));

        await Eventually.BecomesAsync(() => _bench.Cache.Count == 0, "swept");
    }

    [Fact]
    public async Task The_end_of_the_gateway_ends_what_is_on_its_way()
    {
        CacheBench bench = new();
        bench.Issuer = static async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException("never");
        };
        Task<KeptCredential<string>> waiting = bench.GetAsync(CacheBench.User("ada"));
        await Eventually.BecomesAsync(() => bench.Issued == 1, "on its way");

        await bench.DisposeAsync();

        (await Should.ThrowAsync<CredentialException>(waiting)).Reason.ShouldContain("stopping");
    }

    [Fact]
    public void A_caller_without_a_token_has_no_key() =>
        Should.Throw<ArgumentException>(() => CredentialKey.Of(Caller.Anonymous, CacheBench.Backend()));

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
