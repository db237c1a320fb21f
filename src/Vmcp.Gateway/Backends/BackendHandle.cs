using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Backends;

/// <summary>The running side of one configured backend: its connection pool, its breaker and how it speaks. A changed backend gets a new one.</summary>
/// <param name="http">The HTTP side.</param>
/// <param name="gate">The breaker, fed by probes and calls alike.</param>
public sealed class BackendHandle(BackendHttp http, BreakerGate gate)
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _listChanges;
    private volatile Learned _learned = new(BackendDialect.Unknown, "{}"u8.ToArray());

    /// <summary>The configured backend.</summary>
    public Backend Backend => http.Backend;

    /// <summary>The HTTP side.</summary>
    public BackendHttp Http => http;

    /// <summary>The breaker.</summary>
    public BreakerGate Gate => gate;

    /// <summary>How the backend speaks, as the last probe found.</summary>
    public BackendDialect Dialect => _learned.Dialect;

    /// <summary>The era calls have to use.</summary>
    public Era Era => _learned.Dialect == BackendDialect.Modern ? Era.Modern : Era.Legacy;

    /// <summary>The backend's capabilities object, as the last probe found.</summary>
    public ReadOnlyMemory<byte> ServerCapabilities => _learned.Capabilities;

    /// <summary>Whether the backend offers completions.</summary>
    public bool Completes => RawJson.Find(ServerCapabilities.Span, "completions"u8).End.Value > 0;

    /// <summary>How long the last probes took.</summary>
    public ProbeTimes Probes { get; } = new();

    /// <summary>How often the backend told the gateway that its lists changed, or was seen to come back.</summary>
    internal long ListChanges => Volatile.Read(ref _listChanges);

    /// <summary>Asks the worker to probe now; set by the worker.</summary>
    internal Action Wake { get; set; } = static () => { };

    /// <summary>
    /// Whether calls can be sent. At once for a backend that was reached; one that moved to another address and is still listed is waited for
    /// until the first attempt to reach it there has ended.
    /// </summary>
    public async ValueTask<bool> IsKnownAsync(CancellationToken cancellationToken)
    {
        if (Dialect == BackendDialect.Unknown)
            await _met.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Dialect != BackendDialect.Unknown;
    }

    /// <summary>A link for one call to a Modern backend.</summary>
    public BackendLink ModernLink(Func<Caller?> owner) => LinkOpener.Modern(http, owner, ServerCapabilities);

    /// <summary>Remembers what a probe found.</summary>
    internal void Learn(BackendDialect dialect, ReadOnlyMemory<byte> capabilities) => _learned = new Learned(dialect, capabilities);

    /// <summary>What the backend lists may be different from now on.</summary>
    internal void NoteListChange() => Interlocked.Increment(ref _listChanges);

    /// <summary>The first attempt to reach the backend has ended, well or not, or there will be none.</summary>
    internal void Met() => _met.TrySetResult();

    private sealed record Learned(BackendDialect Dialect, ReadOnlyMemory<byte> Capabilities);
}
