using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vmcp.Kubernetes.Tests.Support;

/// <summary>Keeps what was logged: event id and text.</summary>
internal sealed class ListLogger : ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    public string[] Of(int id) => [.. _lines.Where(l => l.Id == id).Select(l => l.Text)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, formatter(state, exception)));
}
