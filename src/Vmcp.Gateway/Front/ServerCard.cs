using System.Buffers;
using System.Text.Json;

using Vmcp.Core.Catalogs;
using Vmcp.Gateway.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>How the gateway introduces itself in both eras.</summary>
/// <param name="options">Name and version.</param>
public sealed class ServerCard(GatewayOptions options)
{
    /// <summary><c>{"name":…,"version":…}</c>.</summary>
    public byte[] Info { get; } = BuildInfo(options);

    /// <summary>The members every Modern list result has: type, cache hints (lists may differ by user, so private) and our name. Begins with a comma.</summary>
    public byte[] ModernListMembers { get; } = JsonRpc.Join(
        ",\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":"u8, BuildInfo(options), "}"u8);

    /// <summary>The result of <c>initialize</c>: always the same, so that a backend that comes later finds the client prepared.</summary>
    public byte[] InitializeResult(string revision, GatewaySnapshot snapshot)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using Utf8JsonWriter writer = new(buffer, JsonText.Relaxed);
        writer.WriteStartObject();
        writer.WriteString("protocolVersion"u8, revision);
        writer.WriteStartObject("capabilities"u8);
        Flag(writer, "tools", "listChanged");
        Flag(writer, "resources", "subscribe", "listChanged");
        Flag(writer, "prompts", "listChanged");
        Flag(writer, "logging");
        Flag(writer, "completions");
        if (string.CompareOrdinal(revision, Revisions.V2025November) >= 0 && TasksOf(snapshot, Era.Legacy) is { IsEmpty: false } tasks)
        {
            writer.WritePropertyName("tasks"u8);
            writer.WriteRawValue(tasks.Span);
        }

        writer.WriteEndObject();
        writer.WritePropertyName("serverInfo"u8);
        writer.WriteRawValue(Info);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The result of <c>server/discover</c>: what there is to see now (MCP 2026-07-28).</summary>
    public byte[] DiscoverResult(GatewaySnapshot snapshot, Catalog catalog)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using Utf8JsonWriter writer = new(buffer, JsonText.Relaxed);
        writer.WriteStartObject();
        writer.WriteStartArray("supportedVersions"u8);
        writer.WriteStringValue(Revisions.Modern);
        writer.WriteEndArray();
        writer.WriteStartObject("capabilities"u8);
        // Always, even while no backend has answered yet: clients remember what they discover.
        Flag(writer, "tools", "listChanged");
        if (catalog.Resources.Entries.Length + catalog.ResourceTemplates.Entries.Length > 0)
            Flag(writer, "resources", "subscribe", "listChanged");
        if (catalog.Prompts.Entries.Length > 0)
            Flag(writer, "prompts", "listChanged");
        Flag(writer, "logging");
        Flag(writer, "completions");
        if (TasksOf(snapshot, Era.Modern) is { IsEmpty: false } tasks)
        {
            writer.WriteStartObject("extensions"u8);
            writer.WritePropertyName("io.modelcontextprotocol/tasks"u8);
            writer.WriteRawValue(tasks.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return JsonRpc.Join(buffer.WrittenSpan, ModernListMembers, "}"u8);
    }

    private static void Flag(Utf8JsonWriter writer, string capability, params ReadOnlySpan<string> flags)
    {
        writer.WriteStartObject(capability);
        foreach (string flag in flags)
            writer.WriteBoolean(flag, true);
        writer.WriteEndObject();
    }

    /// <summary>
    /// The task capability of the first listed backend of an era that has one; empty when none has. Listing is left out: tasks
    /// of several backends have no common page.
    /// </summary>
    private static ReadOnlyMemory<byte> TasksOf(GatewaySnapshot snapshot, Era era)
    {
        foreach (BackendView view in snapshot.Backends.Values.OrderBy(v => v.Handle.Backend.Name, StringComparer.Ordinal))
        {
            if (!view.Listed || view.Handle.Era != era || snapshot.CapabilitiesOf(view) is not { ServerCapabilities: var capabilities })
                continue;
            ReadOnlyMemory<byte> holder = era == Era.Legacy ? capabilities : capabilities[RawJson.Find(capabilities.Span, "extensions"u8)];
            ReadOnlyMemory<byte> tasks = holder[RawJson.Find(holder.Span, era == Era.Legacy ? "tasks"u8 : "io.modelcontextprotocol/tasks"u8)];
            if (RawJson.IsObject(tasks.Span))
                return RawJson.Rebuild(tasks.Span, static (ref RawMembers m) => m.NameIs("list"u8), default);
        }

        return default;
    }

    private static byte[] BuildInfo(GatewayOptions options) =>
        JsonRpc.Join("{\"name\":"u8, RawJson.Quote(options.Name), ",\"version\":"u8, RawJson.Quote(options.Version), "}"u8);
}
