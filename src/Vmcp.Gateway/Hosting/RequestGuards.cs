using System.Net;

using Microsoft.AspNetCore.Http;

using Vmcp.Gateway.Front;

namespace Vmcp.Gateway.Hosting;

/// <summary>
/// The first checks of every request, all paths and both eras: <c>Host</c> and <c>Origin</c> (DNS rebinding), and where the body ends
/// (request smuggling).
/// </summary>
/// <param name="options">The accepted hosts.</param>
public sealed class RequestGuards(GatewayOptions options)
{
    private static readonly byte[] OriginRefused = """{"jsonrpc":"2.0","error":{"code":-32600,"message":"Origin not allowed"}}"""u8.ToArray();

    /// <summary>Refuses foreign hosts and origins, and bodies whose end is open to debate; true when the request may go on.</summary>
    public async ValueTask<bool> AdmitAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers.Host.Count > 1 || !IsHostAllowed(context.Request.Host))
        {
            await HttpAnswers.TextAsync(context, StatusCodes.Status403Forbidden, "Forbidden: the Host header is not one this server answers to").ConfigureAwait(false);
            return false;
        }

        if (!IsFramedOneWay(headers))
        {
            context.Response.Headers.Connection = "close";
            await HttpAnswers.TextAsync(context, StatusCodes.Status400BadRequest, "Bad Request: Transfer-Encoding must be chunked alone, without Content-Length")
                .ConfigureAwait(false);
            return false;
        }

        if (headers.Origin.Count == 0 || (headers.Origin.Count == 1 && IsOriginAllowed(headers.Origin[0])))
            return true;
        await HttpAnswers.JsonAsync(context, StatusCodes.Status403Forbidden, OriginRefused).ConfigureAwait(false);
        return false;
    }

    // RFC 9112 6.1 and 6.3: a message with both, or with another coding, may be an attempt at request smuggling. Kestrel lets the coding win and
    // keeps the length it overruled under another name.
    private static bool IsFramedOneWay(IHeaderDictionary headers) =>
        headers.TransferEncoding.Count == 0
        || (headers.TransferEncoding.Count == 1 && string.Equals(headers.TransferEncoding[0], "chunked", StringComparison.OrdinalIgnoreCase)
            && headers.ContentLength is null && !headers.ContainsKey("X-Content-Length"));

    private bool IsHostAllowed(HostString host) =>
        options.AllowedHosts is null || (host.HasValue && (IsLoopback(host.Host) || options.AllowedHosts.Contains(host.Host)));

    /// <summary>An origin is a page in a browser. Only pages of this machine, or of hosts we are known by, may talk to us.</summary>
    private bool IsOriginAllowed(string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
        && uri.Scheme is "http" or "https"
        && (IsLoopback(uri.Host) || options.AllowedHosts?.Contains(uri.Host) == true);

    /// <summary>Whether a host is this machine by its name.</summary>
    internal static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
