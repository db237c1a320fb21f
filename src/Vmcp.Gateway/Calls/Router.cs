using System.Diagnostics.CodeAnalysis;

using Vmcp.Core.Catalogs;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>Finds the backend of a request in one snapshot. Names are looked up, never taken apart.</summary>
public static class Router
{
    /// <summary>Routes a request that names a tool, prompt, resource or completion, within what this client is shown.</summary>
    public static bool TryRoute(
        GatewaySnapshot snapshot, ClientCapabilities client, Envelope envelope, Caller caller, IReadOnlyList<KeyValuePair<string, string>> headers,
        [NotNullWhen(true)] out RoutedCall? call, [NotNullWhen(false)] out RouteProblem? problem)
    {
        call = null;
        Route? route = Find(snapshot.CatalogFor(client), snapshot.Departed, envelope, out problem);
        if (route is null)
        {
            problem ??= new RouteProblem(JsonRpcCodes.InvalidParams, "The request names nothing this server has.");
            // Where each user has lists of their own, a name may be missing for a reason that passes.
            if (!snapshot.PerUser.IsEmpty && NameOf(envelope) is { } name && Absence.Why(snapshot, name) is { } why)
                problem = new RouteProblem(JsonRpcCodes.InternalError, why, Away: true);
            return false;
        }

        if (!snapshot.Backends.TryGetValue(route.Backend, out BackendView? view) || route.Away)
        {
            problem = new RouteProblem(JsonRpcCodes.InternalError, $"Backend \"{route.Backend}\" is unavailable.", Away: true);
            return false;
        }

        call = new RoutedCall(envelope, route, view.Handle, caller, headers);
        problem = null;
        return true;
    }

    private static string? NameOf(Envelope envelope) =>
        envelope.Method is Methods.ToolsCall or Methods.PromptsGet ? envelope.Text(ParamKey.Name) : null;

    private static Route? Find(Catalog catalog, DepartedItems departed, Envelope envelope, out RouteProblem? problem)
    {
        problem = null;
        switch (envelope.Method)
        {
            case Methods.ToolsCall:
                return FindTool(catalog, departed, envelope, out problem);
            case Methods.PromptsGet:
                string? prompt = envelope.Text(ParamKey.Name);
                if (prompt is not null && catalog.PromptRoutes.TryGetValue(prompt, out Route? found))
                    return found;
                problem = prompt is null ? Missing("name") : NotFound($"prompt \"{prompt}\"", departed.OwnerOfPrompt(prompt));
                return null;
            case Methods.Complete:
                return FindReference(catalog, envelope, out problem);
            default:
                string? uri = envelope.Text(ParamKey.Uri);
                Route? resource = uri is null ? null : catalog.FindResource(uri);
                if (resource is null)
                    problem = uri is null ? Missing("uri") : NotFound("Resource", departed.OwnerOfResource(uri)) with { Uri = uri };
                return resource;
        }
    }

    private static ToolRoute? FindTool(Catalog catalog, DepartedItems departed, Envelope envelope, out RouteProblem? problem)
    {
        problem = null;
        string? name = envelope.Text(ParamKey.Name);
        if (name is null)
        {
            problem = Missing("name");
            return null;
        }

        if (envelope.Has(ParamKey.Arguments) && !RawJson.IsObject(envelope.Bytes(envelope[ParamKey.Arguments])))
        {
            problem = new RouteProblem(JsonRpcCodes.InvalidParams, "params.arguments must be an object.");
            return null;
        }

        // A hidden tool is not callable either: what is not listed does not exist for clients.
        if (catalog.ToolRoutes.TryGetValue(name, out ToolRoute? route) && route.Visible)
            return route;
        problem = NotFound($"tool \"{name}\"", departed.OwnerOfTool(name));
        return null;
    }

    private static Route? FindReference(Catalog catalog, Envelope envelope, out RouteProblem? problem)
    {
        problem = null;
        ReadOnlySpan<byte> reference = envelope.Bytes(envelope[ParamKey.Ref]);
        if (!RawJson.IsObject(reference))
        {
            problem = Missing("ref");
            return null;
        }

        string? type = RawJson.ReadString(reference[RawJson.Find(reference, "type"u8)]);
        string? name = RawJson.ReadString(reference[RawJson.Find(reference, type == "ref/resource" ? "uri"u8 : "name"u8)]);
        if (name is null)
        {
            problem = Missing(type == "ref/resource" ? "ref.uri" : "ref.name");
            return null;
        }

        if (type == "ref/resource")
            return catalog.FindResource(name);
        return catalog.PromptRoutes.TryGetValue(name, out Route? prompt) ? prompt : null;
    }

    /// <summary>A client may still have a list from before a backend left: it is told what became of it.</summary>
    private static RouteProblem NotFound(string what, string? leftWith) => new(
        JsonRpcCodes.InvalidParams, leftWith is null ? $"{what} not found" : $"{what} is not available any more: its backend \"{leftWith}\" has left this server.");

    private static RouteProblem Missing(string member) => new(JsonRpcCodes.InvalidParams, $"params.{member} is missing or not a string.");
}
