using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Backends;

/// <summary>What we say of the client when a link is opened.</summary>
/// <param name="Revision">The Legacy revision to propose.</param>
/// <param name="Capabilities">The client's declared capabilities, never more.</param>
/// <param name="ClientInfo">The client's <c>clientInfo</c>, or empty for the gateway's own.</param>
public sealed record LinkIdentity(string Revision, ReadOnlyMemory<byte> Capabilities, ReadOnlyMemory<byte> ClientInfo)
{
    /// <summary>The passed-through headers of the request that opens the link.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>How a backend turned out to speak, so that later links need no probe.</summary>
public enum BackendDialect
{
    /// <summary>Not probed yet.</summary>
    Unknown,

    /// <summary>MCP 2026-07-28.</summary>
    Modern,

    /// <summary>Streamable HTTP with a handshake.</summary>
    Streamable,

    /// <summary>HTTP+SSE.</summary>
    HttpSse,
}

/// <summary>An opened link, or why there is none.</summary>
/// <param name="Link">The link; the receiver disposes it.</param>
/// <param name="Dialect">How the backend speaks.</param>
/// <param name="Failure">Why there is no link.</param>
public sealed record LinkOutcome(BackendLink? Link, BackendDialect Dialect, BackendFailure? Failure);

/// <summary>Finds out how a backend speaks and shakes hands with it (mcp-protocol a.5, "Choosing the era").</summary>
public static class LinkOpener
{
    private static readonly byte[] DiscoverId = "\"vmcp-discover\""u8.ToArray();
    private static readonly byte[] InitializeId = "\"vmcp-initialize\""u8.ToArray();

    /// <summary>Opens a link. With a known dialect only that one is tried.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<LinkOutcome> OpenAsync(
        BackendHttp http, BackendDialect dialect, Func<Caller?> owner, LinkIdentity identity, TimeProvider time, CancellationToken cancellationToken)
    {
        if (http.Backend.Transport == BackendTransport.Sse)
            dialect = BackendDialect.HttpSse;
        if (dialect is BackendDialect.Unknown or BackendDialect.Modern)
        {
            LinkOutcome? modern = await TryModernAsync(http, owner, identity, cancellationToken).ConfigureAwait(false);
            if (modern is not null)
                return modern;
            if (dialect == BackendDialect.Modern)
                return Failed(new BackendFailure(FailureCategory.HealthCheckFailed, "no longer speaks MCP 2026-07-28"));
        }

        if (dialect != BackendDialect.HttpSse)
        {
            LinkOutcome streamable = await StreamableAsync(http, owner, identity, time, cancellationToken).ConfigureAwait(false);
            bool maybeSse = dialect == BackendDialect.Unknown && streamable.Failure is { HttpStatus: 400 or 404 or 405 };
            if (!maybeSse)
                return streamable;
            LinkOutcome sse = await HttpSseAsync(http, owner, identity, cancellationToken).ConfigureAwait(false);
            return sse.Link is not null ? sse : streamable;
        }

        return await HttpSseAsync(http, owner, identity, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A Modern link needs no handshake once the dialect is known.</summary>
    public static BackendLink Modern(BackendHttp http, Func<Caller?> owner, ReadOnlyMemory<byte> serverCapabilities) =>
        new ModernLink(http, serverCapabilities) { Backend = http.Backend, Owner = owner };

    /// <summary>Null: the backend answered cleanly that it is not Modern.</summary>
    private static async Task<LinkOutcome?> TryModernAsync(
        BackendHttp http, Func<Caller?> owner, LinkIdentity identity, CancellationToken cancellationToken)
    {
        ModernLink link = new(http, default) { Backend = http.Backend, Owner = owner };
        byte[] parameters = JsonRpc.Join("{\"_meta\":"u8, ModernMeta.Build(identity.Capabilities.Span, identity.ClientInfo.Span, default), "}"u8);
        OutgoingRequest request = new(Methods.Discover, DiscoverId, JsonRpc.Request(DiscoverId, Methods.Discover, parameters))
        {
            Headers = identity.Headers,
            MaxMessage = JsonLimits.MaxListPage,
        };
        BackendEvent answer = await AnswerOf(link, request, cancellationToken).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            bool refusedCleanly = failure.HttpStatus is >= 400 and < 500 and not (401 or 403 or 429);
            return refusedCleanly ? null : Failed(failure);
        }

        BackendMessage message = answer.Message!;
        if (!message.Error.IsEmpty)
        {
            return message.ErrorCode is JsonRpcCodes.HeaderMismatch or JsonRpcCodes.MissingClientCapability
                ? new LinkOutcome(link, BackendDialect.Modern, null)
                : null;
        }

        ReadOnlyMemory<byte> result = message.Result;
        ReadOnlySpan<byte> versions = result.Span[RawJson.Find(result.Span, "supportedVersions"u8)];
        if (versions.IndexOf("\"2026-07-28\""u8) < 0)
            return null;
        ReadOnlyMemory<byte> capabilities = result[RawJson.Find(result.Span, "capabilities"u8)];
        return new LinkOutcome(Modern(http, owner, capabilities.IsEmpty ? "{}"u8.ToArray() : capabilities), BackendDialect.Modern, null);
    }

    private static async Task<LinkOutcome> StreamableAsync(
        BackendHttp http, Func<Caller?> owner, LinkIdentity identity, TimeProvider time, CancellationToken cancellationToken)
    {
        StreamableLink link = new(http, time) { Backend = http.Backend, Owner = owner };
        (string? revision, ReadOnlyMemory<byte> capabilities, BackendFailure? failure) =
            await ShakeHandsAsync(link, identity, link.Complete, cancellationToken).ConfigureAwait(false);
        return await FinishAsync(link, BackendDialect.Streamable, revision, capabilities, failure).ConfigureAwait(false);
    }

    private static async Task<LinkOutcome> HttpSseAsync(
        BackendHttp http, Func<Caller?> owner, LinkIdentity identity, CancellationToken cancellationToken)
    {
        (SseLink? link, BackendFailure? failure) =
            await SseLink.ConnectAsync(http, owner, identity.Headers, cancellationToken).ConfigureAwait(false);
        if (link is null)
            return Failed(failure!);
        (string? revision, ReadOnlyMemory<byte> capabilities, failure) =
            await ShakeHandsAsync(link, identity, link.Complete, cancellationToken).ConfigureAwait(false);
        return await FinishAsync(link, BackendDialect.HttpSse, revision, capabilities, failure).ConfigureAwait(false);
    }

    private static async Task<LinkOutcome> FinishAsync(
        BackendLink link, BackendDialect dialect, string? revision, ReadOnlyMemory<byte> capabilities, BackendFailure? failure)
    {
        if (revision is not null && failure is null)
            return new LinkOutcome(link, dialect, null);
        await link.DisposeAsync().ConfigureAwait(false);
        return Failed(failure ?? new BackendFailure(FailureCategory.HealthCheckFailed, "refused the handshake"));
    }

    private static async Task<(string? Revision, ReadOnlyMemory<byte> Capabilities, BackendFailure? Failure)> ShakeHandsAsync(
        BackendLink link, LinkIdentity identity, Action<string, ReadOnlyMemory<byte>> complete, CancellationToken cancellationToken)
    {
        BackendEvent answer;
        try
        {
            answer = await AnswerOf(link, InitializeRequest(identity), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (answer.Message is not { } message)
            return (null, default, answer.Failure);
        ReadOnlyMemory<byte> result = message.Result;
        string? revision = result.IsEmpty ? null : RawJson.ReadString(result.Span[RawJson.Find(result.Span, "protocolVersion"u8)]);
        if (revision is null || !Revisions.IsLegacy(revision))
        {
            return (null, default, new BackendFailure(
                FailureCategory.HealthCheckFailed, result.IsEmpty ? "refused the handshake" : "speaks an unknown protocol revision"));
        }

        // The answer itself, often with long instructions, must not live as long as the link.
        ReadOnlyMemory<byte> capabilities = SharedBytes.Of(result.Span[RawJson.Find(result.Span, "capabilities"u8)]);
        complete(revision, capabilities.IsEmpty ? "{}"u8.ToArray() : capabilities);
        BackendFailure? failure = await link.PostAsync(JsonRpc.Notification(Methods.Initialized), identity.Headers, cancellationToken)
            .ConfigureAwait(false);
        return (revision, capabilities, failure);
    }

    private static OutgoingRequest InitializeRequest(LinkIdentity identity)
    {
        byte[] parameters = JsonRpc.Join(
            "{\"protocolVersion\":"u8, RawJson.Quote(identity.Revision), ",\"capabilities\":"u8, identity.Capabilities.Span,
            ",\"clientInfo\":"u8, identity.ClientInfo.IsEmpty ? ModernMeta.GatewayInfo : identity.ClientInfo.Span, "}"u8);
        return new OutgoingRequest(Methods.Initialize, InitializeId, JsonRpc.Request(InitializeId, Methods.Initialize, parameters))
        {
            Headers = identity.Headers,
            MaxMessage = JsonLimits.MaxListPage,
        };
    }

    /// <summary>The last event of a request that is ours alone; whatever comes before it is of no interest.</summary>
    internal static async Task<BackendEvent> AnswerOf(BackendLink link, OutgoingRequest request, CancellationToken cancellationToken)
    {
        await using Exchange exchange = await link.SendAsync(request, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            BackendEvent next = await exchange.NextAsync(cancellationToken).ConfigureAwait(false);
            if (!next.IsLast)
                continue;
            await Task.Yield(); // lists are read and merged next, which is too long for the thread of the sockets
            return next;
        }
    }

    private static LinkOutcome Failed(BackendFailure failure) => new(null, BackendDialect.Unknown, failure);
}
