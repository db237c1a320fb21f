using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Vmcp.Auth.Http;

namespace Vmcp.Auth.Incoming.Introspection;

/// <summary>What the provider says of a token.</summary>
internal abstract record IntrospectionAnswer
{
    private IntrospectionAnswer()
    {
    }

    /// <summary>It counts.</summary>
    /// <param name="Claims">All the provider knows of it.</param>
    /// <param name="Size">Bytes of the claims.</param>
    public sealed record Active(JsonElement Claims, int Size) : IntrospectionAnswer;

    /// <summary>It does not.</summary>
    public sealed record Inactive : IntrospectionAnswer;

    /// <summary>It does not say.</summary>
    /// <param name="Reason">A whole sentence for log and status, without foreign text.</param>
    /// <param name="RetryAfter">When to ask again, when it says so.</param>
    public sealed record Failed(string Reason, TimeSpan? RetryAfter = null) : IntrospectionAnswer
    {
        /// <summary>
        /// It may be about this token alone: whoever wrote the token or its claims could cause it, and must not keep the others out.
        /// </summary>
        public bool MayBeTheToken { get; init; }
    }
}

/// <summary>Asks the provider about one token (RFC 7662).</summary>
internal sealed class IntrospectionClient(OidcOptions options, IdentityHttp http) : IDisposable
{
    /// <summary>Longest answer accepted, in bytes: it is kept in memory.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string Field = "incomingAuth.oidc.introspectionUrl: the endpoint";
    private readonly AuthenticationHeaderValue? _client = BasicOf(options);

    /// <summary>Asks.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IntrospectionAnswer> AskAsync(string token, CancellationToken cancellationToken) =>
        await http.SendAsync(() => Request(token), cancellationToken).ConfigureAwait(false) switch
        {
            IdentityAnswer.Answered { Status: 200 } answer => Read(answer.Body),
            // Ours, not the client's fault: its token may be a good one.
            IdentityAnswer.Answered { Status: 401 or 403 } =>
                new IntrospectionAnswer.Failed($"{Field} does not accept incomingAuth.oidc.clientId and its secret."),
            IdentityAnswer.Answered answer =>
                new IntrospectionAnswer.Failed($"{Field} answered {answer.Status}.", answer.RetryAfter) { MayBeTheToken = answer.Status is 400 or 413 or 414 or 422 },
            IdentityAnswer.Unreachable away => new IntrospectionAnswer.Failed($"{Field} {away.Reason}."),
            _ => throw new InvalidOperationException("Unknown answer of the provider."),
        };

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private static IntrospectionAnswer Read(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxBytes)
            return new IntrospectionAnswer.Failed($"{Field} sent more than {MaxBytes} bytes.") { MayBeTheToken = true };
        try
        {
            JsonElement claims = Json.Parse(body.Span);
            // Anything else than a clear yes or no could be a page of a proxy.
            return claims.ValueKind != JsonValueKind.Object || !claims.TryGetProperty("active", out JsonElement active) ? NoAnswer()
                : active.ValueKind == JsonValueKind.True ? new IntrospectionAnswer.Active(claims, body.Length)
                : active.ValueKind == JsonValueKind.False ? new IntrospectionAnswer.Inactive()
                : NoAnswer();
        }
        catch (JsonException)
        {
            return NoAnswer();
        }
    }

    private static IntrospectionAnswer.Failed NoAnswer() => new($"{Field} sent something that is no answer (RFC 7662).") { MayBeTheToken = true };

    private HttpRequestMessage Request(string token)
    {
        List<KeyValuePair<string, string>> form = [new("token", token), new("token_type_hint", "access_token")];
        if (_client is null && options.ClientId is { } id)
            form.Add(new("client_id", id));
        HttpRequestMessage request = new(HttpMethod.Post, options.IntrospectionUrl) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = _client;
        return request;
    }

    // RFC 6749 2.3.1: both halves are form-encoded first, so that a colon in one is none.
    private static AuthenticationHeaderValue? BasicOf(OidcOptions options) => options is { ClientId: { } id, ClientSecret: { } secret }
        ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(id)}:{WebUtility.UrlEncode(secret.Reveal())}")))
        : null;
}
