using System.Collections.Immutable;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs;

/// <summary>One backend's item on its way to an exposed name.</summary>
/// <param name="Backend">The backend that has it.</param>
/// <param name="Item">The item as the backend sent it.</param>
/// <param name="Away">The backend is out of service.</param>
/// <param name="Wanted">The name it would like; for tools the overridden name until the strategy decided.</param>
internal sealed record Claim(string Backend, CapabilityItem Item, bool Away, string Wanted)
{
    /// <summary>Place in <see cref="AggregationPolicy.PriorityOrder"/>; smaller goes first.</summary>
    public int Rank { get; init; } = AggregationPolicy.Unranked;

    /// <summary>The name is a way out of a contest and must not displace a name somebody has by right.</summary>
    public bool IsFallback { get; init; }

    public ToolOverride? Override { get; init; }

    /// <summary>The prefix that <see cref="Wanted"/> begins with; empty without one.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Which rule hides it from clients.</summary>
    public HiddenBy Hidden { get; init; }

    public bool Visible => Hidden == HiddenBy.Nothing;

    public ImmutableArray<HeaderParameter> Headers { get; init; } = [];
}

/// <summary>The rules that hide a tool.</summary>
internal enum HiddenBy
{
    Nothing,
    ExcludeAllTools,
    ExcludeAll,
    DenyByDefault,
    Filter,
}

/// <summary>A claim that got a name.</summary>
internal sealed record NamedClaim(Claim Claim, string ExposedName);
