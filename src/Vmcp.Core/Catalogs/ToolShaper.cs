using System.Text.Json;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Core.Catalogs;

/// <summary>Applies one backend's tool rules: overrides and visibility (vmcp-runtime 5.6).</summary>
internal sealed class ToolShaper
{
    private readonly string _backend;
    private readonly ToolRules? _rules;
    private readonly HashSet<string>? _filter;
    private readonly HiddenBy _hidden;

    public ToolShaper(string backend, AggregationPolicy policy)
    {
        _backend = backend;
        _rules = policy.Tools.GetValueOrDefault(backend);
        _hidden = policy.ExcludeAllTools ? HiddenBy.ExcludeAllTools
            : _rules is { ExcludeAll: true } ? HiddenBy.ExcludeAll
            : _rules is null && policy.DenyByDefault ? HiddenBy.DenyByDefault
            : HiddenBy.Nothing;
        if (_rules is { Filter.IsDefaultOrEmpty: false })
            _filter = new HashSet<string>(_rules.Filter, StringComparer.Ordinal);
    }

    /// <summary>The tool with its overridden name as the wanted one, or null when its definition must not be shown to anyone.</summary>
    public Claim? Shape(CapabilityItem item, bool away, ConflictLog log)
    {
        string? problem = null;
        IReadOnlyList<HeaderParameter> headers = [];
        try
        {
            problem = HeaderParameterReader.Read(item.Json, out headers);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: escapes of lone surrogates
        {
            problem = "is no JSON object";
        }

        if (problem is not null)
        {
            Claim refused = new(_backend, item, away, item.Key);
            log.Lost(CapabilityKind.Tools, item.Key, null, refused, Outcome.InvalidDefinition, $"The tool's definition {problem}; it is left out.");
            return null;
        }

        ToolOverride? change = _rules?.Overrides.GetValueOrDefault(item.Key);
        string name = string.IsNullOrEmpty(change?.Name) ? item.Key : change.Name;
        HiddenBy hidden = _hidden == HiddenBy.Nothing && _filter is not null && !_filter.Contains(item.Key) && !_filter.Contains(name)
            ? HiddenBy.Filter
            : _hidden;
        return new Claim(_backend, item, away, name) { Override = change, Hidden = hidden, Headers = [.. headers] };
    }
}
