using System.Collections.Concurrent;

using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// Questions of backends that a Legacy client was asked and has not answered yet. Ids of different backends collide, so the
/// client sees ids of ours.
/// </summary>
public sealed class AskTable
{
    /// <summary>Open questions of one session.</summary>
    internal const int MaxOpen = 256;

    private ConcurrentDictionary<string, Ask>? _open; // few sessions are ever asked: 480 bytes less in all others
    private long _last;

    /// <summary>Registers a question. Returns null when too many are open.</summary>
    /// <param name="link">Where it came from; null when the gateway asks on behalf of a Modern backend.</param>
    /// <param name="backendId">The backend's id of the question.</param>
    /// <param name="progressToken">The token the client may report progress under, raw, or empty.</param>
    /// <param name="onAnswer">Receives the client's answer.</param>
    public Ask? Open(BackendLink? link, ReadOnlyMemory<byte> backendId, ReadOnlyMemory<byte> progressToken, Func<Envelope, Task> onAnswer)
    {
        ConcurrentDictionary<string, Ask> open = LazyInitializer.EnsureInitialized(ref _open, static () => new ConcurrentDictionary<string, Ask>());
        if (open.Count >= MaxOpen)
            return null;
        Ask ask = new($"\"vmcp-{Interlocked.Increment(ref _last)}\"", link, backendId, progressToken, onAnswer);
        open[ask.Id] = ask;
        return ask;
    }

    /// <summary>Takes the question that this id token answers.</summary>
    public Ask? Take(ReadOnlySpan<byte> id) =>
        _open is { } open && open.TryRemove(System.Text.Encoding.UTF8.GetString(id), out Ask? ask) ? ask : null;

    /// <summary>Forgets a question.</summary>
    public void Close(Ask ask) => _open?.TryRemove(ask.Id, out _);

    /// <summary>The open question that a backend knows under this id.</summary>
    public Ask? Find(BackendLink link, ReadOnlySpan<byte> backendId)
    {
        foreach (Ask ask in _open?.Values ?? [])
        {
            if (ReferenceEquals(ask.Link, link) && ask.BackendId.Span.SequenceEqual(backendId))
                return ask;
        }

        return null;
    }

    /// <summary>The open question whose progress goes by this token.</summary>
    public Ask? FindByProgress(ReadOnlySpan<byte> token)
    {
        foreach (Ask ask in _open?.Values ?? [])
        {
            if (!token.IsEmpty && ask.ProgressToken.Span.SequenceEqual(token))
                return ask;
        }

        return null;
    }
}

/// <summary>One open question.</summary>
/// <param name="Id">Our id token, quotes included.</param>
/// <param name="Link">Where it came from.</param>
/// <param name="BackendId">The backend's id token.</param>
/// <param name="ProgressToken">The progress token in its params, or empty.</param>
/// <param name="OnAnswer">Receives the client's answer.</param>
public sealed record Ask(
    string Id, BackendLink? Link, ReadOnlyMemory<byte> BackendId, ReadOnlyMemory<byte> ProgressToken, Func<Envelope, Task> OnAnswer);
