using System.Net.Http.Headers;
using System.Text;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>One question to a token endpoint.</summary>
internal sealed class TokenRequest
{
    private readonly List<KeyValuePair<string, string>> _form = [];

    /// <summary>Which question, for metrics: a word of a fixed set.</summary>
    public required string Step { get; init; }

    /// <summary>The endpoint.</summary>
    public required Uri Url { get; init; }

    /// <summary>As whom we ask; null for nobody.</summary>
    public required ClientCredential? Client { get; init; }

    /// <summary>Whose endpoint it is, as messages say it: <c>its token endpoint</c>.</summary>
    public string Whose { get; init; } = "its token endpoint";

    /// <summary>Whether plain http is accepted for a host other than loopback.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Adds a parameter; an empty one is left out (RFC 6749 3.2).</summary>
    public TokenRequest With(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _form.Add(KeyValuePair.Create(name, value));
        return this;
    }

    /// <summary>The HTTP request; made anew for each attempt.</summary>
    public HttpRequestMessage Build()
    {
        HttpRequestMessage request = new(HttpMethod.Post, Url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        IEnumerable<KeyValuePair<string, string>> form = _form;
        if (Client is { Secret: { } secret } client)
        {
            // RFC 6749 2.3.1: both are form-encoded before they are joined.
            string pair = $"{FormEncode(client.Id)}:{FormEncode(secret.Reveal())}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else if (Client is { } named)
        {
            form = form.Append(KeyValuePair.Create("client_id", named.Id));
        }

        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private static string FormEncode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
