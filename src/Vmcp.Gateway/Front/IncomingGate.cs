using System.Globalization;

using Microsoft.AspNetCore.Http;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Identity;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Asks who is calling, before anything else of a request is looked at, and answers those who may not come in.</summary>
/// <param name="auth">Decides.</param>
public sealed class IncomingGate(IIncomingAuth auth)
{
    private static readonly byte[] AwayBody =
        """{"error":"temporarily_unavailable","error_description":"The identity provider cannot be reached; try again later."}"""u8.ToArray();

    private readonly string? _metadata = auth.Resource is { } resource ? ResourceMetadata.UrlOf(resource).AbsoluteUri : null;

    /// <summary>The caller; null when the request was answered with 400, 401, 403 or 503.</summary>
    public async ValueTask<Caller?> AdmitAsync(HttpContext context)
    {
        Admission admission = await auth.AdmitAsync(context.Request.Headers.Authorization, context.RequestAborted).ConfigureAwait(false);
        switch (admission)
        {
            case Admission.Admitted admitted:
                return admitted.Caller;
            case Admission.Forbidden forbidden:
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "insufficient_scope", "The token lacks a scope that is needed.", forbidden.Scope)
                    .ConfigureAwait(false);
                return null;
            case Admission.Away away:
                context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(away.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                await HttpAnswers.JsonAsync(context, StatusCodes.Status503ServiceUnavailable, AwayBody).ConfigureAwait(false);
                return null;
            case Admission.Challenged challenged:
                string scope = string.Join(' ', auth.Resource?.Scopes ?? []);
                // RFC 6750 3.1: a request that cannot be read is 400; a new token would not mend it.
                int status = challenged.Error == "invalid_request" ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized;
                await RefuseAsync(context, status, challenged.Error, challenged.Description, scope).ConfigureAwait(false);
                return null;
            default:
                throw new InvalidOperationException($"Unknown admission {admission.GetType().Name}.");
        }
    }

    // RFC 6750 3: an error code only when something was presented; RFC 9728 5.1: where to find out how to get in.
    private Task RefuseAsync(HttpContext context, int status, string? error, string? description, string scope)
    {
        List<string> parts = [];
        Add("resource_metadata", _metadata);
        Add("scope", scope);
        Add("error", error);
        Add("error_description", description);
        context.Response.Headers.WWWAuthenticate = parts.Count == 0 ? "Bearer" : "Bearer " + string.Join(", ", parts);
        return HttpAnswers.JsonAsync(context, status, JsonRpc.Join(
            "{\"error\":"u8, RawJson.Quote(error ?? "unauthorized"), ",\"error_description\":"u8, RawJson.Quote(description ?? "A bearer token is required."), "}"u8));

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                parts.Add($"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }
}
