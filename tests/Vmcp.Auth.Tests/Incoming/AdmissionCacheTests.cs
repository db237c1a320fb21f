using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Incoming;
using Vmcp.Auth.Incoming.Tokens;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>What is remembered of tokens, and how much.</summary>
public sealed class AdmissionCacheTests
{
    private static readonly Admission Yes = new Admission.Admitted(Caller.Anonymous);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_verdict_holds_until_its_end_and_for_its_keys()
    {
        AdmissionCache cache = new(100, _time);
        object keys = new(), newer = new();
        cache.Add(Key(1), keys, Yes, _time.GetUtcNow().AddMinutes(1), 10);

        cache.TryGet(Key(1), keys, out Admission? found).ShouldBeTrue();
        found.ShouldBeSameAs(Yes);
        cache.TryGet(Key(1), newer, out _).ShouldBeFalse();
        cache.TryGet(Key(2), keys, out _).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        cache.TryGet(Key(1), keys, out _).ShouldBeFalse();
    }

    [Fact]
    public void It_never_holds_more_than_its_bound_and_keeps_what_is_used()
    {
        AdmissionCache cache = new(100, _time);
        for (int i = 0; i < 10_000; i++)
        {
            cache.Add(Key(i), null, Yes, DateTimeOffset.MaxValue, 10);
            if (i > 0)
                cache.TryGet(Key(0), null, out _).ShouldBeTrue($"after {i} others");
            cache.Count.ShouldBeLessThanOrEqualTo(100);
        }
    }

    [Fact]
    public void Large_tokens_fill_it_sooner()
    {
        AdmissionCache cache = new(10_000, _time);
        for (int i = 0; i < 5000; i++)
            cache.Add(Key(i), null, Yes, DateTimeOffset.MaxValue, BearerHeader.MaxToken);

        cache.Count.ShouldBeLessThanOrEqualTo((int)(AdmissionCache.MaxCharacters / BearerHeader.MaxToken) + 2);
    }

    [Fact]
    public void The_key_of_a_token_is_its_own()
    {
        TokenKey.Of("abc").ShouldBe(TokenKey.Of("abc"));
        Enumerable.Range(0, 1000).Select(Key).Distinct().Count().ShouldBe(1000);
    }

    private static TokenKey Key(int number) => TokenKey.Of($"token-{number}");
}
