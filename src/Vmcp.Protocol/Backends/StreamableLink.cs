using System.Runtime.CompilerServices;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Http;
using Vmcp.Protocol.Sse;

namespace Vmcp.Protocol.Backends;

/// <summary>A Legacy session over Streamable HTTP (2025-03-26 … 2025-11-25). Opened by <see cref="LinkOpener"/>.</summary>
internal sealed class StreamableLink(BackendHttp http, TimeProvider time) : BackendLink
{
    /// <summary>What a POST accepts; servers may refuse (406) when either is missing.</summary>
    internal const string AcceptBoth = "application/json, text/event-stream";

    private string? _sessionId;
    private string _revision = Revisions.LatestLegacy;
    private bool _ready;

    /// <inheritdoc />
    public override string Revision => _revision;

    /// <inheritdoc />
    public override Era Era => Era.Legacy;

    /// <inheritdoc />
    public override ReadOnlyMemory<byte> ServerCapabilities => Capabilities;

    /// <summary>Set by the handshake.</summary>
    internal ReadOnlyMemory<byte> Capabilities { get; private set; } = "{}"u8.ToArray();

    /// <summary>The handshake is done: later messages carry its results.</summary>
    internal void Complete(string revision, ReadOnlyMemory<byte> capabilities)
    {
        _revision = revision;
        Capabilities = capabilities;
        _ready = true;
    }

    /// <inheritdoc />
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Exchange> SendAsync(OutgoingRequest request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await http.SendAsync(
                url => Post(url, request.Body), http.Url, request.Caller ?? Owner(), request.Headers, cancellationToken).ConfigureAwait(false);
            if (!_ready && response.Headers.TryGetValues(McpHeaders.SessionId, out IEnumerable<string>? ids))
                _sessionId = ids.First();
            return await ResponseExchange.OpenAsync(
                response, request.MaxMessage, _sessionId is not null, ResumeAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return Exchange.Ended(BackendEvent.Failed(BackendFailure.FromException(e)));
        }
    }

    /// <inheritdoc />
    public override async Task<BackendFailure?> PostAsync(
        ReadOnlyMemory<byte> message, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.SendAsync(
                url => Post(url, message), http.Url, Owner(), headers, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : BackendHttp.FromStatus(response);
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return BackendFailure.FromException(e);
        }
    }

    /// <inheritdoc />
    public override Task CancelAsync(OutgoingRequest request, string? reason, CancellationToken cancellationToken) =>
        PostAsync(Cancellation.Build(request.Id.Span, reason), request.Headers, cancellationToken);

    /// <inheritdoc />
    public override async Task<BackendFailure?> ListenAsync(
        ListenFilter filter, Func<BackendMessage, ValueTask> onMessage, Action opened, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.SendAsync(
                url => Get(url, null), http.Url, Owner(), [], cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
                return BackendHttp.FromStatus(response);
            opened();
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await foreach (SseEvent item in SseEvents.ReadAsync(
                stream, Json.JsonLimits.MaxBackendMessage, null, cancellationToken).ConfigureAwait(false))
                await onMessage(BackendMessage.Parse(item.Data)).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return BackendFailure.FromException(e);
        }
    }

    /// <summary>Ends the session with DELETE; a backend that does not answer within 2 s is left alone.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_sessionId is not null)
        {
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2), time);
            try
            {
                using HttpResponseMessage response = await http.SendAsync(
                    url => WithSession(BackendHttp.Create(HttpMethod.Delete, url, default, AcceptBoth)), http.Url, Owner(), [], limit.Token)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (BackendFailure.IsBackendFault(e, limit.Token) || e is OperationCanceledException)
            {
                // The session ends by the backend's own idle rule then.
            }
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage?> ResumeAsync(string lastEventId, CancellationToken cancellationToken)
    {
        // The stream's own retry hint is 1 s in practice; the wait keeps a closing server from being hammered.
        await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = await http.SendAsync(
            url => Get(url, lastEventId), http.Url, Owner(), [], cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return response;
        response.Dispose();
        return null;
    }

    private HttpRequestMessage Post(Uri url, ReadOnlyMemory<byte> body) =>
        WithSession(BackendHttp.Create(HttpMethod.Post, url, body, AcceptBoth));

    private HttpRequestMessage Get(Uri url, string? lastEventId)
    {
        HttpRequestMessage request = WithSession(BackendHttp.Create(HttpMethod.Get, url, default, "text/event-stream"));
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return request;
    }

    private HttpRequestMessage WithSession(HttpRequestMessage request)
    {
        if (_sessionId is not null)
            request.Headers.TryAddWithoutValidation(McpHeaders.SessionId, _sessionId);
        if (_ready && string.CompareOrdinal(_revision, Revisions.V2025June) >= 0)
            request.Headers.TryAddWithoutValidation(McpHeaders.ProtocolVersion, _revision);
        return request;
    }
}
