using System.Net;
using System.Text.Json;

using Vmcp.Core.Health;
using Vmcp.Protocol.Json;
using Vmcp.Protocol.Sse;

namespace Vmcp.Protocol.Backends;

/// <summary>Continues a broken event stream after the last event id (Streamable HTTP resumption); null when it cannot.</summary>
internal delegate Task<HttpResponseMessage?> ResumeStream(string lastEventId, CancellationToken cancellationToken);

/// <summary>The answer to one POST: a JSON body or an event stream.</summary>
internal sealed class ResponseExchange : Exchange
{
    /// <summary>How often a stream that ended before the answer is taken up again without a new event.</summary>
    private const int MaxResumptions = 5;

    /// <summary>A longer answer takes a millisecond to look at: too long for the thread that serves the sockets.</summary>
    private const int LargestInline = 1024 * 1024;

    private readonly ResumeStream? _resume;
    private readonly int _maxMessage;
    private readonly bool _json;
    private HttpResponseMessage _response;
    private IAsyncEnumerator<SseEvent>? _events;
    private CancellationTokenSource? _reading;
    private string _lastEventId = "";
    private int _resumptions;

    private ResponseExchange(HttpResponseMessage response, bool json, int maxMessage, ResumeStream? resume)
    {
        _json = json;
        _response = response;
        _maxMessage = maxMessage;
        _resume = resume;
    }

    /// <summary>Takes over the response; statuses and content types that carry no answer end the exchange at once.</summary>
    /// <param name="response">The response with headers read; disposed with the exchange.</param>
    /// <param name="maxMessage">Bound of one message in bytes.</param>
    /// <param name="hasSession">A 404 then means that the session is gone.</param>
    /// <param name="resume">How to take the stream up again, if the transport can.</param>
    /// <param name="cancellationToken">Ends the reading of an error body.</param>
    public static ValueTask<Exchange> OpenAsync(
        HttpResponseMessage response, int maxMessage, bool hasSession, ResumeStream? resume, CancellationToken cancellationToken)
    {
        bool json = BackendHttp.IsOfType(response, "application/json");
        return response.StatusCode == HttpStatusCode.OK && (json || BackendHttp.IsOfType(response, "text/event-stream"))
            ? new ValueTask<Exchange>(new ResponseExchange(response, json, maxMessage, resume))
            : new ValueTask<Exchange>(OpenOtherAsync(response, json, hasSession, cancellationToken));
    }

    /// <inheritdoc />
    public override async ValueTask<BackendEvent> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_json)
            {
                byte[] body = await BackendHttp.ReadBodyAsync(_response.Content, _maxMessage, cancellationToken).ConfigureAwait(false);
                if (body.Length > LargestInline)
                    await Task.Yield();
                return Answer(BackendMessage.Parse(body));
            }

            return await NextEventAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return BackendEvent.Failed(BackendFailure.FromException(e));
        }
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (_events is not null)
        {
            // The enumerator may sit in a read; the response must go first so that the read ends.
            if (_reading is not null)
                await _reading.CancelAsync().ConfigureAwait(false);
            _response.Dispose();
            await _events.DisposeAsync().ConfigureAwait(false);
            _reading?.Dispose();
        }
        else
        {
            _response.Dispose();
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<Exchange> OpenOtherAsync(HttpResponseMessage response, bool json, bool hasSession, CancellationToken cancellationToken)
    {
        using (response)
        {
            if (hasSession && response.StatusCode == HttpStatusCode.NotFound)
                return Failed(BackendHttp.FromStatus(response) with { SessionLost = true, Reason = "forgot the session" });
            if (json && (int)response.StatusCode is >= 400 and < 500 and not (401 or 403 or 429)
                && await ReadErrorAsync(response, cancellationToken).ConfigureAwait(false) is { } error)
            {
                // Servers that restarted say "no valid session" or "not initialized" with 400 and one of these codes.
                return hasSession && response.StatusCode == HttpStatusCode.BadRequest && error.ErrorCode is -32000 or -32001
                    ? Failed(new BackendFailure(FailureCategory.HealthCheckFailed, "forgot the session") { SessionLost = true, HttpStatus = 400 })
                    : Ended(BackendEvent.Of(error));
            }

            if (response.IsSuccessStatusCode)
                return Failed(new BackendFailure(FailureCategory.HealthCheckFailed, "sent an answer that is not MCP"));
            return Failed(BackendHttp.FromStatus(response));
        }
    }

    private static Exchange Failed(BackendFailure failure) => Ended(BackendEvent.Failed(failure));

    private static BackendEvent Answer(BackendMessage message) => message.Kind == MessageKind.Response
        ? BackendEvent.Of(message)
        : BackendEvent.Failed(new BackendFailure(FailureCategory.HealthCheckFailed, "answered with something that is no response"));

    private static async Task<BackendMessage?> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            byte[] body = await BackendHttp.ReadBodyAsync(response.Content, JsonLimits.MaxListPage, cancellationToken).ConfigureAwait(false);
            BackendMessage message = BackendMessage.Parse(body);
            return message.Error.IsEmpty ? null : message;
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return null; // not a JSON-RPC error: the status alone tells
        }
    }

    private async ValueTask<BackendEvent> NextEventAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await OpenReaderAsync(cancellationToken).ConfigureAwait(false);
            BackendFailure? broken = null;
            try
            {
                if (await MoveNextAsync(cancellationToken).ConfigureAwait(false))
                {
                    _resumptions = 0;
                    return BackendEvent.Of(BackendMessage.Parse(_events!.Current.Data));
                }
            }
            catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken) && e is not (InvalidDataException or JsonException))
            {
                broken = BackendFailure.FromException(e);
            }

            if (!await ResumeAsync(cancellationToken).ConfigureAwait(false))
            {
                return BackendEvent.Failed(
                    broken ?? new BackendFailure(FailureCategory.BackendUnavailable, "closed the stream before it answered"));
            }
        }
    }

    private async ValueTask OpenReaderAsync(CancellationToken cancellationToken)
    {
        if (_events is not null)
            return;
        Stream stream = await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        _reading = new CancellationTokenSource();
        _events = SseEvents.ReadAsync(stream, _maxMessage, id => _lastEventId = id, _reading.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    /// <summary>One read at a time; a cancelled wait ends the reading for good.</summary>
    private async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        ValueTask<bool> next = _events!.MoveNextAsync();
        if (next.IsCompleted)
            return await next.ConfigureAwait(false);
        await using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _reading);
        try
        {
            return await next.ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private async ValueTask<bool> ResumeAsync(CancellationToken cancellationToken)
    {
        if (_resume is null || _lastEventId.Length == 0 || ++_resumptions > MaxResumptions)
            return false;
        HttpResponseMessage? next = await _resume(_lastEventId, cancellationToken).ConfigureAwait(false);
        if (next is null)
            return false;
        await _events!.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
        _reading?.Dispose();
        (_response, _events, _reading) = (next, null, null);
        return true;
    }
}
