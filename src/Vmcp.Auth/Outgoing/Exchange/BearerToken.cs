using System.Net.Http.Headers;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>An access token ready to be sent.</summary>
/// <param name="header">The value of <c>Authorization</c>.</param>
internal sealed class BearerToken(AuthenticationHeaderValue header)
{
    /// <summary>Of the text of a token.</summary>
    public static BearerToken Of(Secret token) => new(new AuthenticationHeaderValue("Bearer", token.Reveal()));

    /// <summary>Sets <c>Authorization</c>, whatever stood there.</summary>
    public void PutOn(HttpRequestMessage request) => request.Headers.Authorization = header;

    /// <summary>Nothing of the token.</summary>
    public override string ToString() => nameof(BearerToken);
}
