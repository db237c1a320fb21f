using System.Collections.Immutable;

namespace Vmcp.Core.Capabilities;

/// <summary>What one backend offers, as it said so itself. Items keep the backend's bytes.</summary>
public sealed record BackendCapabilities
{
    /// <summary>The protocol revision spoken with the backend, for example <c>2025-11-25</c>.</summary>
    public required string Revision { get; init; }

    /// <summary>The backend's tools in its own order.</summary>
    public ImmutableArray<CapabilityItem> Tools { get; init; } = [];

    /// <summary>The backend's resources in its own order; the key is the URI.</summary>
    public ImmutableArray<CapabilityItem> Resources { get; init; } = [];

    /// <summary>The backend's resource templates; the key is the URI template.</summary>
    public ImmutableArray<CapabilityItem> ResourceTemplates { get; init; } = [];

    /// <summary>The backend's prompts; the key is the name.</summary>
    public ImmutableArray<CapabilityItem> Prompts { get; init; } = [];

    /// <summary>The <c>capabilities</c> object of the backend's handshake as it came (UTF-8 JSON).</summary>
    public ReadOnlyMemory<byte> ServerCapabilities { get; init; } = "{}"u8.ToArray();

    /// <summary>The items of one kind.</summary>
    public ImmutableArray<CapabilityItem> Items(CapabilityKind kind) => kind switch
    {
        CapabilityKind.Tools => Tools,
        CapabilityKind.Resources => Resources,
        CapabilityKind.ResourceTemplates => ResourceTemplates,
        _ => Prompts,
    };

    /// <summary>Whether all four lists hold equal items in equal order.</summary>
    public bool SameLists(BackendCapabilities other) =>
        Tools.AsSpan().SequenceEqual(other.Tools.AsSpan()) && Resources.AsSpan().SequenceEqual(other.Resources.AsSpan())
        && ResourceTemplates.AsSpan().SequenceEqual(other.ResourceTemplates.AsSpan()) && Prompts.AsSpan().SequenceEqual(other.Prompts.AsSpan());

    /// <summary>The same with other items of one kind.</summary>
    public BackendCapabilities With(CapabilityKind kind, ImmutableArray<CapabilityItem> items) => kind switch
    {
        CapabilityKind.Tools => this with { Tools = items },
        CapabilityKind.Resources => this with { Resources = items },
        CapabilityKind.ResourceTemplates => this with { ResourceTemplates = items },
        _ => this with { Prompts = items },
    };
}

/// <summary>One listed thing: its key (tool name, URI, URI template, prompt name) and the JSON object the backend sent.</summary>
/// <param name="Key">The value of the identifying member, unescaped.</param>
/// <param name="Json">The whole object as UTF-8 JSON, exactly as received.</param>
public sealed record CapabilityItem(string Key, ReadOnlyMemory<byte> Json)
{
    /// <inheritdoc />
    public bool Equals(CapabilityItem? other) => other is not null && Key == other.Key && Json.Span.SequenceEqual(other.Json.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Key, Json.Length);
}

/// <summary>The four kinds of things a backend lists.</summary>
public enum CapabilityKind
{
    /// <summary><c>tools/list</c>.</summary>
    Tools,

    /// <summary><c>resources/list</c>.</summary>
    Resources,

    /// <summary><c>resources/templates/list</c>.</summary>
    ResourceTemplates,

    /// <summary><c>prompts/list</c>.</summary>
    Prompts,
}
