using Vmcp.Core.Capabilities;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Backends;

/// <summary>The gateway's own link to a backend with its listening stream: it collects which lists changed.</summary>
internal sealed class BackendSession(BackendLink link, Action wake, TimeProvider time) : IAsyncDisposable
{
    private static readonly byte[] PingId = "\"vmcp-ping\""u8.ToArray();
    private readonly CancellationTokenSource _stop = new();
    private readonly bool _promised = Enum.GetValues<CapabilityKind>().Any(k => CapabilityLister.PromisesChanges(link, k));
    private Task _listening = Task.CompletedTask;
    private volatile bool _live;
    private int _changed;

    /// <summary>The link.</summary>
    public BackendLink Link => link;

    /// <summary>Whether the link can still be used.</summary>
    public bool IsAlive => link.IsAlive;

    /// <summary>Whether the backend tells us of changes on a live stream. Otherwise lists are read on each check.</summary>
    public bool IsListening => _live && _promised;

    /// <summary>Opens the stream in the background; a backend that hangs on it costs nothing else.</summary>
    public void StartListening()
    {
        bool modern = link.Era == Era.Modern;
        if (!modern || _promised)
            _listening = ListenAsync(_stop.Token);
    }

    /// <summary>The kinds that changed since the last time.</summary>
    public CapabilityKind[] TakeChanged()
    {
        int changed = Interlocked.Exchange(ref _changed, 0);
        return changed == 0 ? [] : [.. Enum.GetValues<CapabilityKind>().Where(k => (changed & (1 << (int)k)) != 0)];
    }

    /// <summary>The cheapest sign of life: <c>ping</c>, or <c>server/discover</c> where there is no ping.</summary>
    public async Task<BackendFailure?> PingAsync(CancellationToken cancellationToken)
    {
        bool modern = link.Era == Era.Modern;
        string method = modern ? Methods.Discover : Methods.Ping;
        byte[] parameters = modern ? JsonRpc.Join("{\"_meta\":"u8, ModernMeta.Gateway, "}"u8) : [];
        OutgoingRequest request = new(method, PingId, JsonRpc.Request(PingId, method, parameters)) { MaxMessage = JsonLimits.MaxListPage };
        await using Exchange exchange = await link.SendAsync(request, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            BackendEvent next = await exchange.NextAsync(cancellationToken).ConfigureAwait(false);
            if (next.Failure is { } failure)
                return failure;
            if (!next.IsLast)
                continue;
            // An error answer to a ping is a sign of life; to discover it means that the backend changed its era.
            return modern && !next.Message!.Error.IsEmpty
                ? new BackendFailure(Core.Health.FailureCategory.HealthCheckFailed, "no longer answers server/discover") { SessionLost = true }
                : null;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        await link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        ListenFilter filter = new(
            CapabilityLister.PromisesChanges(link, CapabilityKind.Tools), CapabilityLister.PromisesChanges(link, CapabilityKind.Prompts),
            CapabilityLister.PromisesChanges(link, CapabilityKind.Resources), []);
        TimeSpan pause = TimeSpan.FromSeconds(1);
        bool again = false;
        try
        {
            while (link.IsAlive)
            {
                bool opened = false;
                BackendFailure? end = await link.ListenAsync(filter, OnMessageAsync, () => { opened = true; Opened(again); }, cancellationToken)
                    .ConfigureAwait(false);
                _live = false;
                if (end is { HttpStatus: >= 400 and < 500 and not 429 })
                    return; // 405 and the like: this backend has no such stream
                again = true;
                if (opened)
                {
                    pause = TimeSpan.FromSeconds(1);
                    wake(); // a broken stream is often the first sign that the backend is gone
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                pause = pause < TimeSpan.FromSeconds(30) ? pause * 2 : pause;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Closed by the worker.
        }
        finally
        {
            _live = false;
        }
    }

    /// <summary>A stream that was away may have missed changes.</summary>
    private void Opened(bool again)
    {
        _live = true;
        if (again)
            Mark(CapabilityKind.Tools, CapabilityKind.Resources, CapabilityKind.ResourceTemplates, CapabilityKind.Prompts);
    }

    private async ValueTask OnMessageAsync(BackendMessage message)
    {
        if (message.Kind == MessageKind.Request)
        {
            await link.PostAsync(AnswerFor(message), [], _stop.Token).ConfigureAwait(false);
            return;
        }

        switch (message.Method)
        {
            case Methods.ToolsChanged:
                Mark(CapabilityKind.Tools);
                break;
            case Methods.ResourcesChanged:
                Mark(CapabilityKind.Resources, CapabilityKind.ResourceTemplates);
                break;
            case Methods.PromptsChanged:
                Mark(CapabilityKind.Prompts);
                break;
            default:
                break; // progress and log messages of nobody's call
        }
    }

    /// <summary>The gateway's own link has no user behind it: no roots, no sampling, no forms.</summary>
    private static byte[] AnswerFor(BackendMessage request) => request.Method switch
    {
        Methods.Ping => JsonRpc.Result(request.Id.Span, "{}"u8),
        Methods.RootsList => JsonRpc.Result(request.Id.Span, "{\"roots\":[]}"u8),
        _ => JsonRpc.Error(request.Id.Span, JsonRpcCodes.MethodNotFound, "No user is behind this session."),
    };

    private void Mark(params ReadOnlySpan<CapabilityKind> kinds)
    {
        int bits = 0;
        foreach (CapabilityKind kind in kinds)
            bits |= 1 << (int)kind;
        Interlocked.Or(ref _changed, bits);
        wake();
    }
}
