using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit;

/// <summary>
/// A small OAuth 2 and OpenID Connect server on 127.0.0.1: discovery, keys that can be rotated, token minting for tests, introspection
/// (RFC 7662), client credentials, token exchange (RFC 8693), ID-JAG and its redemption. It is strict about what it is asked, shows every
/// request, and fails as a test wants.
/// </summary>
public sealed partial class TestAuthorizationServer : IAsyncDisposable
{
    /// <summary><c>grant_type</c> of RFC 6749 4.4.</summary>
    public const string ClientCredentials = "client_credentials";

    /// <summary><c>grant_type</c> of RFC 8693.</summary>
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary><c>grant_type</c> of RFC 7523.</summary>
    public const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /// <summary>The audience of tokens when a test names none.</summary>
    public const string DefaultAudience = "vmcp";

    private readonly SigningKeys _keys;
    private readonly AuthTraffic _traffic = new();
    private readonly TokenEndpoint _tokens;
    private readonly ConcurrentDictionary<string, JsonObject> _opaque = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _revoked = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<TestAuthorizationServer> _trusted = [];

    private TestAuthorizationServer(AuthorizationServerOptions options)
    {
        Options = options;
        _keys = new SigningKeys(options.Algorithms, options.KeyIds);
        _keys.Rotate(keepOld: false);
        _tokens = new TokenEndpoint(this);
        _host = new LoopbackHost(ServeAsync, options.Https);
    }

    /// <summary>The issuer. Its exact text is <see cref="Uri.OriginalString"/>, which is what <c>iss</c> says.</summary>
    public Uri Issuer { get; private set; } = null!;

    /// <summary>The token endpoint.</summary>
    public Uri TokenUrl => new(Issuer.OriginalString.TrimEnd('/') + "/token");

    /// <summary>The introspection endpoint.</summary>
    public Uri IntrospectionUrl => new(Issuer.OriginalString.TrimEnd('/') + "/introspect");

    /// <summary>The key set.</summary>
    public Uri JwksUrl => new(Issuer.OriginalString.TrimEnd('/') + "/jwks");

    /// <summary>What the key set's URL answers now.</summary>
    public string KeySet => _keys.Jwks();

    /// <summary>What a client must trust to reach it, in PEM; null without TLS.</summary>
    public string? CertificatePem => _host.CertificatePem;

    /// <summary>Its set-up; lifetimes, audiences and scopes may be changed while it runs.</summary>
    public AuthorizationServerOptions Options { get; }

    /// <summary>Every request so far, in order of arrival.</summary>
    public IReadOnlyList<AuthRequest> Requests => _traffic.Requests;

    /// <summary>Requests to the token endpoint being served now.</summary>
    public int InFlight => _traffic.InFlight(AuthKind.Token);

    /// <summary>The most requests to the token endpoint that were ever served at the same time.</summary>
    public int MaxInFlight => _traffic.MaxInFlight(AuthKind.Token);

    /// <summary>Real time that passes before each answer.</summary>
    public TimeSpan Delay { get; set; }

    internal TokenMint Mint { get; private set; } = null!;

    /// <summary>This server and those whose assertions and tokens it takes.</summary>
    internal IEnumerable<TestAuthorizationServer> Trusted => _trusted.Prepend(this);

    /// <summary>Starts a server on a port the system chooses.</summary>
    public static async Task<TestAuthorizationServer> StartAsync(Action<AuthorizationServerOptions>? setUp = null)
    {
        var options = new AuthorizationServerOptions();
        setUp?.Invoke(options);
        var server = new TestAuthorizationServer(options);
        await server._host.StartAsync();
        server.Issuer = new Uri(server._host.Address + options.Path);
        server.Mint = new TokenMint(server.Issuer.OriginalString, server._keys, options.Time, options.KeyIds);
        return server;
    }

    /// <summary>Requests of one kind.</summary>
    public IReadOnlyList<AuthRequest> RequestsOf(AuthKind kind) => [.. Requests.Where(r => r.Kind == kind)];

    /// <summary>Requests to the token endpoint with this <c>grant_type</c>, the refused ones too.</summary>
    public IReadOnlyList<AuthRequest> RequestsFor(string grant) => [.. RequestsOf(AuthKind.Token).Where(r => r.Grant == grant)];

    /// <summary>How many requests of a kind there were.</summary>
    public int Count(AuthKind kind) => RequestsOf(kind).Count;

    /// <summary>How many token requests with this <c>grant_type</c> there were.</summary>
    public int Count(string grant) => RequestsFor(grant).Count;

    /// <summary>Requests of a kind being served now.</summary>
    public int InFlightOf(AuthKind kind) => _traffic.InFlight(kind);

    /// <summary>The next <paramref name="times"/> requests of the kind are answered with this status and no body; 0 cuts the connection.</summary>
    public void Fail(int status, int times = 1, AuthKind kind = AuthKind.Token) => Fail(new AuthAnswer(status), times, kind);

    /// <summary>The next <paramref name="times"/> requests of the kind are answered with this.</summary>
    public void Fail(AuthAnswer answer, int times = 1, AuthKind kind = AuthKind.Token) => _traffic.Fail(kind, answer, times);

    /// <summary>Requests of the kind are answered with this until the result is disposed; where it answers null the server does its work.</summary>
    public IDisposable Override(AuthKind kind, Func<AuthRequest, AuthAnswer?> answer) => _traffic.Replace(kind, answer);

    /// <inheritdoc cref="Override(AuthKind, Func{AuthRequest, AuthAnswer?})"/>
    public IDisposable Override(AuthKind kind, AuthAnswer answer) => Override(kind, _ => answer);

    /// <summary>Requests of the kind arrive, and wait for the result to be disposed before they are answered.</summary>
    public IDisposable Hold(AuthKind kind = AuthKind.Token) => _traffic.Hold(kind);

    /// <summary>New keys sign from now on. The old ones stay in the key set, or vanish from it and with them every token they signed.</summary>
    public void RotateKeys(bool keepOld = false) => _keys.Rotate(keepOld);

    /// <summary>Takes tokens and assertions of that server too.</summary>
    public void Trust(TestAuthorizationServer other) => _trusted.Add(other);

    /// <summary>
    /// A signed access token. <paramref name="claims"/> may add, replace and remove claims of the finished set; <paramref name="lifetime"/> is
    /// an hour when absent.
    /// </summary>
    public string Token(
        string subject,
        string? audience = DefaultAudience,
        string? scopes = null,
        TimeSpan? lifetime = null,
        Action<JsonObject>? claims = null,
        string? alg = null,
        TokenTweak tweak = TokenTweak.None) =>
        Mint.Access(subject, audience, scopes, lifetime ?? TimeSpan.FromHours(1), claims, alg ?? Options.Algorithms[0], tweak);

    /// <summary>An access token that means nothing without introspection.</summary>
    public string OpaqueToken(
        string subject, string? audience = DefaultAudience, string? scopes = null, TimeSpan? lifetime = null, Action<JsonObject>? claims = null)
    {
        JsonObject known = Mint.Claims(subject, audience, scopes, lifetime ?? TimeSpan.FromHours(1));
        claims?.Invoke(known);
        string token = "opaque-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        _opaque[token] = known;
        return token;
    }

    /// <summary>From now on the token is worth nothing here; a JWT of course still has a good signature.</summary>
    public void Revoke(string token) => _revoked[token] = 0;

    /// <summary>The claims of a token of this server (or one it trusts) that is neither expired nor revoked; null for any other.</summary>
    public JsonObject? ClaimsOf(string token)
    {
        foreach (TestAuthorizationServer server in Trusted)
        {
            if (server._revoked.ContainsKey(token))
                return null;
            if (server._opaque.TryGetValue(token, out JsonObject? known))
                return Mint.IsLive(known) ? known.DeepClone().AsObject() : null;
            if (server.Mint.Verify(token) is { } read)
                return read.Claims;
        }

        return null;
    }

    /// <summary>Whether an <c>Authorization</c> header carries a live token of this server for the audience.</summary>
    public bool Accepts(string? authorization, string audience) => ClaimsIn(authorization) is { } claims && IsAudience(claims, audience);

    /// <summary>The subject of the token in an <c>Authorization</c> header; null unless it is a live one of this server.</summary>
    public string? SubjectIn(string? authorization) => (string?)ClaimsIn(authorization)?["sub"];

    /// <summary>For a backend: 401 unless the request carries a live token of this server for the audience; the rest by its script.</summary>
    public Behaviour Demand(string audience) => Behaviour.Demand(request => Accepts(request.Header("Authorization"), audience));

    internal static bool IsAudience(JsonObject claims, string audience) => claims["aud"] switch
    {
        JsonArray several => several.Any(a => (string?)a == audience),
        JsonValue one => (string?)one == audience,
        _ => false,
    };

    private JsonObject? ClaimsIn(string? authorization) =>
        authorization is not null && authorization.StartsWith("Bearer ", StringComparison.Ordinal) ? ClaimsOf(authorization["Bearer ".Length..]) : null;

    /// <summary>Whether the client of a request is one of ours and proved it.</summary>
    internal bool Admits(AuthRequest request, bool anonymous) =>
        request.ClientId is not { } id ? anonymous
        : Options.Clients.TryGetValue(id, out string? secret) && secret == request.ClientSecret;
}
