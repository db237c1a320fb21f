using Vmcp.Auth.Incoming;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>Where keys come from, and what happens when they change or the provider is away.</summary>
public sealed class KeyTests
{
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_token_of_new_keys_comes_in_at_once()
    {
        await using Door door = await Door.OpenAsync();
        string old = door.Provider.Token("alice");
        await door.AdmitAsync(old);
        door.Time.Advance(Floor);

        door.Provider.RotateKeys();

        await door.AdmitAsync(door.Provider.Token("alice"));
        (await door.RefuseAsync(old)).ShouldBe("The token is signed by a key that does not count.");
    }

    [Fact]
    public async Task A_flood_of_unknown_keys_costs_one_fetch_per_half_minute()
    {
        await using Door door = await Door.OpenAsync();
        await door.AdmitAsync(door.Provider.Token("alice"));
        door.Time.Advance(Floor);

        string[] flood = [.. Enumerable.Range(0, 50).Select(_ => door.Provider.Token("mallory", tweak: TokenTweak.UnknownKeyId))];
        await Task.WhenAll(flood.Select(door.RefuseAsync));
        await Task.WhenAll(flood.Select(door.RefuseAsync));

        door.Provider.Count(AuthKind.Keys).ShouldBe(2);
        await door.AdmitAsync(door.Provider.Token("alice"));
    }

    [Fact]
    public async Task A_key_that_came_during_a_flood_is_known_half_a_minute_later_without_another_request()
    {
        await using Door door = await Door.OpenAsync();
        await door.AdmitAsync(door.Provider.Token("alice"));
        await door.RefuseAsync(door.Provider.Token("mallory", tweak: TokenTweak.UnknownKeyId));
        door.Provider.RotateKeys();
        string token = door.Provider.Token("alice");
        await door.RefuseAsync(token);

        await Eventually.BecomesAsync(
            async () =>
            {
                door.Time.Advance(TimeSpan.FromSeconds(5));
                await Task.Yield();
                return door.Provider.Count(AuthKind.Keys) > 1;
            },
            "the keys are fetched again");

        await Eventually.BecomesAsync(async () => await door.KnockAsync(token) is Admission.Admitted, "the new key counts");
    }

    [Fact]
    public async Task A_key_that_left_the_set_counts_no_longer_than_a_quarter_of_an_hour()
    {
        await using Door door = await Door.OpenAsync();
        string token = door.Provider.Token("alice");
        await door.AdmitAsync(token);
        door.Provider.RotateKeys();
        await door.AdmitAsync(token);

        door.Time.Advance(TimeSpan.FromMinutes(15));

        await Eventually.BecomesAsync(async () => await door.KnockAsync(token) is Admission.Challenged, "the key has no effect any more");
    }

    [Fact]
    public async Task The_same_token_gives_the_same_answer_without_being_judged_again()
    {
        await using Door door = await Door.OpenAsync();
        string[] header = ["Bearer " + door.Provider.Token("alice")];
        Admission first = await door.HeaderAsync(header);

        bool same = true;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            same &= ReferenceEquals(first, await door.Auth.AdmitAsync(header, CancellationToken.None));
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        same.ShouldBeTrue();
        each.ShouldBeLessThan(64);
    }

    [Fact]
    public async Task While_the_provider_is_down_the_last_good_keys_count_for_a_day()
    {
        await using Door door = await Door.OpenAsync();
        await door.AdmitAsync(door.Provider.Token("alice"));
        using IDisposable down = door.Provider.Override(AuthKind.Discovery, new AuthAnswer(503));
        for (int i = 0; i < 23; i++)
        {
            door.Time.Advance(TimeSpan.FromHours(1));
            await door.AdmitAsync(door.Provider.Token("alice"));
        }

        door.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1));

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
    }

    [Fact]
    public async Task A_provider_that_is_down_at_the_start_is_503_and_is_found_when_it_is_back()
    {
        await using Door door = await Door.OpenAsync(before: provider => provider.Fail(503, times: 3, AuthKind.Discovery));
        string token = door.Provider.Token("alice");

        Admission.Away away = (await door.KnockAsync(token)).ShouldBeOfType<Admission.Away>();
        away.RetryAfter.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        (await door.RefuseAsync(door.Provider.Token("alice", tweak: TokenTweak.AlgNone))).ShouldContain("does not count");

        await Eventually.BecomesAsync(
            async () =>
            {
                door.Time.Advance(TimeSpan.FromSeconds(1));
                return await door.KnockAsync(token) is Admission.Admitted;
            },
            "the provider is back");
        door.Provider.Count(AuthKind.Discovery).ShouldBe(4);
    }

    [Fact]
    public async Task A_key_nobody_knows_while_the_provider_is_down_is_503_and_not_a_reason_to_log_in()
    {
        await using Door door = await Door.OpenAsync();
        Caller alice = await door.AdmitAsync(door.Provider.Token("alice"));
        using IDisposable down = door.Provider.Override(AuthKind.Keys, new AuthAnswer(503));
        door.Time.Advance(Floor);
        door.Provider.RotateKeys();

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
        (await door.AdmitAsync(alice.Token!.Value.Reveal())).Principal.ShouldBe(alice.Principal);
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_five_seconds_for_keys()
    {
        await using Door door = await Door.OpenAsync(before: provider => provider.Hold(AuthKind.Discovery));
        Task<Admission> waiting = door.KnockAsync(door.Provider.Token("alice"));

        await Eventually.BecomesAsync(
            () =>
            {
                door.Time.Advance(TimeSpan.FromSeconds(1));
                return waiting.IsCompleted;
            },
            "the request is answered");

        (await waiting).ShouldBeOfType<Admission.Away>();
    }

    [Theory]
    [InlineData("https://elsewhere.example")]
    [InlineData("slash")]
    public async Task A_document_of_another_issuer_gives_no_keys(string claimed)
    {
        await using Door door = await Door.OpenAsync(
            before: provider => provider.Options.ClaimedIssuer = claimed == "slash" ? provider.Issuer.OriginalString + "/" : claimed);

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
        door.Provider.Count(AuthKind.Keys).ShouldBe(0);
    }

    [Fact]
    public async Task Keys_of_a_written_url_need_no_discovery()
    {
        TestAuthorizationServer? provider = null;
        await using Door door = await Door.OpenAsync(o => o with { JwksUrl = provider!.JwksUrl }, before: p => provider = p);

        await door.AdmitAsync(door.Provider.Token("alice"));
        door.Provider.Count(AuthKind.Discovery).ShouldBe(0);
    }

    [Fact]
    public async Task The_token_for_keys_goes_to_discovery_and_keys_and_is_read_again_each_time()
    {
        using TempFile file = new("first-token\n");
        await using Door door = await Door.OpenAsync(o => o with { JwksAuthTokenPath = file.Path });
        await door.AdmitAsync(door.Provider.Token("alice"));
        door.Provider.Requests.Select(r => r.Header("Authorization")).ShouldBe(["Bearer first-token", "Bearer first-token"]);

        file.Write("second-token");
        door.Time.Advance(Floor);
        await door.RefuseAsync(door.Provider.Token("alice", tweak: TokenTweak.UnknownKeyId));

        door.Provider.Requests.Select(r => r.Header("Authorization")).Skip(2).ShouldBe(["Bearer second-token", "Bearer second-token"]);
    }

    [Fact]
    public async Task Keys_may_come_from_a_file_that_changes()
    {
        using TempFile file = new("");
        await using Door door = await Door.OpenAsync(o => o with { JwksFile = file.Path }, before: p => file.Write(p.KeySet));
        string old = door.Provider.Token("alice");
        await door.AdmitAsync(old);

        door.Provider.RotateKeys();
        file.Write(door.Provider.KeySet);
        door.Time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.BecomesAsync(async () => await door.KnockAsync(old) is Admission.Challenged, "the old key is gone");
        await door.AdmitAsync(door.Provider.Token("alice"));
        door.Provider.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("""{"kty":null,"use":null,"kid":null}""")]
    [InlineData("""{"kty":"RSA","n":5,"e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","n":"","e":""}""")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}""")]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB","x5c":"none","key_ops":"verify","oth":[1]}""")]
    public async Task A_key_of_a_kind_nobody_knows_takes_no_other_key_away(string odd)
    {
        using TempFile file = new("");
        await using Door door = await Door.OpenAsync(o => o with { JwksFile = file.Path }, before: p => file.Write(p.KeySet.Replace("[", $"[{odd},", StringComparison.Ordinal)));

        await door.AdmitAsync(door.Provider.Token("alice"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a","alg":"HS256"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"!","y":"!","kid":"a"}]}""")]
    public async Task A_file_without_a_usable_key_lets_nobody_in(string content)
    {
        using TempFile file = new(content);
        await using Door door = await Door.OpenAsync(o => o with { JwksFile = file.Path });

        (await door.KnockAsync(door.Provider.Token("alice"))).ShouldBeOfType<Admission.Away>();
    }
}
