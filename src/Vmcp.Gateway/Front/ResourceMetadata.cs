using System.Buffers;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using Vmcp.Auth.Incoming;

namespace Vmcp.Gateway.Front;

/// <summary>Serves the protected resource's metadata at its well-known paths (RFC 9728 3), without proof and never from what a request says.</summary>
/// <param name="auth">Knows the resource.</param>
public sealed class ResourceMetadata(IIncomingAuth auth)
{
    private const string WellKnown = "/.well-known/oauth-protected-resource";

    private readonly byte[]? _document = auth.Resource is { } resource ? Write(resource) : null;
    private readonly HashSet<string> _paths = auth.Resource is { } resource ? [WellKnown, WellKnown + "/mcp", PathOf(resource)] : [];

    /// <summary>Where a client finds the metadata: the well-known path goes between host and path of the resource (RFC 9728 3.1).</summary>
    /// <remarks>It is ASCII, as it stands in a header: also where the resource's host is not.</remarks>
    public static Uri UrlOf(ProtectedResource resource)
    {
        Uri url = resource.Resource;
        return new UriBuilder(url.Scheme, url.IdnHost, url.IsDefaultPort ? -1 : url.Port, WellKnown + url.AbsolutePath.TrimEnd('/')).Uri;
    }

    /// <summary>Serves the request if it asks for the metadata.</summary>
    public async ValueTask<bool> TryServeAsync(HttpContext context)
    {
        if (_document is null || !_paths.Contains(context.Request.Path.Value ?? ""))
            return false;
        HttpResponse response = context.Response;
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowMethods = "GET, OPTIONS";
        response.Headers.AccessControlAllowHeaders = "Mcp-Protocol-Version, Content-Type, Authorization";
        switch (context.Request.Method)
        {
            case "OPTIONS":
                response.Headers.AccessControlMaxAge = "86400";
                response.StatusCode = StatusCodes.Status204NoContent;
                return true;
            case "GET" or "HEAD":
                response.Headers.CacheControl = "max-age=3600";
                await HttpAnswers.JsonAsync(context, StatusCodes.Status200OK, _document).ConfigureAwait(false);
                return true;
            default:
                response.Headers.Allow = "GET, OPTIONS";
                response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                return true;
        }
    }

    // As the server hands a request's path over: unescaped, but for %2F.
    private static string PathOf(ProtectedResource resource) => PathString.FromUriComponent(UrlOf(resource).AbsolutePath).Value!;

    private static byte[] Write(ProtectedResource resource)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter writer = new(output))
        {
            writer.WriteStartObject();
            // As it is written: clients compare it with the URL they call, and a slash more would be another one (RFC 9728 3.3).
            writer.WriteString("resource", resource.Resource.OriginalString);
            WriteAll(writer, "authorization_servers", resource.AuthorizationServers);
            WriteAll(writer, "bearer_methods_supported", ["header"]);
            if (resource.Scopes.Count > 0)
                WriteAll(writer, "scopes_supported", resource.Scopes);
            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteAll(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
