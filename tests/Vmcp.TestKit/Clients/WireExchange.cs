using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>One HTTP exchange, read to its end; messages are handed out as they arrive.</summary>
internal sealed class WireExchange(HttpClient http)
{
    // Hostile tests send header values beyond ASCII.
    public static HttpClient NewHttpClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public static HttpRequestMessage NewRequest(HttpMethod verb, Uri endpoint, IEnumerable<KeyValuePair<string, string>> headers, byte[]? body = null)
    {
        var request = new HttpRequestMessage(verb, endpoint);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        }

        foreach ((string name, string value) in headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && request.Content is not null)
            {
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>Sends and reads the whole answer; <paramref name="onMessage"/> sees every message that is not the answer.</summary>
    public async Task<RpcAnswer> SendAsync(HttpRequestMessage request, string? idRaw, Func<JsonElement, Task> onMessage, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var answer = new RpcAnswer((int)response.StatusCode, HeadersOf(response));
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (answer.IsStream)
            await ReadStreamAsync(answer, body, idRaw, onMessage, cancellationToken);
        else
            await ReadBodyAsync(answer, body, cancellationToken);
        return answer;
    }

    public static IReadOnlyDictionary<string, string> HeadersOf(HttpResponseMessage response) => response.Headers.Concat(response.Content.Headers)
        .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);

    private static async Task ReadBodyAsync(RpcAnswer answer, Stream body, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        try
        {
            await body.CopyToAsync(bytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            answer.Broken = e;
        }

        answer.RawBytes = bytes.ToArray();
        if (answer.ContentType == "application/json")
            answer.Message = RpcMessage.TryParse(answer.RawBytes)?.Whole;
    }

    private static async Task ReadStreamAsync(
        RpcAnswer answer, Stream body, string? idRaw, Func<JsonElement, Task> onMessage, CancellationToken cancellationToken)
    {
        var reader = new SseReader(body);
        var notifications = new List<JsonElement>();
        var events = new List<SseEvent>();
        answer.Notifications = notifications;
        answer.Events = events;
        try
        {
            while (await reader.ReadAsync(cancellationToken) is { } received)
            {
                events.Add(received);
                if (!received.HasData || received.Data.Length == 0)
                    continue;
                RpcMessage message = RpcMessage.From(Rpc.Element(received.Data))
                    ?? throw new InvalidDataException($"An event carries no JSON-RPC message: {received.Data}");
                if (message.Method is null)
                {
                    if (answer.Message is not null)
                        throw new InvalidDataException($"A second answer on one stream: {received.Data}");
                    if (idRaw is not null && message.IdRaw != idRaw)
                        throw new InvalidDataException($"The stream of request {idRaw} carries another answer: {received.Data}");
                    answer.Message = message.Whole;
                    continue;
                }

                if (message.IsNotification)
                    notifications.Add(message.Whole);
                await onMessage(message.Whole);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            answer.Broken = e;
        }
        finally
        {
            answer.RawBytes = reader.RawBytes;
        }
    }
}
