namespace Vmcp.TestKit;

/// <summary>What is wrong, or at least unusual, with a minted token.</summary>
public enum TokenTweak
{
    /// <summary>Nothing: an honest token.</summary>
    None,

    /// <summary>Signed by this server, but <c>iss</c> names another one.</summary>
    WrongIssuer,

    /// <summary><c>exp</c> passed an hour ago.</summary>
    Expired,

    /// <summary><c>nbf</c> is an hour ahead.</summary>
    NotYetValid,

    /// <summary>No <c>exp</c>.</summary>
    NoExpiry,

    /// <summary>No <c>sub</c>.</summary>
    NoSubject,

    /// <summary>No <c>kid</c> in the header; the signature is good.</summary>
    NoKeyId,

    /// <summary>A <c>kid</c> that was never published, signed by a key nobody knows.</summary>
    UnknownKeyId,

    /// <summary>The <c>kid</c> of a published key, signed by a key nobody knows.</summary>
    ForeignKey,

    /// <summary><c>alg: none</c> and an empty signature.</summary>
    AlgNone,

    /// <summary><c>alg: HS256</c> with the published key, as PEM, for a shared secret.</summary>
    HmacWithPublicKey,

    /// <summary>One byte of the signature is changed.</summary>
    BadSignature,

    /// <summary>A <c>crit</c> header naming an extension nobody knows.</summary>
    Critical,

    /// <summary>A <c>cnf</c> claim: bound to a key of the client (RFC 7800).</summary>
    Confirmation,

    /// <summary>Looks like an ID token: <c>typ: JWT</c>, <c>nonce</c> and <c>at_hash</c>.</summary>
    IdToken,
}
