using System.Buffers;
using System.Text.Json;

using Vmcp.Protocol.Http;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Eras;

/// <summary>The headers of a client's POST that decide its era; null when absent.</summary>
/// <param name="Version">MCP-Protocol-Version.</param>
/// <param name="Method">Mcp-Method.</param>
/// <param name="Name">Mcp-Name.</param>
public readonly record struct EraHeaders(string? Version, string? Method, string? Name);

/// <summary>What a POST turned out to be.</summary>
public abstract record EraVerdict
{
    private EraVerdict()
    {
    }

    /// <summary>A Legacy message.</summary>
    public sealed record IsLegacy : EraVerdict
    {
        /// <summary>The one instance.</summary>
        public static IsLegacy Instance { get; } = new();
    }

    /// <summary>A well-formed Modern message.</summary>
    public sealed record IsModern : EraVerdict
    {
        /// <summary>The one instance.</summary>
        public static IsModern Instance { get; } = new();
    }

    /// <summary>Refused with HTTP 400 and this JSON-RPC error.</summary>
    /// <param name="Code">The JSON-RPC error code.</param>
    /// <param name="Message">What is wrong.</param>
    /// <param name="Data">The <c>data</c> member as JSON, or empty.</param>
    public sealed record Refused(int Code, string Message, byte[] Data) : EraVerdict;
}

/// <summary>Decides per request which era it speaks (vmcp-runtime 4.1; MCP 2026-07-28, request headers).</summary>
public static class EraClassifier
{
    /// <summary>Classifies one scanned message. Header rules of Modern requests are checked here too.</summary>
    public static EraVerdict Classify(Envelope envelope, EraHeaders headers)
    {
        bool modernHeader = headers.Version is not null && Revisions.IsModernOrLater(headers.Version);
        bool modernVersion = envelope.Has(MetaKey.ProtocolVersion);
        // initialize opens a Legacy session whatever headers stray in; only a complete Modern request makes it an unknown method.
        if (envelope.Kind == MessageKind.Response || (envelope.Method == Methods.Initialize && !(modernHeader && modernVersion)))
            return EraVerdict.IsLegacy.Instance;
        bool modernBody = modernVersion || envelope.Has(MetaKey.ClientInfo) || envelope.Has(MetaKey.ClientCapabilities);
        if (!modernHeader && !modernBody)
            return EraVerdict.IsLegacy.Instance;
        if (envelope.Kind == MessageKind.Notification && modernHeader)
            return EraVerdict.IsModern.Instance;
        return modernVersion ? CheckVersion(envelope, headers) : WithoutBodyVersion(headers.Version, modernHeader);
    }

    /// <summary>Builds the <c>data</c> of a header mismatch.</summary>
    public static byte[] MismatchData(string header, string? sent, string? body)
    {
        ArrayBufferWriter<byte> buffer = new(96);
        using Utf8JsonWriter writer = new(buffer, JsonText.Relaxed);
        writer.WriteStartObject();
        writer.WriteString("header"u8, header);
        writer.WriteString("headerValue"u8, sent);
        writer.WriteString("body"u8, body ?? "");
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static EraVerdict WithoutBodyVersion(string? header, bool modernHeader)
    {
        if (modernHeader)
        {
            return new EraVerdict.Refused(
                JsonRpcCodes.InvalidParams,
                "params._meta lacks io.modelcontextprotocol/protocolVersion, which every 2026-07-28 request carries.",
                MismatchData(McpHeaders.ProtocolVersion, header, null));
        }

        // Stray Modern keys under an older version header: a Legacy client that passes its own _meta through.
        return header is not null
            ? EraVerdict.IsLegacy.Instance
            : new EraVerdict.Refused(
                JsonRpcCodes.InvalidParams, "params._meta lacks io.modelcontextprotocol/protocolVersion.", []);
    }

    private static EraVerdict CheckVersion(Envelope envelope, EraHeaders headers)
    {
        string version = envelope.Text(MetaKey.ProtocolVersion) ?? "";
        if (headers.Version is null || headers.Version != version)
        {
            // A mismatch is reported before an unsupported version: the two sides of the request disagree.
            if (headers.Version is not null && !Revisions.IsModernOrLater(headers.Version) && !Revisions.IsModernOrLater(version))
                return EraVerdict.IsLegacy.Instance;
            return Mismatch(McpHeaders.ProtocolVersion, headers.Version, version);
        }

        if (version != Revisions.Modern)
            return Unsupported(version);
        if (!RawJson.IsObject(envelope.Bytes(envelope[MetaKey.ClientCapabilities])))
        {
            // MCP 2026-07-28 asks for −32602; gateways of this family have always said −32021 (ERA-03). The probe gets the former.
            return new EraVerdict.Refused(
                envelope.Method == Methods.Discover ? JsonRpcCodes.InvalidParams : JsonRpcCodes.MissingClientCapability,
                "params._meta needs io.modelcontextprotocol/clientCapabilities, an object.",
                """{"requiredCapabilities":{}}"""u8.ToArray());
        }

        return CheckRouting(envelope, headers);
    }

    private static EraVerdict CheckRouting(Envelope envelope, EraHeaders headers)
    {
        if (headers.Method != envelope.Method)
            return Mismatch(McpHeaders.Method, headers.Method, envelope.Method);
        ParamKey? named = envelope.Method switch
        {
            Methods.ToolsCall or Methods.PromptsGet => ParamKey.Name,
            Methods.ResourcesRead => ParamKey.Uri,
            Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel => ParamKey.TaskId,
            _ => null,
        };
        if (named is not { } key)
            return EraVerdict.IsModern.Instance;
        string? inBody = envelope.Text(key);
        string? inHeader = headers.Name is null ? null : McpHeaders.Decode(headers.Name);
        if (inBody is null || inBody != inHeader)
            return Mismatch(McpHeaders.Name, headers.Name, inBody);
        return EraVerdict.IsModern.Instance;
    }

    private static EraVerdict.Refused Mismatch(string header, string? sent, string? body) => new(
        JsonRpcCodes.HeaderMismatch,
        sent is null ? $"The header {header} is missing." : $"The header {header} does not match the request body.",
        MismatchData(header, sent, body));

    private static EraVerdict.Refused Unsupported(string version)
    {
        ArrayBufferWriter<byte> buffer = new(96);
        using Utf8JsonWriter writer = new(buffer, JsonText.Relaxed);
        writer.WriteStartObject();
        writer.WriteStartArray("supported"u8);
        writer.WriteStringValue(Revisions.Modern);
        writer.WriteEndArray();
        writer.WriteString("requested"u8, version);
        writer.WriteEndObject();
        writer.Flush();
        return new EraVerdict.Refused(
            JsonRpcCodes.UnsupportedVersion, $"Protocol version {version} is not supported.", buffer.WrittenSpan.ToArray());
    }
}
