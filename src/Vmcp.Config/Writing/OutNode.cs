using System.Collections.Immutable;

namespace Vmcp.Config.Writing;

/// <summary>A value on its way into a file.</summary>
internal abstract record OutNode;

/// <summary>A scalar, already spelled as YAML.</summary>
internal sealed record OutScalar(string Yaml) : OutNode;

internal sealed record OutList(ImmutableArray<OutNode> Items) : OutNode;

/// <summary>A map in the order it is written; keys not yet quoted.</summary>
internal sealed record OutMap(ImmutableArray<KeyValuePair<string, OutNode>> Entries) : OutNode;
