using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vmcp.Core.Catalogs;

/// <summary>All a request needs to list and route. Built whole on each change, then only read.</summary>
public sealed record Catalog
{
    /// <summary>The catalog before any backend answered.</summary>
    public static Catalog Empty { get; } = new();

    /// <summary>Grows by one with each published catalog.</summary>
    public long Version { get; init; }

    /// <summary>What <c>tools/list</c> shows.</summary>
    public CatalogList Tools { get; init; } = CatalogList.Empty;

    /// <summary>What <c>resources/list</c> shows.</summary>
    public CatalogList Resources { get; init; } = CatalogList.Empty;

    /// <summary>What <c>resources/templates/list</c> shows.</summary>
    public CatalogList ResourceTemplates { get; init; } = CatalogList.Empty;

    /// <summary>What <c>prompts/list</c> shows.</summary>
    public CatalogList Prompts { get; init; } = CatalogList.Empty;

    /// <summary>Every routable tool by exposed name, hidden ones included (they are not callable by clients).</summary>
    public FrozenDictionary<string, ToolRoute> ToolRoutes { get; init; } = FrozenDictionary<string, ToolRoute>.Empty;

    /// <summary>Every prompt by exposed name.</summary>
    public FrozenDictionary<string, Route> PromptRoutes { get; init; } = FrozenDictionary<string, Route>.Empty;

    /// <summary>Every resource by URI.</summary>
    public FrozenDictionary<string, Route> ResourceRoutes { get; init; } = FrozenDictionary<string, Route>.Empty;

    /// <summary>Every template; matched in this order: sorted by template string, those of backends out of service last.</summary>
    public ImmutableArray<TemplateRoute> TemplateRoutes { get; init; } = [];

    /// <summary>Names that two or more backends wanted, and who got them. Sorted, so equal input gives equal reports.</summary>
    public ImmutableArray<CatalogConflict> Conflicts { get; init; } = [];

    /// <summary>The list of one kind.</summary>
    public CatalogList List(Capabilities.CapabilityKind kind) => kind switch
    {
        Capabilities.CapabilityKind.Tools => Tools,
        Capabilities.CapabilityKind.Resources => Resources,
        Capabilities.CapabilityKind.ResourceTemplates => ResourceTemplates,
        Capabilities.CapabilityKind.Prompts => Prompts,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Finds who serves a URI: the exact resource, the exact template string, else the first matching template.</summary>
    public Route? FindResource(string uri)
    {
        if (ResourceRoutes.TryGetValue(uri, out Route? exact))
            return exact;
        foreach (TemplateRoute template in TemplateRoutes)
        {
            if (template.OriginalName == uri)
                return template;
        }

        // One budget for all templates: neither a client nor a backend can make a lookup expensive.
        long budget = UriTemplate.WorkBudget;
        foreach (TemplateRoute template in TemplateRoutes)
        {
            if (template.Template.IsMatch(uri, ref budget))
                return template;
        }

        return null;
    }
}

/// <summary>Where an exposed name leads.</summary>
/// <param name="ExposedName">The name clients see.</param>
/// <param name="Backend">Name of the backend that serves it.</param>
/// <param name="OriginalName">The name the backend itself uses.</param>
public record Route(string ExposedName, string Backend, string OriginalName)
{
    /// <summary>
    /// The backend is known to have it but is out of service: not listed, and a call gets
    /// "unavailable" instead of "unknown".
    /// </summary>
    public bool Away { get; init; }
}

/// <summary>A tool's route.</summary>
/// <param name="ExposedName">The name clients see.</param>
/// <param name="Backend">Name of the backend that serves it.</param>
/// <param name="OriginalName">The backend's own name for the tool.</param>
/// <param name="Visible">False: kept for composite tools, neither listed nor callable by clients.</param>
/// <param name="HeaderParameters">Arguments mirrored into <c>Mcp-Param-*</c> headers (MCP 2026-07-28, x-mcp-header).</param>
public sealed record ToolRoute(
    string ExposedName, string Backend, string OriginalName, bool Visible, ImmutableArray<HeaderParameter> HeaderParameters)
    : Route(ExposedName, Backend, OriginalName);

/// <summary>A resource template's route; the exposed name is the template string.</summary>
/// <param name="Template">The compiled template.</param>
/// <param name="Backend">Name of the backend that serves it.</param>
public sealed record TemplateRoute(UriTemplate Template, string Backend) : Route(Template.Text, Backend, Template.Text);

/// <summary>An argument that travels as a header too.</summary>
/// <param name="Header">The header's suffix after <c>Mcp-Param-</c>.</param>
/// <param name="Path">Property names from the arguments object down to the value.</param>
public sealed record HeaderParameter(string Header, ImmutableArray<string> Path);

/// <summary>A name wanted by more than one backend.</summary>
/// <param name="Kind">What kind of name it is.</param>
/// <param name="Name">The contested exposed name or URI.</param>
/// <param name="Winner">The backend whose item has the name, or null when nobody has.</param>
/// <param name="Losers">The backends whose items lost it, sorted.</param>
/// <param name="Reason">One sentence that names the rule.</param>
public sealed record CatalogConflict(
    Capabilities.CapabilityKind Kind, string Name, string? Winner, ImmutableArray<string> Losers, string Reason);
