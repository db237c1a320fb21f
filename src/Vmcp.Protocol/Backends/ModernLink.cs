using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Vmcp.Core.Health;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Http;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Backends;

/// <summary>A stateless conversation by MCP 2026-07-28: each request carries all it needs. Cheap; holds nothing open.</summary>
internal sealed class ModernLink(BackendHttp http, ReadOnlyMemory<byte> capabilities) : BackendLink
{
    private static long _lastListenId;

    /// <inheritdoc />
    public override string Revision => Revisions.Modern;

    /// <inheritdoc />
    public override Era Era => Era.Modern;

    /// <inheritdoc />
    public override ReadOnlyMemory<byte> ServerCapabilities => capabilities;

    /// <inheritdoc />
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Exchange> SendAsync(OutgoingRequest request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await http.SendAsync(
                url => Build(url, request.Method, request.Name, request.Body), http.Url, request.Caller ?? Owner(), request.Headers, cancellationToken)
                .ConfigureAwait(false);
            return await ResponseExchange.OpenAsync(response, request.MaxMessage, hasSession: false, resume: null, cancellationToken)
                .ConfigureAwait(false);
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
                url => Build(url, BackendMessage.Parse(message).Method, null, message), http.Url, Owner(), headers, cancellationToken)
                .ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : BackendHttp.FromStatus(response);
        }
        catch (Exception e) when (BackendFailure.IsBackendFault(e, cancellationToken))
        {
            return BackendFailure.FromException(e);
        }
    }

    /// <inheritdoc />
    public override async Task<BackendFailure?> ListenAsync(
        ListenFilter filter, Func<BackendMessage, ValueTask> onMessage, Action opened, CancellationToken cancellationToken)
    {
        byte[] id = RawJson.Quote($"vmcp-listen-{Interlocked.Increment(ref _lastListenId)}");
        byte[] body = JsonRpc.Request(id, Methods.Listen, ListenParams(filter));
        await using Exchange exchange = await SendAsync(new OutgoingRequest(Methods.Listen, id, body), cancellationToken).ConfigureAwait(false);
        while (true)
        {
            BackendEvent next = await exchange.NextAsync(cancellationToken).ConfigureAwait(false);
            if (next.Message is not { } message)
                return next.Failure;
            if (message.Kind == MessageKind.Response)
            {
                return message.Error.IsEmpty
                    ? null
                    : new BackendFailure(FailureCategory.HealthCheckFailed, "refused subscriptions/listen");
            }

            if (message.Method == Methods.Acknowledged)
                opened();
            else
                await onMessage(message).ConfigureAwait(false);
        }
    }

    private static byte[] ListenParams(ListenFilter filter)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using Utf8JsonWriter writer = new(buffer, JsonText.Relaxed);
        writer.WriteStartObject();
        writer.WriteStartObject("notifications"u8);
        if (filter.Tools)
            writer.WriteBoolean("toolsListChanged"u8, true);
        if (filter.Prompts)
            writer.WriteBoolean("promptsListChanged"u8, true);
        if (filter.Resources)
            writer.WriteBoolean("resourcesListChanged"u8, true);
        if (filter.Subscriptions.Count > 0)
        {
            writer.WriteStartArray("resourceSubscriptions"u8);
            foreach (string uri in filter.Subscriptions)
                writer.WriteStringValue(uri);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WritePropertyName("_meta"u8);
        writer.WriteRawValue(ModernMeta.Gateway);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static HttpRequestMessage Build(Uri url, string method, string? name, ReadOnlyMemory<byte> body)
    {
        HttpRequestMessage request = BackendHttp.Create(HttpMethod.Post, url, body, StreamableLink.AcceptBoth);
        request.Headers.TryAddWithoutValidation(McpHeaders.ProtocolVersion, Revisions.Modern);
        request.Headers.TryAddWithoutValidation(McpHeaders.Method, method);
        if (name is not null)
            request.Headers.TryAddWithoutValidation(McpHeaders.Name, McpHeaders.Encode(name));
        return request;
    }
}

/// <summary>The per-request metadata of MCP 2026-07-28.</summary>
public static class ModernMeta
{
    /// <summary>Prefix of the reserved <c>_meta</c> keys.</summary>
    public static ReadOnlySpan<byte> ReservedPrefix => "io.modelcontextprotocol/"u8;

    // First, because the next one is built with it.
    private static readonly byte[] Info =
        JsonRpc.Join("{\"name\":"u8, RawJson.Quote(Core.Product.Name), ",\"version\":"u8, RawJson.Quote(Core.Product.Version), "}"u8);

    /// <summary>What the gateway says of itself when it asks on its own behalf: no client capabilities.</summary>
    public static byte[] Gateway { get; } = Build("{}"u8, default, default);

    /// <summary>A <c>_meta</c> object with the required keys; <paramref name="others"/> is ready member text kept in front.</summary>
    public static byte[] Build(ReadOnlySpan<byte> clientCapabilities, ReadOnlySpan<byte> clientInfo, ReadOnlySpan<byte> others, string? logLevel = null)
    {
        ArrayBufferWriter<byte> buffer = new(256 + others.Length);
        buffer.Write("{"u8);
        if (!others.IsEmpty)
        {
            buffer.Write(others);
            buffer.Write(","u8);
        }

        buffer.Write("\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":"u8);
        buffer.Write(clientInfo.IsEmpty ? GatewayInfo : clientInfo);
        buffer.Write(",\"io.modelcontextprotocol/clientCapabilities\":"u8);
        buffer.Write(clientCapabilities);
        if (logLevel is not null)
        {
            buffer.Write(",\"io.modelcontextprotocol/logLevel\":"u8);
            buffer.Write(RawJson.Quote(logLevel));
        }

        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The gateway's <c>clientInfo</c>.</summary>
    public static ReadOnlySpan<byte> GatewayInfo => Info;
}
