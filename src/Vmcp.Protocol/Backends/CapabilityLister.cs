using System.Collections.Immutable;
using System.Text.Json;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Backends;

/// <summary>One kind's list, or why it could not be had.</summary>
/// <param name="Items">The items in the backend's order.</param>
/// <param name="Failure">Why the list is missing.</param>
public sealed record ListOutcome(ImmutableArray<CapabilityItem> Items, BackendFailure? Failure);

/// <summary>Reads a backend's lists through all their pages, within bounds.</summary>
public static class CapabilityLister
{
    /// <summary>Whether the backend says that it has this kind at all.</summary>
    public static bool IsAdvertised(BackendLink link, CapabilityKind kind) => !CapabilityOf(link, kind).IsEmpty;

    /// <summary>Whether the backend promises to tell when this kind's list changes.</summary>
    public static bool PromisesChanges(BackendLink link, CapabilityKind kind)
    {
        ReadOnlySpan<byte> capability = CapabilityOf(link, kind);
        return RawJson.IsTrue(capability[RawJson.Find(capability, "listChanged"u8)]);
    }

    /// <summary>The whole list of one kind. A backend that does not know the method has an empty list.</summary>
    public static async Task<ListOutcome> ListAsync(
        BackendLink link, CapabilityKind kind, LinkIdentity identity, CancellationToken cancellationToken)
    {
        ImmutableArray<CapabilityItem>.Builder items = ImmutableArray.CreateBuilder<CapabilityItem>();
        HashSet<string> cursors = [];
        string? cursor = null;
        for (int page = 0; page < JsonLimits.MaxListPages; page++)
        {
            BackendEvent answer = await LinkOpener.AnswerOf(link, PageRequest(link, kind, identity, cursor, page), cancellationToken)
                .ConfigureAwait(false);
            if (answer.Message is not { } message)
                return new ListOutcome([], answer.Failure);
            if (!message.Error.IsEmpty)
            {
                return message.ErrorCode == JsonRpcCodes.MethodNotFound
                    ? new ListOutcome([], null)
                    : Broken($"refused to list its {Noun(kind)}");
            }

            if (!Read(message.Result, kind, items))
                return Broken($"sent a list of {Noun(kind)} that is not valid");
            if (items.Count > JsonLimits.MaxListItems)
                return Broken($"lists more than {JsonLimits.MaxListItems} {Noun(kind)}");
            ReadOnlySpan<byte> next = message.Result.Span[RawJson.Find(message.Result.Span, "nextCursor"u8)];
            cursor = next.IsEmpty ? null : RawJson.ReadString(next);
            if (cursor is null)
                return new ListOutcome(items.ToImmutable(), null);
            if (!cursors.Add(cursor))
                return Broken($"lists its {Noun(kind)} in a circle");
        }

        return Broken($"lists its {Noun(kind)} on more than {JsonLimits.MaxListPages} pages");
    }

    /// <summary>The method that lists a kind.</summary>
    public static string Method(CapabilityKind kind) => kind switch
    {
        CapabilityKind.Tools => Methods.ToolsList,
        CapabilityKind.Resources => Methods.ResourcesList,
        CapabilityKind.ResourceTemplates => Methods.ResourceTemplatesList,
        _ => Methods.PromptsList,
    };

    /// <summary>The member of a list result that holds the items.</summary>
    public static string Noun(CapabilityKind kind) => kind switch
    {
        CapabilityKind.Tools => "tools",
        CapabilityKind.Resources => "resources",
        CapabilityKind.ResourceTemplates => "resourceTemplates",
        _ => "prompts",
    };

    private static ListOutcome Broken(string reason) => new([], new BackendFailure(FailureCategory.HealthCheckFailed, reason));

    private static ReadOnlySpan<byte> CapabilityOf(BackendLink link, CapabilityKind kind)
    {
        ReadOnlySpan<byte> all = link.ServerCapabilities.Span;
        return all[RawJson.Find(all, kind switch
        {
            CapabilityKind.Tools => "tools"u8,
            CapabilityKind.Prompts => "prompts"u8,
            _ => "resources"u8,
        })];
    }

    private static OutgoingRequest PageRequest(BackendLink link, CapabilityKind kind, LinkIdentity identity, string? cursor, int page)
    {
        byte[] id = RawJson.Quote($"vmcp-{Noun(kind)}-{page}");
        ReadOnlySpan<byte> cursorMember = cursor is null ? default : JsonRpc.Join("\"cursor\":"u8, RawJson.Quote(cursor), default);
        byte[] parameters = link.Era == Era.Modern
            ? JsonRpc.Join(
                "{"u8, cursorMember, cursor is null ? default : ","u8,
                "\"_meta\":"u8, ModernMeta.Build(identity.Capabilities.Span, identity.ClientInfo.Span, default), "}"u8)
            : JsonRpc.Join("{"u8, cursorMember, "}"u8);
        return new OutgoingRequest(Method(kind), id, JsonRpc.Request(id, Method(kind), parameters)) { MaxMessage = JsonLimits.MaxListPage };
    }

    private static bool Read(ReadOnlyMemory<byte> result, CapabilityKind kind, ImmutableArray<CapabilityItem>.Builder items)
    {
        ReadOnlySpan<byte> key = kind switch
        {
            CapabilityKind.Resources => "uri"u8,
            CapabilityKind.ResourceTemplates => "uriTemplate"u8,
            _ => "name"u8,
        };
        ReadOnlyMemory<byte> list = result[RawJson.Find(result.Span, System.Text.Encoding.UTF8.GetBytes(Noun(kind)))];
        Utf8JsonReader reader = new(list.Span, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        if (list.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadOnlyMemory<byte> item = list[start..(int)reader.BytesConsumed];
            string? name = RawJson.ReadString(item.Span[RawJson.Find(item.Span, key)]);
            if (name is not null) // an item without its key cannot be asked for; the others are fine
                items.Add(new CapabilityItem(name, item.ToArray()));
            if (items.Count > JsonLimits.MaxListItems)
                return true;
        }

        return true;
    }
}
