using System.Net;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Gateway.Explaining;

/// <summary>
/// <c>GET /api/catalog</c>: each listed item of each backend with its verdict. The names of hidden tools are not for everybody: without
/// <see cref="GatewayOptions.ShowCatalog"/> only callers of this machine (or pod) get them.
/// </summary>
public sealed class CatalogEndpoint(BackendFleet fleet, CatalogVerdicts verdicts, StatusEndpoints status, GatewayOptions options)
{
    /// <summary>The path.</summary>
    public const string Path = "/api/catalog";

    private static readonly byte[] Refused = """
        {"error":"forbidden","hint":"The names of hidden tools are shown to callers on the gateway's own machine or pod only: reach it with kubectl port-forward, or start vmcp with --dashboard on."}
        """u8.ToArray();

    /// <summary>Headers that say somebody else asks through whoever is connected.</summary>
    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    /// <summary>Serves the path.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await HttpAnswers.TextAsync(context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed").ConfigureAwait(false);
            return;
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        if (!options.ShowCatalog && !IsNear(context))
        {
            await HttpAnswers.JsonAsync(context, StatusCodes.Status403Forbidden, Refused).ConfigureAwait(false);
            return;
        }

        await Task.Yield(); // the merge runs once more: too long for the thread of the sockets
        GatewaySnapshot snapshot = fleet.Current;
        await HttpAnswers.JsonAsync(context, 200, CatalogJson.Catalog(status.Report(snapshot), verdicts.Of(snapshot))).ConfigureAwait(false);
    }

    /// <summary>
    /// Connected from this machine or pod, under a loopback name, and not on behalf of somebody farther away: a proxy beside us is near, the
    /// one it asks for need not be.
    /// </summary>
    internal static bool IsNear(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
        && RequestGuards.IsLoopback(context.Request.Host.Host)
        && !Forwarding.Any(context.Request.Headers.ContainsKey);
}
