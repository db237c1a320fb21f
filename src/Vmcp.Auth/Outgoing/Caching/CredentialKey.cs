using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>
/// Names one credential. Everything that could make it another one is part of the name, compared by value rather than by a digest, so that no two
/// callers, backends or edits of a configuration can meet in one entry.
/// </summary>
/// <param name="Principal">Whom it was issued for; null for the gateway itself.</param>
/// <param name="Strategy">How it is made: endpoints, client, audience, resource, scopes, type of the subject token.</param>
/// <param name="SubjectDigest">Digest of the token it is made from (<see cref="SubjectToken.Digest"/>); null when it is made from none.</param>
/// <param name="Backend">The backend it is sent to.</param>
/// <param name="Purpose">Tells apart what one strategy makes of one token, for example by role; empty when it is one thing.</param>
internal sealed record CredentialKey(Principal? Principal, Strategy Strategy, string? SubjectDigest, string Backend, string Purpose = "")
{
    /// <summary>The name of a caller's credential.</summary>
    /// <exception cref="ArgumentException">The caller has no token; a credential of nobody would be everybody's.</exception>
    public static CredentialKey Of(Caller caller, Backend backend, string purpose = "") => caller.Token is { } token
        ? new CredentialKey(caller.Principal, backend.Strategy, token.Digest, backend.Name, purpose)
        : throw new ArgumentException("The caller has no token.", nameof(caller));

    /// <summary>The name of a credential of the gateway's own.</summary>
    public static CredentialKey OfGateway(Backend backend, string purpose = "") => new(null, backend.Strategy, null, backend.Name, purpose);
}
