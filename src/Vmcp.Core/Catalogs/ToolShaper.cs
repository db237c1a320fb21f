using System.Text.Json;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs;

/// <summary>Applies one backend's tool rules: overrides and visibility (vmcp-runtime 5.6).</summary>
internal sealed class ToolShaper
{
    private readonly string _backend;
    private readonly ToolRules? _rules;
    private readonly HashSet<string>? _filter;
    private readonly bool _hideAll;

    public ToolShaper(string backend, AggregationPolicy policy)
    {
        _backend = backend;
        _rules = policy.Tools.GetValueOrDefault(backend);
        _hideAll = policy.ExcludeAllTools || (_rules?.ExcludeAll ?? policy.DenyByDefault);
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
            log.Add(CapabilityKind.Tools, item.Key, null, _backend, $"The tool's definition {problem}; it is left out.");
            return null;
        }

        ToolOverride? change = _rules?.Overrides.GetValueOrDefault(item.Key);
        string name = string.IsNullOrEmpty(change?.Name) ? item.Key : change.Name;
        bool visible = !_hideAll && (_filter is null || _filter.Contains(item.Key) || _filter.Contains(name));
        return new Claim(_backend, item, away, name) { Override = change, Visible = visible, Headers = [.. headers] };
    }
}
