using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Vmcp.Auth.Outgoing;

/// <summary>
/// Numbers about credentials (OpenTelemetry naming). Labels are words of fixed sets: nothing a user, a backend or an issuer wrote becomes one.
/// </summary>
internal sealed class OutgoingMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Vmcp.Auth.Outgoing";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _cache;

    /// <summary>Makes the instruments.</summary>
    public OutgoingMetrics()
    {
        _duration = _meter.CreateHistogram(
            "vmcp.token_exchange.duration", "s", "Time a request for a credential took, retries included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] });
        _active = _meter.CreateUpDownCounter<long>("vmcp.token_exchange.active", "{request}", "Requests for a credential in flight.");
        _cache = _meter.CreateCounter<long>("vmcp.token_cache", "{lookup}", "Look-ups of credentials by result: hit, miss, shared, refused.");
    }

    /// <summary>The meter, for tests that listen to this one alone.</summary>
    public Meter Meter => _meter;

    /// <summary>Somebody asked the cache.</summary>
    /// <param name="result"><c>hit</c>, <c>miss</c> (begins a request), <c>shared</c> (joins one) or <c>refused</c> (remembered).</param>
    public void CacheAsked(string result) => _cache.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>A request for a credential begins.</summary>
    /// <param name="step">Which of the fixed requests, for example <c>token_exchange</c>.</param>
    public void Begin(string step) => _active.Add(1, new KeyValuePair<string, object?>("step", step));

    /// <summary>It ended.</summary>
    /// <param name="step">As at the beginning.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="errorType">Why it failed, of a fixed set; null when it did not.</param>
    public void End(string step, TimeSpan elapsed, string? errorType)
    {
        _active.Add(-1, new KeyValuePair<string, object?>("step", step));
        TagList tags = new() { { "step", step } };
        if (errorType is not null)
            tags.Add("error.type", errorType);
        _duration.Record(elapsed.TotalSeconds, tags);
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();
}
