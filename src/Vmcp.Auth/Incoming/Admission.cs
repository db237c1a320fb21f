using Vmcp.Core.Identity;
using Vmcp.Core.Status;

namespace Vmcp.Auth.Incoming;

/// <summary>What became of a request's proof. The front turns it into HTTP, in one place.</summary>
public abstract record Admission
{
    private Admission()
    {
    }

    /// <summary>Come in.</summary>
    /// <param name="Caller">Who it is.</param>
    public sealed record Admitted(Caller Caller) : Admission;

    /// <summary>401: there is no token, or none that counts (RFC 6750 3).</summary>
    /// <param name="Error">The code, for example <c>invalid_token</c>; null when nothing was presented (RFC 6750 3.1).</param>
    /// <param name="Description">A fixed short sentence for the client; null with <paramref name="Error"/>. Never holds a part of the token or of an error of the provider.</param>
    public sealed record Challenged(string? Error, string? Description) : Admission;

    /// <summary>403 <c>insufficient_scope</c>: the token counts, but not for this (RFC 6750 3.1).</summary>
    /// <param name="Scope">The scopes that are needed, joined by spaces.</param>
    public sealed record Forbidden(string Scope) : Admission;

    /// <summary>503: the identity provider cannot be asked now. A client must not start a new login for that.</summary>
    /// <param name="RetryAfter">When to try again.</param>
    public sealed record Away(TimeSpan RetryAfter) : Admission;
}

/// <summary>Decides who comes in. Safe for use by many requests at once.</summary>
public interface IIncomingAuth
{
    /// <summary>What a client is told about how to get in (RFC 9728); null when nobody has to prove anything.</summary>
    ProtectedResource? Resource { get; }

    /// <summary>What the status shows: the kind of proof, and whether it can be judged now.</summary>
    IncomingReport Report => new();

    /// <summary>Judges the <c>Authorization</c> header fields of one request.</summary>
    /// <param name="authorization">All fields of that name, in order; a request has at most one that counts.</param>
    /// <param name="cancellationToken">Ends the wait for the provider.</param>
    ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken);
}

/// <summary>The protected resource's metadata (RFC 9728 2).</summary>
/// <param name="Resource">The resource's URL, as configured; never taken from a request.</param>
/// <param name="AuthorizationServers">The issuers whose tokens count.</param>
/// <param name="Scopes">The scopes a client asks for.</param>
public sealed record ProtectedResource(Uri Resource, IReadOnlyList<string> AuthorizationServers, IReadOnlyList<string> Scopes);
