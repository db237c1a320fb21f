using System.Text.Json.Nodes;

namespace Vmcp.TestKit;

/// <summary>The token endpoint: client credentials, token exchange (RFC 8693), ID-JAG and its redemption (RFC 7523).</summary>
internal sealed class TokenEndpoint(TestAuthorizationServer server)
{
    private const string TokenType = "urn:ietf:params:oauth:token-type:";

    public AuthAnswer Answer(AuthRequest request)
    {
        if (request.Verb != "POST")
            return new AuthAnswer(405) { Headers = [("Allow", "POST")] };
        if (!server.Admits(request, server.Options.AllowsAnonymousClients))
            return AuthAnswer.Error("invalid_client", "unknown client or wrong secret", 401) with { Headers = [("WWW-Authenticate", "Basic")] };
        if (Refusal(request) is { } refused)
            return refused;
        return request.Grant switch
        {
            TestAuthorizationServer.ClientCredentials => ClientCredentials(request),
            TestAuthorizationServer.TokenExchange => Exchange(request),
            TestAuthorizationServer.JwtBearer => Redeem(request),
            _ => AuthAnswer.Error("unsupported_grant_type"),
        };
    }

    private AuthAnswer? Refusal(AuthRequest request)
    {
        if (server.Options.Audiences is { } audiences)
        {
            foreach (string target in new[] { request.Field("audience"), request.Field("resource") }.OfType<string>())
            {
                if (!audiences.Contains(target))
                    return AuthAnswer.Error("invalid_target", "unknown audience or resource");
            }
        }

        return server.Options.Scopes is { } scopes && Words(request.Field("scope")).Any(s => !scopes.Contains(s))
            ? AuthAnswer.Error("invalid_scope")
            : null;
    }

    private AuthAnswer ClientCredentials(AuthRequest request)
    {
        if (request.ClientAuth == ClientAuth.None)
            return AuthAnswer.Error("unauthorized_client", "a public client has no credentials of its own");
        string client = request.ClientId!;
        return Issued(client, Target(request) ?? client, request.Field("scope"), claims => claims["client_id"] = client, null);
    }

    private AuthAnswer Exchange(AuthRequest request)
    {
        if (request.Field("subject_token") is not { Length: > 0 } token || request.Field("subject_token_type") is not { } type)
            return AuthAnswer.Error("invalid_request", "subject_token and subject_token_type are required");
        if (type is not (TokenType + "access_token" or TokenType + "id_token" or TokenType + "jwt"))
            return AuthAnswer.Error("invalid_request", "unknown subject_token_type");
        if (request.Field("actor_token") is null != request.Field("actor_token_type") is null)
            return AuthAnswer.Error("invalid_request", "actor_token and actor_token_type come together");
        // RFC 8693 2.2.2: a subject token that is not valid for any reason is an invalid_request.
        if (server.ClaimsOf(token) is not { } subject || (string?)subject["sub"] is not { } sub)
            return AuthAnswer.Error("invalid_request", "the subject token is not valid");
        string requested = request.Field("requested_token_type") ?? TokenType + "access_token";
        return requested switch
        {
            TokenType + "access_token" or TokenType + "jwt" => Issued(
                sub, Target(request) ?? request.ClientId, request.Field("scope") ?? (string?)subject["scope"], Acting(request, subject), requested),
            TokenType + "id-jag" => Assertion(request, type, sub),
            _ => AuthAnswer.Error("invalid_request", "unknown requested_token_type"),
        };
    }

    /// <summary>draft-ietf-oauth-identity-assertion-authz-grant: an assertion for the authorization server named by <c>audience</c>.</summary>
    private AuthAnswer Assertion(AuthRequest request, string subjectType, string subject)
    {
        if (subjectType != TokenType + "id_token")
            return AuthAnswer.Error("invalid_request", "an ID-JAG is given for an ID token");
        if (request.Field("audience") is not { } audience)
            return AuthAnswer.Error("invalid_request", "an ID-JAG needs an audience");
        string jag = server.Mint.Access(subject, audience, request.Field("scope"), TimeSpan.FromMinutes(5), claims =>
        {
            claims["client_id"] = request.ClientId;
            if (request.Field("resource") is { } resource)
                claims["resource"] = resource;
        }, server.Options.Algorithms[0], TokenTweak.None, "oauth-id-jag+jwt");
        var body = new JsonObject
        {
            ["issued_token_type"] = TokenType + "id-jag",
            ["access_token"] = jag,
            ["token_type"] = "N_A",
            ["expires_in"] = 300,
        };
        return new AuthAnswer(200, body.ToJsonString()) { Headers = NoStore };
    }

    private AuthAnswer Redeem(AuthRequest request)
    {
        if (request.Field("assertion") is not { } assertion)
            return AuthAnswer.Error("invalid_request", "assertion is required");
        if (server.Trusted.Select(s => s.Mint.Verify(assertion)).FirstOrDefault(r => r is not null) is not { } read)
            return AuthAnswer.Error("invalid_grant", "the assertion is not valid");
        if ((string?)read.Header["typ"] != "oauth-id-jag+jwt" || (string?)read.Claims["sub"] is not { } subject)
            return AuthAnswer.Error("invalid_grant", "the assertion is not an ID-JAG");
        // RFC 7523 3: the audience of the assertion is this authorization server.
        if (!TestAuthorizationServer.IsAudience(read.Claims, server.Issuer.OriginalString))
            return AuthAnswer.Error("invalid_grant", "the assertion is for another authorization server");
        string? granted = (string?)read.Claims["scope"];
        string? scope = request.Field("scope") ?? granted;
        if (granted is not null && Words(scope).Except(Words(granted)).Any())
            return AuthAnswer.Error("invalid_scope");
        string? audience = (string?)read.Claims["resource"] ?? Target(request) ?? request.ClientId;
        return Issued(subject, audience, scope, claims => claims["client_id"] = request.ClientId, null);
    }

    private AuthAnswer Issued(string subject, string? audience, string? scope, Action<JsonObject> edit, string? issuedType)
    {
        AuthorizationServerOptions options = server.Options;
        var body = new JsonObject
        {
            ["access_token"] = server.Mint.Access(subject, audience, scope, options.Lifetime, edit, options.Algorithms[0], TokenTweak.None),
            ["token_type"] = "Bearer",
        };
        if (issuedType is not null)
            body["issued_token_type"] = issuedType;
        if (options.SaysExpiry)
            body["expires_in"] = (long)options.Lifetime.TotalSeconds;
        if (scope is not null)
            body["scope"] = scope;
        return new AuthAnswer(200, body.ToJsonString()) { Headers = NoStore };
    }

    /// <summary>Says in the token who acts for its subject: the client, on top of the actors of the subject token.</summary>
    private static Action<JsonObject> Acting(AuthRequest request, JsonObject subject) => claims =>
    {
        if (request.ClientId is not { } client)
            return;
        claims["client_id"] = client;
        var act = new JsonObject { ["sub"] = client };
        if (subject["act"] is { } earlier)
            act["act"] = earlier.DeepClone();
        claims["act"] = act;
    };

    private static string? Target(AuthRequest request) => request.Field("audience") ?? request.Field("resource");

    private static string[] Words(string? text) => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static (string, string)[] NoStore => [("Cache-Control", "no-store")];
}
