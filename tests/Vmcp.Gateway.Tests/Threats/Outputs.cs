using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>
/// Everything a gateway says besides its answers: log lines, what its status paths show, and metrics with their tags. Tests look for planted
/// secrets in all of it.
/// </summary>
internal sealed class Outputs : IDisposable
{
    /// <summary>The one secret that one path is there to tell: where tokens come from.</summary>
    public const string ProviderAddress = "provider address";

    private static readonly string[] Paths =
    [
        "/status", "/health", "/readyz", "/api/backends/health", "/api/catalog", "/dashboard", "/.well-known/oauth-protected-resource", "/no/such/path",
    ];

    private readonly ConcurrentQueue<string> _measured = new();
    private readonly ConcurrentQueue<string> _answers = new();
    private readonly MeterListener _listener = new();

    /// <summary>Listens to every instrument of the process from now on, those of other tests too: nobody may put a secret into a tag.</summary>
    public Outputs()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith("System.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(Note);
        _listener.SetMeasurementEventCallback<int>(Note);
        _listener.SetMeasurementEventCallback<double>(Note);
        _listener.Start();
    }

    /// <summary>Measurements so far.</summary>
    public int Measured => _measured.Count;

    /// <summary>Keeps something a client was told, with where it came from.</summary>
    public void Told(string where, string text) => _answers.Enqueue($"{where}: {text}");

    /// <summary>Looks for secrets in all of it.</summary>
    /// <returns>One line per find, which names the place and the secret.</returns>
    public async Task<IReadOnlyList<string>> FindAsync(TestWorld world, IReadOnlyDictionary<string, string> secrets)
    {
        _listener.RecordObservableInstruments();
        List<(string Place, string Text)> all = [.. world.Logs.All.Select(l => ("log", l)), .. _measured.Select(m => ("metric", m)), .. _answers.Select(a => ("answer", a))];
        foreach (string path in Paths)
        {
            using HttpResponseMessage response = await world.GetAsync(path);
            all.Add((path, response.Headers + await response.Content.ReadAsStringAsync()));
        }

        return
        [
            .. from place in all
               from secret in secrets
               where !(secret.Key == ProviderAddress && place.Place.StartsWith("/.well-known/", StringComparison.Ordinal))
               where place.Text.Contains(secret.Value, StringComparison.OrdinalIgnoreCase)
               select $"{secret.Key} in {place.Place}: {(place.Text.Length > 600 ? place.Text[..600] + "..." : place.Text)}",
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        string text = $"{instrument.Meter.Name} {instrument.Name} {instrument.Description} {string.Format(CultureInfo.InvariantCulture, "{0}", value)}";
        foreach ((string key, object? tag) in tags)
            text += $" {key}={tag}";
        _measured.Enqueue(text);
    }
}
