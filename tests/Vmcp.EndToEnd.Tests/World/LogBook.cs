using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vmcp.EndToEnd.Tests.World;

/// <summary>Keeps the errors a gateway logs, and counts the rest.</summary>
public sealed class LogBook : ILoggerProvider
{
    private const int Kept = 50;

    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentDictionary<int, int> _counts = new();

    /// <summary>The first lines of level Error or worse.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>How many lines of this event id came.</summary>
    public int Count(int eventId) => _counts.GetValueOrDefault(eventId);

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    /// <inheritdoc />
    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Writer(LogBook book, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            book._counts.AddOrUpdate(eventId.Id, 1, static (_, n) => n + 1);
            if (logLevel >= LogLevel.Error && book._errors.Count < Kept)
                book._errors.Enqueue($"{category} {eventId.Id}: {formatter(state, exception)} {exception}");
        }
    }
}
