using System.Buffers;
using System.Globalization;
using System.Text.Json;

using Vmcp.Auth.Http;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>What a token endpoint said.</summary>
internal abstract record TokenAnswer
{
    // What RFC 6750 2.1 lets a bearer token be made of, and what JWTs use; nothing that could break out of a header.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=!#$%&'*^`|:@,;?()[]{}<>\\\"");

    private TokenAnswer()
    {
    }

    /// <summary>A token (RFC 6749 5.1, RFC 8693 2.2.1).</summary>
    /// <param name="Token">The token.</param>
    /// <param name="TokenType">How it is used, as written: <c>Bearer</c> or <c>N_A</c>.</param>
    /// <param name="IssuedTokenType">The URN of what it is; null when the answer does not say.</param>
    /// <param name="ExpiresAt">When it ends; null when the answer does not say.</param>
    public sealed record Granted(Secret Token, string TokenType, string? IssuedTokenType, DateTimeOffset? ExpiresAt) : TokenAnswer;

    /// <summary>No token.</summary>
    /// <param name="Trouble">Why.</param>
    public sealed record Denied(CredentialTrouble Trouble) : TokenAnswer;

    /// <summary>Understands an answer. Nothing of a body that is no token reaches the result, but the error code when it is a registered one.</summary>
    /// <param name="answer">What came.</param>
    /// <param name="whose">Whose endpoint it was, for messages.</param>
    /// <param name="sent">When the question was sent: from then on a lifetime counts, so that it never ends too late.</param>
    public static TokenAnswer Read(IdentityAnswer answer, string whose, DateTimeOffset sent)
    {
        if (answer is IdentityAnswer.Unreachable away)
            return new Denied(TokenTrouble.Away(whose, away.Reason));
        IdentityAnswer.Answered answered = (IdentityAnswer.Answered)answer;
        try
        {
            using JsonDocument document = JsonDocument.Parse(answered.Body);
            if (!answered.IsSuccess)
                return new Denied(TokenTrouble.OfStatus(whose, answered, Text(document.RootElement, "error")));
            return ReadToken(document.RootElement, sent) is { } granted ? granted : Broken(whose);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for JSON whose texts are no text
        {
            return answered.IsSuccess ? Broken(whose) : new Denied(TokenTrouble.OfStatus(whose, answered, null));
        }
    }

    /// <summary>The answer cannot be used.</summary>
    /// <param name="whose">Whose endpoint it was.</param>
    /// <param name="what">What is wrong with it, as a clause behind it.</param>
    public static Denied Broken(string whose, string what = "sent an answer that is no token") => new(TokenTrouble.Invalid(whose, what));

    private static Granted? ReadToken(JsonElement body, DateTimeOffset sent)
    {
        if (Text(body, "access_token") is not { Length: > 0 } token || token.AsSpan().ContainsAnyExcept(TokenCharacters))
            return null;
        if (Text(body, "token_type") is not { Length: > 0 } type || !TryReadExpiry(body, out long? seconds))
            return null;
        return new Granted(new Secret(token), type, Text(body, "issued_token_type"), seconds is { } s ? sent + TimeSpan.FromSeconds(s) : null);
    }

    // A number or a number in a string; below zero is zero, and nothing lives longer than 2^31-1 seconds.
    private static bool TryReadExpiry(JsonElement body, out long? seconds)
    {
        seconds = null;
        if (!body.TryGetProperty("expires_in", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return true;
        double number;
        if (value.ValueKind == JsonValueKind.String)
        {
            if (!double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number))
                return false;
        }
        else if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out number))
        {
            return false;
        }

        if (double.IsNaN(number))
            return false;
        seconds = (long)Math.Clamp(number, 0, int.MaxValue);
        return true;
    }

    private static string? Text(JsonElement body, string name)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair: JSON, but no text
        }
    }
}
