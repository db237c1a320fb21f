using System.Text.Json;

using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Incoming.Tokens;

/// <summary>What came of judging a token, and until when that holds.</summary>
/// <param name="Admission">The verdict.</param>
/// <param name="Until">When it must be judged anew; nothing else than <see cref="Admission.Admitted"/> and <see cref="Admission.Forbidden"/> has one.</param>
internal readonly record struct Judged(Admission Admission, DateTimeOffset Until = default)
{
    /// <summary>401 <c>invalid_token</c>, with a fixed sentence.</summary>
    public static Judged Refused(string description) => new(new Admission.Challenged("invalid_token", description));
}

/// <summary>The rules that hold for the claims of every token, whoever vouches for them: a signature or an introspection.</summary>
/// <param name="options">The configuration.</param>
/// <param name="time">The clock.</param>
internal sealed class ClaimRules(OidcOptions options, TimeProvider time)
{
    /// <summary>The description for a token of another issuer.</summary>
    public const string WrongIssuer = "The token was issued by somebody else.";

    /// <summary>The description for a token of another audience.</summary>
    public const string WrongAudience = "The token is for another audience.";

    private static readonly DateTimeOffset LatestTime = DateTimeOffset.MaxValue - TimeSpan.FromDays(1);

    private readonly Admission _forbidden = new Admission.Forbidden(string.Join(' ', options.RequiredScopes));

    /// <summary>Judges claims that somebody vouched for, and gives the caller.</summary>
    /// <param name="token">The token they are of.</param>
    /// <param name="claims">The claims.</param>
    /// <param name="needsIssuer">Whether they must name the issuer; an introspection endpoint need not (RFC 7662 2.2), being the issuer's own.</param>
    public Judged Judge(string token, JsonElement claims, bool needsIssuer)
    {
        if ((needsIssuer || claims.TryGetProperty("iss", out _)) && TextOf(claims, "iss") != options.Issuer)
            return Judged.Refused(WrongIssuer);
        if (!IsForUs(claims))
            return Judged.Refused(WrongAudience);
        if (TimeOf(claims, "exp") is not { } expires)
            return Judged.Refused("The token does not say when it ends.");
        DateTimeOffset now = time.GetUtcNow();
        if (now >= expires + options.ClockSkew)
            return Judged.Refused("The token has expired.");
        if (claims.TryGetProperty("nbf", out _) && !(TimeOf(claims, "nbf") - options.ClockSkew <= now))
            return Judged.Refused("The token is not valid yet.");
        // Whoever stole a bound token could use it if the binding were not checked (RFC 7800, RFC 8705, RFC 9449); we cannot check it.
        if (claims.TryGetProperty("cnf", out _))
            return Judged.Refused("The token is bound to a key of its client, which is not supported.");
        if (IsOfAnotherKind(claims))
            return Judged.Refused("The token is no access token.");
        if (TextOf(claims, "sub") is not { Length: > 0 } subject)
            return Judged.Refused("The token names no subject.");
        if (options.RequiredSubject is { } required && subject != required)
            return Judged.Refused("The token's subject may not come in.");
        DateTimeOffset until = expires + options.ClockSkew;
        if (!HasScopes(claims))
            return new Judged(_forbidden, until);
        Caller caller = new(new Principal(options.Issuer, subject), new SubjectToken(new Secret(token), claims, expires));
        return new Judged(new Admission.Admitted(caller), until);
    }

    /// <summary>A claim that is a text.</summary>
    public static string? TextOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // RFC 7519 4.1.3: "aud" is a text or a list of texts.
    private bool IsForUs(JsonElement claims) => claims.TryGetProperty("aud", out JsonElement audience) && audience.ValueKind switch
    {
        JsonValueKind.String => audience.ValueEquals(options.Audience),
        JsonValueKind.Array => audience.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.ValueEquals(options.Audience)),
        _ => false,
    };

    // Some providers say in the payload what a token is for; a refresh or ID token of theirs is for nobody but the client.
    private static bool IsOfAnotherKind(JsonElement claims) =>
        TextOf(claims, "typ") is "ID" or "Refresh" or "Offline" or "Logout" || TextOf(claims, "token_use") is "id" or "refresh";

    // RFC 7519 2, NumericDate: seconds, perhaps with a fraction. Far away is as good as never.
    private static DateTimeOffset? TimeOf(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double seconds))
            return null;
        return seconds >= LatestTime.ToUnixTimeSeconds() ? LatestTime
            : seconds <= 0 ? DateTimeOffset.UnixEpoch
            : DateTimeOffset.UnixEpoch.AddSeconds(seconds);
    }

    // "scope" is a text of words (RFC 9068 2.2.3); "scp" of other providers is that or a list.
    private bool HasScopes(JsonElement claims)
    {
        if (options.RequiredScopes.Count == 0)
            return true;
        HashSet<string> granted = new(StringComparer.Ordinal);
        Add("scope");
        Add("scp");
        return options.RequiredScopes.All(granted.Contains);

        void Add(string name)
        {
            if (!claims.TryGetProperty(name, out JsonElement value))
                return;
            if (value.ValueKind == JsonValueKind.String)
                granted.UnionWith(value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            else if (value.ValueKind == JsonValueKind.Array)
                granted.UnionWith(value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!));
        }
    }
}
