using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Incoming;
using Vmcp.Auth.Incoming.Keys;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>JSON that parses but holds what is no text: anybody can send it, so it must not get further than the door.</summary>
public sealed class BrokenTextTests
{
    private const string Header = """{"alg":"ES256","kid":"k"}""";

    [Theory]
    [InlineData("""{"alg":"\ud83d"}""", "{}")]
    [InlineData("""{"alg":"ES256","kid":"\udc00x"}""", "{}")]
    [InlineData("""{"alg":"ES256","typ":"\ud83d"}""", "{}")]
    [InlineData("{\"alg\":\"ES\u00ff\"}", "{}")]
    [InlineData("{\"\u00ff\":1,\"alg\":\"ES256\"}", "{}")]
    [InlineData(Header, """{"typ":"\ud83d"}""")]
    [InlineData(Header, """{"iss":"\ud83d","sub":"x"}""")]
    [InlineData(Header, """{"a":{"b":["\ud83d"]}}""")]
    [InlineData(Header, """{"\ud83d":1,"\ud83e":2}""")]
    [InlineData(Header, "{\"sub\":\"\u00ff\"}")]
    [Trait("Threat", "8.6 Header and body smuggling")]
    public async Task A_token_that_holds_no_text_is_refused_like_any_other(string header, string payload)
    {
        await using Door door = await Door.OpenAsync();

        (await door.KnockAsync($"{Part(header)}.{Part(payload)}.AAAA")).ShouldBeOfType<Admission.Challenged>().Error.ShouldBe("invalid_token");
    }

    [Theory]
    [InlineData("""{"keys":[{"kty":"\ud83d"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","kid":"\ud83d"}]}""")]
    [InlineData("""{"\ud83d":1}""")]
    public void A_key_set_that_holds_no_text_holds_no_keys(string document)
    {
        KeySetReader.Read(Encoding.UTF8.GetBytes(document), out string? problem).ShouldBeNull();

        problem.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_fetch_that_gives_up_by_itself_is_not_the_end_of_all_fetches()
    {
        FakeTimeProvider time = new();
        GivesUpOnce source = new();
        using IncomingMetrics metrics = new();
        await using KeyRing ring = new(source, time, metrics, NullLogger.Instance);

        await Eventually.BecomesAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return source.Fetches > 1;
            },
            "the keys are fetched again");
    }

    [Fact]
    [Trait("Threat", "8.7 Leaks in logs, errors, telemetry")]
    public async Task A_defect_is_logged_with_its_place_and_without_the_providers_words()
    {
        FakeTimeProvider time = new();
        Lines lines = new();
        using IncomingMetrics metrics = new();
        await using (KeyRing ring = new(new GivesUpOnce(), time, metrics, lines))
            await Eventually.BecomesAsync(() => lines.All.Length > 0, "the defect is logged");

        lines.All[0].ShouldContain(nameof(GivesUpOnce));
        lines.All[0].ShouldContain(typeof(OperationCanceledException).FullName!);
        lines.All.ShouldAllBe(l => !l.Contains("accord"));
    }

    // Latin-1, so that a test can write bytes that are no UTF-8.
    private static string Part(string json) => Base64Url.EncodeToString(Encoding.Latin1.GetBytes(json));

    private sealed class GivesUpOnce : IKeySource
    {
        private int _fetches;

        public int Fetches => Volatile.Read(ref _fetches);

        public TimeSpan Interval => TimeSpan.FromMinutes(5);

        public TimeSpan Floor => TimeSpan.FromSeconds(1);

        public Task<KeyFetch> FetchAsync(CancellationToken cancellationToken) => Interlocked.Increment(ref _fetches) == 1
            ? throw new OperationCanceledException("of its own accord")
            : Task.FromResult<KeyFetch>(new KeyFetch.Failed("There is nothing."));

        public void Dispose()
        {
        }
    }

    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<string> _all = new();

        public string[] All => [.. _all];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _all.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
