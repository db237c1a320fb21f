using Microsoft.Extensions.Logging;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming.Introspection;
using Vmcp.Auth.Incoming.Keys;
using Vmcp.Auth.Incoming.Tokens;
using Vmcp.Core.Status;

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
    private readonly Introspector? _opaque;
    private readonly IncomingMetrics _metrics = new();

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
        _ring = new KeyRing(source, time, _metrics, logger);
        _jwt = new JwtCheck(options, rules, _ring);
        _judged = new AdmissionCache(MaxTokens, time);
        _opaque = options.IntrospectionUrl is null
            ? null
            : new Introspector(new IntrospectionClient(options, new IdentityHttp(options.IntrospectionHttp, time)), rules, time, _metrics, logger);
        Resource = options.Resource is { } url ? new ProtectedResource(url, [options.Issuer], [.. options.Scopes.Union(options.RequiredScopes)]) : null;
    }

    /// <inheritdoc />
    public ProtectedResource? Resource { get; }

    /// <summary>The numbers, for tests.</summary>
    internal IncomingMetrics Metrics => _metrics;

    /// <inheritdoc />
    public IncomingReport Report
    {
        get
        {
            string? trouble = _ring.Trouble;
            return new IncomingReport
            {
                Type = "oidc",
                Keys = _ring.Current is null ? KeysState.None : trouble is null ? KeysState.Current : KeysState.Stale,
                KeysConfirmedAt = _ring.ConfirmedAt,
                Trouble = trouble ?? _opaque?.Trouble,
            };
        }
    }

    /// <inheritdoc />
    public ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken)
    {
        switch (BearerHeader.Read(authorization, out ReadOnlySpan<char> token))
        {
            case BearerHeader.Verdict.None:
                return new(Counted(NoToken));
            case BearerHeader.Verdict.Repeated:
                return new(Counted(Repeated));
            case BearerHeader.Verdict.Malformed:
                return new(Counted(Malformed));
            case BearerHeader.Verdict.TooLong:
                return new(Counted(TooLong));
        }

        TokenKey key = TokenKey.Of(token);
        if ((_ring.Current is not { } keys || !_judged.TryGet(key, keys, out Admission? known)) && (_opaque is null || !_opaque.TryGet(key, out known)))
            return JudgeAsync(key, token.ToString(), cancellationToken);
        _metrics.Known();
        return new(known);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_opaque is not null)
            await _opaque.DisposeAsync().ConfigureAwait(false);
        await _ring.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    private async ValueTask<Admission> JudgeAsync(TokenKey key, string token, CancellationToken cancellationToken)
    {
        // What has the shape of a JWT is judged by its signature alone: else whoever sends rubbish would have the provider asked each time, and
        // a token that the keys refuse might come in by another way.
        if (JwtText.Read(token) is not { } jwt)
            return Counted(_opaque is null ? Opaque : await _opaque.JudgeAsync(key, token, cancellationToken).ConfigureAwait(false));
        (Judged verdict, KeySet? keys) = await _jwt.JudgeAsync(token, jwt, cancellationToken).ConfigureAwait(false);
        if (verdict.Admission is Admission.Admitted or Admission.Forbidden)
            _judged.Add(key, keys, verdict.Admission, verdict.Until, token.Length);
        return Counted(verdict.Admission);
    }

    private Admission Counted(Admission admission)
    {
        _metrics.Judged(admission);
        return admission;
    }

    private static IKeySource SourceOf(OidcOptions options, TimeProvider time) =>
        options.JwksFile is { } file ? new FileKeys(file) : new RemoteKeys(options, new IdentityHttp(options.KeysHttp, time));

    private static Admission.Challenged Broken(string description) => new("invalid_request", description);
}
