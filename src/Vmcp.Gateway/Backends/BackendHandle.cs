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

    /// <summary>Asks the worker to probe now; set by the worker.</summary>
    internal Action Wake { get; set; } = static () => { };

    /// <summary>A link for one call to a Modern backend.</summary>
    public BackendLink ModernLink(Principal? principal) => LinkOpener.Modern(http, principal, ServerCapabilities);

    /// <summary>Remembers what a probe found.</summary>
    internal void Learn(BackendDialect dialect, ReadOnlyMemory<byte> capabilities) => _learned = new Learned(dialect, capabilities);

    private sealed record Learned(BackendDialect Dialect, ReadOnlyMemory<byte> Capabilities);
}
