using System.Buffers;

using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>What a Legacy session adds to a request for a Modern backend.</summary>
/// <param name="Capabilities">The client's capabilities.</param>
/// <param name="ClientInfo">The client's info, or empty.</param>
/// <param name="LogLevel">The level the client set, or null.</param>
public readonly record struct ModernContext(ReadOnlyMemory<byte> Capabilities, ReadOnlyMemory<byte> ClientInfo, string? LogLevel);

/// <summary>Turns a client's request into the backend's: the name is put back, the era's metadata added or taken away, the rest is copied.</summary>
internal static class RequestRewriter
{
    private static long _lastHiddenId;

    /// <summary>For a backend of the client's own era.</summary>
    public static OutgoingRequest SameEra(RoutedCall call)
    {
        Envelope envelope = call.Envelope;
        ReadOnlyMemory<byte> body = envelope.Body;
        if (envelope.Method == Methods.Complete)
        {
            if (call.Route.ExposedName != call.Route.OriginalName)
                body = SpliceReference(call);
        }
        else if (envelope.Method is Methods.ToolsCall or Methods.PromptsGet && call.Route.ExposedName != call.Route.OriginalName)
        {
            Range name = envelope[ParamKey.Name];
            body = RawJson.Splice(body.Span, name.Start.Value, name.End.Value, RawJson.Quote(call.Route.OriginalName));
        }

        return Request(call, call.Id, body);
    }

    /// <summary>From a Legacy client to a Modern backend.</summary>
    /// <param name="call">The call.</param>
    /// <param name="id">The id token to use: a retry needs a new one.</param>
    /// <param name="context">What the session says of the client.</param>
    /// <param name="extra">Further params members, ready text: the answers of a retry.</param>
    public static OutgoingRequest ToModern(RoutedCall call, ReadOnlyMemory<byte> id, ModernContext context, ReadOnlySpan<byte> extra)
    {
        Envelope envelope = call.Envelope;
        byte[] kept = MembersWithoutReserved(envelope);
        byte[] meta = ModernMeta.Build(context.Capabilities.Span, context.ClientInfo.Span, kept, context.LogLevel);
        ReadOnlySpan<byte> append = extra.IsEmpty
            ? JsonRpc.Join("\"_meta\":"u8, meta, default)
            : JsonRpc.Join("\"_meta\":"u8, meta, ","u8, extra);
        return Request(call, id, Build(call, id.Span, dropRetry: true, append));
    }

    /// <summary>
    /// From a Modern client to a Legacy backend. Clients who know nothing of each other share the backend's session, so the id
    /// and the progress token are ours: two equal ids in one session would get each other's answers.
    /// </summary>
    public static OutgoingRequest ToLegacy(RoutedCall call)
    {
        byte[] own = RawJson.Quote($"vmcp-call-{Interlocked.Increment(ref _lastHiddenId)}");
        bool wantsProgress = call.Envelope.Has(MetaKey.ProgressToken);
        byte[] kept = MembersWithoutReserved(call.Envelope, withoutToken: true);
        byte[] token = wantsProgress ? JsonRpc.Join("\"progressToken\":"u8, own, default) : [];
        ReadOnlySpan<byte> comma = kept.Length > 0 && wantsProgress ? ","u8 : default;
        ReadOnlySpan<byte> append = kept.Length + token.Length == 0 ? default : JsonRpc.Join("\"_meta\":{"u8, kept, comma, token, "}"u8);
        return Request(call, own, Build(call, own, dropRetry: true, append)) with { ProgressToken = wantsProgress ? own : default };
    }

    private static OutgoingRequest Request(RoutedCall call, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> body) => new(call.Envelope.Method, id, body)
    {
        Name = call.BackendKey,
        Headers = call.Headers,
        Caller = call.Caller,
        ProgressToken = call.Envelope.Body[call.Envelope[MetaKey.ProgressToken]],
    };

    private static ReadOnlyMemory<byte> Build(RoutedCall call, ReadOnlySpan<byte> id, bool dropRetry, ReadOnlySpan<byte> append)
    {
        Envelope envelope = call.Envelope;
        ArrayBufferWriter<byte> output = new(envelope.Body.Length + append.Length + 64);
        output.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        output.Write(id);
        output.Write(",\"method\":"u8);
        output.Write(RawJson.Quote(envelope.Method));
        output.Write(",\"params\":{"u8);
        bool any = false;
        if (envelope.HasParams)
        {
            ReadOnlySpan<byte> parameters = envelope.Bytes(envelope.Params);
            RawMembers members = new(parameters);
            while (members.MoveNext())
            {
                if (members.NameIs("_meta"u8) || (dropRetry && (members.NameIs("requestState"u8) || members.NameIs("inputResponses"u8))))
                    continue;
                if (any)
                    output.Write(","u8);
                any = true;
                WriteMember(output, call, ref members, parameters);
            }
        }

        if (!append.IsEmpty)
        {
            if (any)
                output.Write(","u8);
            output.Write(append);
        }

        output.Write("}}"u8);
        return output.WrittenMemory;
    }

    private static void WriteMember(ArrayBufferWriter<byte> output, RoutedCall call, ref RawMembers members, ReadOnlySpan<byte> parameters)
    {
        bool named = call.Envelope.Method is Methods.ToolsCall or Methods.PromptsGet && members.NameIs("name"u8);
        if (named)
        {
            output.Write("\"name\":"u8);
            output.Write(RawJson.Quote(call.Route.OriginalName));
        }
        else if (call.Envelope.Method == Methods.Complete && members.NameIs("ref"u8))
        {
            output.Write("\"ref\":"u8);
            output.Write(Reference(call, members.Current.Value(parameters)));
        }
        else
        {
            output.Write(parameters[members.Current.NameStart..members.Current.ValueEnd]);
        }
    }

    private static byte[] SpliceReference(RoutedCall call)
    {
        Envelope envelope = call.Envelope;
        Range at = envelope[ParamKey.Ref];
        return RawJson.Splice(envelope.Body.Span, at.Start.Value, at.End.Value, Reference(call, envelope.Bytes(at)));
    }

    /// <summary>A completion's reference with the backend's own prompt name; URIs are never rewritten.</summary>
    private static byte[] Reference(RoutedCall call, ReadOnlySpan<byte> reference)
    {
        Range name = RawJson.Find(reference, "name"u8);
        bool isPrompt = RawJson.ReadString(reference[RawJson.Find(reference, "type"u8)]) == "ref/prompt";
        return isPrompt && name.End.Value > 0
            ? RawJson.Splice(reference, name.Start.Value, name.End.Value, RawJson.Quote(call.Route.OriginalName))
            : reference.ToArray();
    }

    /// <summary>The client's _meta members, as ready text, without the keys that belong to one era only.</summary>
    private static byte[] MembersWithoutReserved(Envelope envelope, bool withoutToken = false)
    {
        ReadOnlySpan<byte> meta = envelope.Bytes(envelope[ParamKey.Meta]);
        if (meta.IsEmpty)
            return [];
        byte[] kept = RawJson.Rebuild(meta, (ref RawMembers m) => IsEraKey(ref m) || (withoutToken && m.NameIs("progressToken"u8)), default);
        return kept.Length <= 2 ? [] : kept[1..^1];
    }

    private static bool IsEraKey(ref RawMembers members) =>
        members.NameStartsWith(ModernMeta.ReservedPrefix)
        && !members.NameIs("io.modelcontextprotocol/related-task"u8)
        && !members.NameIs("io.modelcontextprotocol/model-immediate-response"u8);
}
