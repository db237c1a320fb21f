using System.Globalization;

namespace Vmcp.TestKit;

/// <summary>What an authorization server was asked for.</summary>
public enum AuthKind
{
    /// <summary>The metadata document.</summary>
    Discovery,

    /// <summary>The key set.</summary>
    Keys,

    /// <summary>A token.</summary>
    Token,

    /// <summary>What a token is worth (RFC 7662).</summary>
    Introspection,

    /// <summary>Any other path.</summary>
    Other,
}

/// <summary>How a client signed in at a token or introspection endpoint.</summary>
public enum ClientAuth
{
    /// <summary>Not at all, or by <c>client_id</c> alone.</summary>
    None,

    /// <summary><c>Authorization: Basic</c> (client_secret_basic).</summary>
    Basic,

    /// <summary><c>client_id</c> and <c>client_secret</c> in the form (client_secret_post).</summary>
    Post,
}

/// <summary>One request as an authorization server received it, secrets and all, for tests to compare.</summary>
/// <param name="Number">1 for the first request of the server.</param>
/// <param name="Kind">What it asked for.</param>
/// <param name="Verb">The HTTP verb.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">All headers; names are compared without case.</param>
/// <param name="Form">The fields of the form; a repeated field's values are joined by a space. Empty when there was none.</param>
/// <param name="ClientId">The client id by whatever way it came; null for none.</param>
/// <param name="ClientSecret">The client secret by whatever way it came; null for none.</param>
/// <param name="ClientAuth">The way.</param>
public sealed record AuthRequest(
    int Number,
    AuthKind Kind,
    string Verb,
    string Path,
    IReadOnlyDictionary<string, string> Headers,
    IReadOnlyDictionary<string, string> Form,
    string? ClientId,
    string? ClientSecret,
    ClientAuth ClientAuth)
{
    /// <summary><c>grant_type</c>; null when there was none.</summary>
    public string? Grant => Field("grant_type");

    /// <summary>A field of the form, null when absent.</summary>
    public string? Field(string name) => Form.GetValueOrDefault(name);

    /// <summary>A header's value, null when absent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override string ToString() => $"#{Number} {Verb} {Path} {Kind} {Grant}";
}

/// <summary>An answer of an authorization server.</summary>
/// <param name="Status">The HTTP status; 0 cuts the connection without one.</param>
/// <param name="Body">The body.</param>
/// <param name="ContentType">Its type.</param>
public sealed record AuthAnswer(int Status, string Body = "", string ContentType = "application/json")
{
    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The connection ends without an answer.</summary>
    public static AuthAnswer Cut { get; } = new(0);

    /// <summary>An OAuth error (RFC 6749 5.2).</summary>
    public static AuthAnswer Error(string code, string description = "", int status = 400) =>
        new(status, $$"""{"error":{{Rpc.Quote(code)}},"error_description":{{Rpc.Quote(description)}}}""");

    /// <summary>A status with a Retry-After in seconds.</summary>
    public static AuthAnswer Busy(int status = 503, int retryAfterSeconds = 1) =>
        new(status) { Headers = [("Retry-After", retryAfterSeconds.ToString(CultureInfo.InvariantCulture))] };
}
