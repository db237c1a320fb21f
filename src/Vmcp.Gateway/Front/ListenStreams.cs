using System.Collections.Concurrent;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;
using Vmcp.Protocol.Sse;

namespace Vmcp.Gateway.Front;

/// <summary>Serves <c>subscriptions/listen</c> (MCP 2026-07-28): one stream per request, until either side closes it.</summary>
public sealed class ListenStreams(BackendFleet fleet, IdentityCatalogs catalogs, GatewayOptions options, TaskTracker tasks, TimeProvider time)
{
    /// <summary>Streams open at once.</summary>
    internal const int MaxStreams = 10_000;

    private readonly ConcurrentDictionary<Session, ListChanges> _open = new();

    /// <summary>Streams open now.</summary>
    public int Count => _open.Count;

    /// <summary>All streams open now.</summary>
    public IEnumerable<Session> All => _open.Keys;

    /// <summary>Tells every stream that asked for it that lists changed.</summary>
    public void NotifyChanged(Func<Session, ListChanges> changesFor)
    {
        foreach ((Session stream, ListChanges wanted) in _open)
        {
            if ((changesFor(stream) & wanted) is var changes and not ListChanges.None)
                stream.Outbox.MarkChanged(changes);
        }
    }

    /// <summary>Has the subscriptions of every stream follow backends that left, changed or are back.</summary>
    public void Follow(GatewaySnapshot snapshot)
    {
        foreach (Session stream in _open.Keys)
        {
            if (stream.IsBehind(snapshot))
                stream.Follow(snapshot);
        }
    }

    /// <summary>Runs one stream.</summary>
    public async Task RunAsync(HttpContext context, Envelope envelope, Caller caller, CancellationToken stopping)
    {
        ReadOnlyMemory<byte> id = envelope.Body[envelope.Id];
        ReadOnlyMemory<byte> wanted = envelope.Body[envelope[ParamKey.Notifications]];
        if (!RawJson.IsObject(wanted.Span))
        {
            await HttpAnswers.RpcErrorAsync(context, 200, id, JsonRpcCodes.InvalidParams, "params.notifications is missing or not an object.").ConfigureAwait(false);
            return;
        }

        if (_open.Count >= MaxStreams)
        {
            context.Response.Headers.RetryAfter = "5";
            await HttpAnswers.RpcErrorAsync(context, 503, id, JsonRpcCodes.InternalError, "Too many streams are open; try again later.").ConfigureAwait(false);
            return;
        }

        // A session of its own that no table knows: it holds the subscriptions at Legacy backends and ends with the stream.
        ReadOnlyMemory<byte> declared = envelope.Body[envelope[MetaKey.ClientCapabilities]];
        SessionGrant grant = SessionGrant.Issue(caller.Principal, Revisions.LatestLegacy, declared.ToArray(), default, time.GetUtcNow());
        Session stream = new("", grant, caller, tasks, time) { IsStream = true };
        stream.ListsChanged = backend => catalogs.Outdated(stream, backend);
        stream.Listeners = new SessionListeners(stream, () => fleet.Current, tasks, time);
        ListChanges changes = ChangesOf(wanted.Span);
        _open[stream] = changes;
        try
        {
            List<string> granted = await SubscribeAsync(stream, context, UrisOf(wanted.Span)).ConfigureAwait(false);
            using ProofLimit proof = new(caller, () => caller, time, stopping);
            await WriteAsync(context, stream, id, Acknowledgement(id.Span, changes, granted), proof.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client closed the stream.
        }
        finally
        {
            _open.TryRemove(stream, out _);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<List<string>> SubscribeAsync(Session stream, HttpContext context, IEnumerable<string> uris)
    {
        GatewaySnapshot snapshot = await catalogs.ForAsync(stream.Caller, stream.Capabilities, context.RequestAborted).ConfigureAwait(false);
        List<string> granted = [];
        foreach (string uri in uris.Distinct().Take(SessionListeners.MaxSubscriptions))
        {
            if (snapshot.CatalogFor(stream.Capabilities).FindResource(uri) is not { Away: false } route || !snapshot.Backends.TryGetValue(route.Backend, out BackendView? view))
                continue;
            if (!await view.Handle.IsKnownAsync(context.RequestAborted).ConfigureAwait(false))
                continue;
            BackendFailure? failure = await stream.Listeners!.SubscribeAsync(
                view.Handle, PassthroughHeaders.Copy(context.Request, snapshot.Settings), uri, context.RequestAborted).ConfigureAwait(false);
            if (failure is null)
                granted.Add(uri);
        }

        return granted;
    }

    private async Task WriteAsync(HttpContext context, Session stream, ReadOnlyMemory<byte> id, byte[] acknowledgement, CancellationToken stopping)
    {
        PostResponse.StartStream(context);
        SseFrame.Write(context.Response.BodyWriter, acknowledgement, null);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        await EventStream.RunAsync(
            context, stream.Outbox, after: null, options.KeepAlive, time, static _ => null, json => WithSubscription(json, id.Span), stopping)
            .ConfigureAwait(false);
        if (context.RequestAborted.IsCancellationRequested)
            return;
        byte[] result = JsonRpc.Join("{\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8, id.Span, "}}"u8);
        SseFrame.Write(context.Response.BodyWriter, JsonRpc.Result(id.Span, result), null);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] WithSubscription(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> id)
    {
        BackendMessage message = BackendMessage.Parse(json);
        byte[] meta = JsonRpc.Join("\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8, id, "}"u8);
        byte[] parameters = message.Params.IsEmpty
            ? JsonRpc.Join("{"u8, meta, "}"u8)
            : RawJson.Rebuild(message.Params.Span, static (ref RawMembers m) => m.NameIs("_meta"u8), meta);
        return JsonRpc.Notification(message.Method, parameters);
    }

    private static byte[] Acknowledgement(ReadOnlySpan<byte> id, ListChanges changes, List<string> uris)
    {
        List<string> members = [];
        if (changes.HasFlag(ListChanges.Tools))
            members.Add("\"toolsListChanged\":true");
        if (changes.HasFlag(ListChanges.Prompts))
            members.Add("\"promptsListChanged\":true");
        if (changes.HasFlag(ListChanges.Resources))
            members.Add("\"resourcesListChanged\":true");
        if (uris.Count > 0)
            members.Add($"\"resourceSubscriptions\":[{string.Join(',', uris.Select(u => System.Text.Encoding.UTF8.GetString(RawJson.Quote(u))))}]");
        byte[] granted = System.Text.Encoding.UTF8.GetBytes("{\"notifications\":{" + string.Join(',', members) + "}");
        return JsonRpc.Notification(
            Methods.Acknowledged, JsonRpc.Join(granted, ",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8, id, "}}"u8));
    }

    private static ListChanges ChangesOf(ReadOnlySpan<byte> wanted) =>
        (RawJson.IsTrue(wanted[RawJson.Find(wanted, "toolsListChanged"u8)]) ? ListChanges.Tools : ListChanges.None)
        | (RawJson.IsTrue(wanted[RawJson.Find(wanted, "promptsListChanged"u8)]) ? ListChanges.Prompts : ListChanges.None)
        | (RawJson.IsTrue(wanted[RawJson.Find(wanted, "resourcesListChanged"u8)]) ? ListChanges.Resources : ListChanges.None);

    private static List<string> UrisOf(ReadOnlySpan<byte> wanted)
    {
        List<string> uris = [];
        ReadOnlySpan<byte> list = wanted[RawJson.Find(wanted, "resourceSubscriptions"u8)];
        if (list.IsEmpty || list[0] != '[')
            return uris;
        System.Text.Json.Utf8JsonReader reader = new(list);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == System.Text.Json.JsonTokenType.String && RawJson.ReadString(list[(int)reader.TokenStartIndex..]) is { } uri)
                uris.Add(uri);
        }

        return uris;
    }
}
