using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

public sealed partial class TestAuthorizationServer
{
    private readonly LoopbackHost _host;
    private int _number;

    /// <summary>Cuts all connections and refuses new ones; keys, tokens and the port stay ours.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops if running and listens again on the same port.</summary>
    public Task RestartAsync() => _host.RestartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _keys.Dispose();
    }

    private async Task ServeAsync(HttpContext http, CancellationToken ended)
    {
        AuthKind kind = KindOf(http.Request.Path);
        _traffic.Enter(kind);
        try
        {
            AuthRequest request = await ReadAsync(http, kind, ended);
            _traffic.Note(request);
            await _traffic.WaitAsync(kind, ended);
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay, ended);
            AuthAnswer answer = _traffic.Ordered(request) ?? Answer(request);
            if (answer.Status == 0)
            {
                http.Abort();
                return;
            }

            http.Response.StatusCode = answer.Status;
            foreach ((string name, string value) in answer.Headers)
                http.Response.Headers[name] = value;
            if (answer.Body.Length > 0)
            {
                http.Response.ContentType = answer.ContentType;
                await http.Response.WriteAsync(answer.Body, ended);
            }
        }
        finally
        {
            _traffic.Leave(kind);
        }
    }

    private AuthKind KindOf(string path)
    {
        string root = Options.Path.TrimEnd('/');
        // OpenID Connect Discovery 4 appends to the issuer, RFC 8414 3.1 puts the well-known part in front of its path.
        return path == root + "/.well-known/openid-configuration" || path == "/.well-known/oauth-authorization-server" + root ? AuthKind.Discovery
            : path == root + "/jwks" ? AuthKind.Keys
            : path == root + "/token" ? AuthKind.Token
            : path == root + "/introspect" ? AuthKind.Introspection
            : AuthKind.Other;
    }

    private AuthAnswer Answer(AuthRequest request) => request.Kind switch
    {
        AuthKind.Discovery => new AuthAnswer(200, Metadata()),
        AuthKind.Keys => new AuthAnswer(200, _keys.Jwks()),
        AuthKind.Token => _tokens.Answer(request),
        AuthKind.Introspection => Introspect(request),
        _ => new AuthAnswer(404),
    };

    private string Metadata() => new JsonObject
    {
        ["issuer"] = Options.ClaimedIssuer ?? Issuer.OriginalString,
        ["authorization_endpoint"] = Issuer.OriginalString.TrimEnd('/') + "/authorize",
        ["token_endpoint"] = TokenUrl.OriginalString,
        ["introspection_endpoint"] = IntrospectionUrl.OriginalString,
        ["jwks_uri"] = JwksUrl.OriginalString,
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray([.. Options.Algorithms.Select(a => JsonValue.Create(a))]),
        ["grant_types_supported"] = new JsonArray(ClientCredentials, TokenExchange, JwtBearer),
        ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_basic", "client_secret_post", "none"),
    }.ToJsonString(Rpc.Relaxed);

    private AuthAnswer Introspect(AuthRequest request)
    {
        if (request.Verb != "POST")
            return new AuthAnswer(405) { Headers = [("Allow", "POST")] };
        // RFC 7662 2.1: who asks must be known, or tokens could be guessed by asking.
        if (request.ClientAuth == ClientAuth.None || !Admits(request, anonymous: false))
            return AuthAnswer.Error("invalid_client", "unknown client or wrong secret", 401) with { Headers = [("WWW-Authenticate", "Basic")] };
        if (request.Field("token") is not { } token)
            return AuthAnswer.Error("invalid_request", "token is required");
        JsonObject answer = ClaimsOf(token) ?? [];
        answer["active"] = answer.Count > 0;
        return new AuthAnswer(200, answer.ToJsonString(Rpc.Relaxed));
    }

    private async Task<AuthRequest> ReadAsync(HttpContext http, AuthKind kind, CancellationToken ended)
    {
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var form = new Dictionary<string, string>(StringComparer.Ordinal);
        if (http.Request.HasFormContentType)
        {
            foreach ((string name, var values) in await http.Request.ReadFormAsync(ended))
                form[name] = string.Join(' ', values.ToArray());
        }

        (string? id, string? secret, ClientAuth way) = Client(headers, form);
        return new AuthRequest(
            Interlocked.Increment(ref _number), kind, http.Request.Method, http.Request.Path + http.Request.QueryString, headers, form, id, secret, way);
    }

    private static (string? Id, string? Secret, ClientAuth Way) Client(Dictionary<string, string> headers, Dictionary<string, string> form)
    {
        if (headers.GetValueOrDefault("Authorization") is { } header && header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            Span<byte> bytes = new byte[header.Length];
            if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out int written))
                return ("", "", ClientAuth.Basic);
            // RFC 6749 2.3.1: both halves are form-encoded before they are joined.
            string[] halves = Encoding.UTF8.GetString(bytes[..written]).Split(':', 2);
            return (WebUtility.UrlDecode(halves[0]), halves.Length == 2 ? WebUtility.UrlDecode(halves[1]) : "", ClientAuth.Basic);
        }

        string? id = form.GetValueOrDefault("client_id");
        return form.TryGetValue("client_secret", out string? secret) ? (id, secret, ClientAuth.Post) : (id, null, ClientAuth.None);
    }
}
