using System.Diagnostics.Metrics;

namespace Vmcp.Auth.Incoming;

/// <summary>
/// Numbers about who comes in (OpenTelemetry naming). Labels are words of fixed sets: nothing a client or a provider wrote becomes one.
/// </summary>
internal sealed class IncomingMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Vmcp.Auth.Incoming";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _keys;
    private readonly Counter<long> _introspections;

    /// <summary>Makes the instruments.</summary>
    public IncomingMetrics()
    {
        _requests = Meter.CreateCounter<long>("vmcp.incoming_auth.requests", "{request}", "Requests by what became of their proof: known, admitted, challenged, forbidden, away.");
        _keys = Meter.CreateCounter<long>("vmcp.incoming_auth.key_fetches", "{fetch}", "Fetches of the provider's keys by result: ok, failed.");
        _introspections = Meter.CreateCounter<long>("vmcp.incoming_auth.introspections", "{request}", "Questions about opaque tokens by result: active, inactive, failed.");
    }

    /// <summary>The meter, for tests that listen to this one alone.</summary>
    public Meter Meter { get; } = new(MeterName);

    /// <summary>A request came whose token was judged before.</summary>
    public void Known() => Add(_requests, "known");

    /// <summary>A request's proof was judged.</summary>
    public void Judged(Admission admission) => Add(_requests, admission switch
    {
        Admission.Admitted => "admitted",
        Admission.Challenged => "challenged",
        Admission.Forbidden => "forbidden",
        _ => "away",
    });

    /// <summary>The provider was asked for its keys.</summary>
    public void KeysFetched(bool ok) => Add(_keys, ok ? "ok" : "failed");

    /// <summary>The provider was asked about an opaque token.</summary>
    /// <param name="active">What it said; null when it did not say.</param>
    public void Introspected(bool? active) => Add(_introspections, active switch { true => "active", false => "inactive", null => "failed" });

    /// <inheritdoc />
    public void Dispose() => Meter.Dispose();

    private static void Add(Counter<long> counter, string result) => counter.Add(1, new KeyValuePair<string, object?>("result", result));
}
