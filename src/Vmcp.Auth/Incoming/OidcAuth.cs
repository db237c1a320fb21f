using Microsoft.Extensions.Logging;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming.Keys;
using Vmcp.Auth.Incoming.Tokens;

namespace Vmcp.Auth.Incoming;

/// <summary>Lets in who has a token of an OpenID Connect provider (<c>incomingAuth.type: oidc</c>).</summary>
public sealed class OidcAuth : IIncomingAuth, IAsyncDisposable
{
    /// <summary>Most tokens remembered.</summary>
    public const int MaxTokens = 10_000;

    private static readonly Admission NoToken = new Admission.Challenged(null, null);
    private static readonly Admission Repeated = Broken("There is more than one Authorization header.");
    private static readonly Admission Malformed = Broken("The Authorization header holds characters that no token has.");
    private static readonly Admission TooLong = Broken($"The token is longer than {BearerHeader.MaxToken} characters.");
    private static readonly Admission Opaque = new Admission.Challenged("invalid_token", "The token is no JWT.");

    private readonly KeyRing _ring;
    private readonly JwtCheck _jwt;
    private readonly AdmissionCache _judged;

    /// <summary>Begins to fetch keys in the background; nothing waits for them here.</summary>
    /// <param name="options">Whose tokens come in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of changes of the provider's state.</param>
    /// <exception cref="InvalidDataException">The CA bundle cannot be read or holds no certificate.</exception>
    public OidcAuth(OidcOptions options, TimeProvider time, ILogger<OidcAuth> logger)
        : this(options, SourceOf(options, time), time, logger)
    {
    }

    internal OidcAuth(OidcOptions options, IKeySource source, TimeProvider time, ILogger logger)
    {
        ClaimRules rules = new(options, time);
        _ring = new KeyRing(source, time, logger);
        _jwt = new JwtCheck(options, rules, _ring);
        _judged = new AdmissionCache(MaxTokens, time);
        Resource = options.Resource is { } url ? new ProtectedResource(url, [options.Issuer], options.Scopes) : null;
    }

    /// <inheritdoc />
    public ProtectedResource? Resource { get; }

    /// <inheritdoc />
    public ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken)
    {
        switch (BearerHeader.Read(authorization, out ReadOnlySpan<char> token))
        {
            case BearerHeader.Verdict.None:
                return new(NoToken);
            case BearerHeader.Verdict.Repeated:
                return new(Repeated);
            case BearerHeader.Verdict.Malformed:
                return new(Malformed);
            case BearerHeader.Verdict.TooLong:
                return new(TooLong);
        }

        TokenKey key = TokenKey.Of(token);
        return _ring.Current is { } keys && _judged.TryGet(key, keys, out Admission? known)
            ? new(known)
            : JudgeAsync(key, token.ToString(), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _ring.DisposeAsync().ConfigureAwait(false);

    private async ValueTask<Admission> JudgeAsync(TokenKey key, string token, CancellationToken cancellationToken)
    {
        if (JwtText.Read(token) is not { } jwt)
            return Opaque;
        (Judged verdict, KeySet? keys) = await _jwt.JudgeAsync(token, jwt, cancellationToken).ConfigureAwait(false);
        if (verdict.Admission is Admission.Admitted or Admission.Forbidden)
            _judged.Add(key, keys, verdict.Admission, verdict.Until, token.Length);
        return verdict.Admission;
    }

    private static IKeySource SourceOf(OidcOptions options, TimeProvider time) =>
        options.JwksFile is { } file ? new FileKeys(file) : new RemoteKeys(options, new IdentityHttp(options.KeysHttp, time));

    private static Admission.Challenged Broken(string description) => new("invalid_request", description);
}
