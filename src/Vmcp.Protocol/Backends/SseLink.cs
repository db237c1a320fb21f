using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;
using Vmcp.Protocol.Sse;

namespace Vmcp.Protocol.Backends;

/// <summary>
/// A session over HTTP+SSE (2024-11-05): all answers share one stream, so requests get ids of our own and
/// notifications are told apart by progress token, or by being the only call in flight.
/// </summary>
internal sealed class SseLink : BackendLink
{
    /// <summary>Events of one call, or unsolicited ones, that may wait for their reader before the stream is held back.</summary>
    private const int QueueLength = 4096;

    private readonly BackendHttp _http;
    private readonly HttpResponseMessage _stream;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Pending> _pending = new();

    // Nobody may be listening; then the newest are the ones worth keeping.
    private readonly Channel<BackendMessage> _unsolicited = Channel.CreateBounded<BackendMessage>(
        new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly TaskCompletionSource<Uri> _endpoint = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _pump = Task.CompletedTask;
    private long _lastId;
    private string _revision = Revisions.V2024November;
    private ReadOnlyMemory<byte> _capabilities = "{}"u8.ToArray();
    private volatile BackendFailure? _death;

    private SseLink(BackendHttp http, HttpResponseMessage stream)
    {
        _http = http;
        _stream = stream;
    }

    /// <inheritdoc />
    public override string Revision => _revision;

    /// <inheritdoc />
    public override Era Era => Era.Legacy;

    /// <inheritdoc />
    public override bool IsAlive => _death is null;

    /// <inheritdoc />
    public override ReadOnlyMemory<byte> ServerCapabilities => _capabilities;

    /// <summary>Opens the stream and waits for its <c>endpoint</c> event.</summary>
    public static async Task<(SseLink? Link, BackendFailure? Failure)> ConnectAsync(
        BackendHttp http, Func<Caller?> owner, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await http.SendAsync(
                url => BackendHttp.Create(HttpMethod.Get, url, default, "text/event-stream"), http.Url, owner(), headers, cancellationToken)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                using (response)
                    return (null, response.IsSuccessStatusCode ? NotMcp() : BackendHttp.FromStatus(response));
            }

            SseLink link = new(http, response) { Backend = http.Backend, Owner = owner };
            link._pump = link.PumpAsync();
            return await link.WaitForEndpointAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return (null, BackendFailure.FromException(e));
        }
    }

    /// <summary>The handshake is done.</summary>
    internal void Complete(string revision, ReadOnlyMemory<byte> capabilities) => (_revision, _capabilities) = (revision, capabilities);

    /// <inheritdoc />
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Exchange> SendAsync(OutgoingRequest request, CancellationToken cancellationToken)
    {
        Pending pending = new(this, $"\"v{Interlocked.Increment(ref _lastId)}\"", request);
        _pending[pending.WireId] = pending;
        if (_death is { } death)
            pending.Fail(death);
        ReadOnlyMemory<byte> body = BackendMessage.Parse(request.Body).WithId(Encoding.ASCII.GetBytes(pending.WireId));
        BackendFailure? refused = await PostAsync(body, request.Caller ?? Owner(), request.Headers, cancellationToken).ConfigureAwait(false);
        if (refused is not null)
            pending.Fail(refused);
        return pending;
    }

    /// <inheritdoc />
    public override Task<BackendFailure?> PostAsync(
        ReadOnlyMemory<byte> message, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken) =>
        PostAsync(message, Owner(), headers, cancellationToken);

    private async Task<BackendFailure?> PostAsync(
        ReadOnlyMemory<byte> message, Caller? caller, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        try
        {
            Uri endpoint = await _endpoint.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            using HttpResponseMessage response = await _http.SendAsync(
                url => BackendHttp.Create(HttpMethod.Post, url, message, StreamableLink.AcceptBoth), endpoint, caller, headers, cancellationToken)
                .ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return null;
            BackendFailure failure = BackendHttp.FromStatus(response);
            return response.StatusCode == System.Net.HttpStatusCode.NotFound ? failure with { SessionLost = true } : failure;
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return BackendFailure.FromException(e);
        }
    }

    /// <inheritdoc />
    public override Task CancelAsync(OutgoingRequest request, string? reason, CancellationToken cancellationToken)
    {
        string? wireId = _pending.Values.FirstOrDefault(p => ReferenceEquals(p.Request, request))?.WireId;
        return wireId is null
            ? Task.CompletedTask
            : PostAsync(Cancellation.Build(Encoding.ASCII.GetBytes(wireId), reason), request.Headers, cancellationToken);
    }

    /// <inheritdoc />
    public override async Task<BackendFailure?> ListenAsync(
        ListenFilter filter, Func<BackendMessage, ValueTask> onMessage, Action opened, CancellationToken cancellationToken)
    {
        opened();
        await foreach (BackendMessage message in _unsolicited.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            await onMessage(message).ConfigureAwait(false);
        return _death;
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _stream.Dispose();
        await _pump.ConfigureAwait(false);
        _stop.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private static BackendFailure NotMcp() => new(FailureCategory.HealthCheckFailed, "opened no event stream");

    private async Task<(SseLink? Link, BackendFailure? Failure)> WaitForEndpointAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _endpoint.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return (this, null);
        }
        catch (Exception e) when (e is OperationCanceledException || BackendFailure.IsBackendFault(e, cancellationToken))
        {
            await DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return (null, BackendFailure.FromException(e));
        }
    }

    private async Task PumpAsync()
    {
        BackendFailure end = new(FailureCategory.BackendUnavailable, "closed its event stream") { SessionLost = true };
        try
        {
            Stream stream = await _stream.Content.ReadAsStreamAsync(_stop.Token).ConfigureAwait(false);
            await foreach (SseEvent item in SseEvents.ReadAsync(
                stream, JsonLimits.MaxBackendMessage, null, _stop.Token).ConfigureAwait(false))
            {
                if (item.Type == "endpoint")
                    SetEndpoint(Encoding.UTF8.GetString(item.Data));
                else
                    await DispatchAsync(BackendMessage.Parse(item.Data)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || BackendFailure.IsBackendFault(e, _stop.Token))
        {
            end = BackendFailure.FromException(e) with { SessionLost = true };
        }

        _death = end;
        _endpoint.TrySetException(new IOException("The event stream ended before it named its endpoint."));
        _ = _endpoint.Task.Exception; // observed here: nobody may be waiting any more
        _unsolicited.Writer.TryComplete();
        foreach (Pending pending in _pending.Values)
            pending.Fail(end);
    }

    private void SetEndpoint(string text)
    {
        // MCP 2024-11-05: the endpoint may be relative and must have the stream's origin.
        if (Uri.TryCreate(_http.Url, text, out Uri? endpoint)
            && Uri.Compare(endpoint, _http.Url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0)
            _endpoint.TrySetResult(endpoint);
        else
            throw new InvalidDataException("The endpoint event names another origin.");
    }

    private async ValueTask DispatchAsync(BackendMessage message)
    {
        if (message.Kind == MessageKind.Response)
        {
            if (_pending.TryRemove(Encoding.UTF8.GetString(message.Id.Span), out Pending? answered))
                answered.Answer(message);
            return; // else: the answer to a request nobody waits for any more
        }

        Pending? call = FindCall(message);
        if (call is not null)
            await call.AddAsync(message, _stop.Token).ConfigureAwait(false);
        else
            await _unsolicited.Writer.WriteAsync(message, _stop.Token).ConfigureAwait(false);
    }

    private Pending? FindCall(BackendMessage message)
    {
        if (message.Method == Methods.Progress)
        {
            ReadOnlySpan<byte> token = message.Params.Span[RawJson.Find(message.Params.Span, "progressToken"u8)];
            foreach (Pending pending in _pending.Values)
            {
                if (token.SequenceEqual(pending.Request.ProgressToken.Span))
                    return pending;
            }

            return null;
        }

        bool aboutACall = message.Kind == MessageKind.Request || message.Method == Methods.Message;
        Pending[] calls = aboutACall ? [.. _pending.Values] : [];
        return calls.Length == 1 ? calls[0] : null;
    }

    /// <summary>One request in flight on the shared stream.</summary>
    private sealed class Pending(SseLink link, string wireId, OutgoingRequest request) : Exchange
    {
        private readonly Channel<BackendEvent> _events = Channel.CreateBounded<BackendEvent>(QueueLength);
        private StrongBox<BackendEvent>? _last;

        public string WireId => wireId;

        public OutgoingRequest Request => request;

        public void Fail(BackendFailure failure) => End(BackendEvent.Failed(failure));

        public void Answer(BackendMessage message) => End(BackendEvent.Of(BackendMessage.Parse(message.WithId(request.Id.Span))));

        public async ValueTask AddAsync(BackendMessage message, CancellationToken cancellationToken)
        {
            try
            {
                // A question is this call's only because no other is in flight.
                BackendEvent next = BackendEvent.Of(message) with { Aside = message.Kind == MessageKind.Request };
                await _events.Writer.WriteAsync(next, cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                // The caller gave up between the look-up and here.
            }
        }

        public override async ValueTask<BackendEvent> NextAsync(CancellationToken cancellationToken)
        {
            while (await _events.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_events.Reader.TryRead(out BackendEvent next))
                    return next;
            }

            return _last!.Value;
        }

        public override ValueTask DisposeAsync()
        {
            link._pending.TryRemove(wireId, out _);
            _events.Writer.TryComplete();
            return base.DisposeAsync();
        }

        private void End(BackendEvent last)
        {
            Interlocked.CompareExchange(ref _last, new StrongBox<BackendEvent>(last), null);
            _events.Writer.TryComplete();
        }
    }
}
