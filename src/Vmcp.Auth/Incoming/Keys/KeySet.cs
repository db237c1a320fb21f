using Microsoft.IdentityModel.Tokens;

namespace Vmcp.Auth.Incoming.Keys;

/// <summary>One public key that signatures are checked with.</summary>
/// <param name="Key">The key.</param>
/// <param name="KeyId">Its <c>kid</c>; null without one.</param>
/// <param name="Algorithm">The one algorithm it is for (RFC 7517 4.4); null when the provider does not say.</param>
/// <param name="Family">What its kind can sign: the algorithms of RSA, or the one of an elliptic curve.</param>
internal sealed record VerificationKey(SecurityKey Key, string? KeyId, string? Algorithm, IReadOnlyList<string> Family)
{
    /// <summary>Whether a signature of this algorithm may be checked with the key.</summary>
    public bool Fits(string algorithm) => (Algorithm is null || Algorithm == algorithm) && Family.Contains(algorithm);
}

/// <summary>The keys of a provider at one time. Immutable; two sets are the same set only when they are the same object.</summary>
/// <param name="keys">The keys.</param>
/// <param name="fingerprint">SHA-256 of the document they were read from.</param>
internal sealed class KeySet(IReadOnlyList<VerificationKey> keys, byte[] fingerprint)
{
    /// <summary>How many keys there are.</summary>
    public int Count => keys.Count;

    /// <summary>Whether both were read from the same bytes.</summary>
    public bool IsSameAs(byte[] other) => fingerprint.AsSpan().SequenceEqual(other);

    /// <summary>SHA-256 of the document.</summary>
    public byte[] Fingerprint => fingerprint;

    /// <summary>Whether a key of this id is in the set, whatever it can do.</summary>
    public bool Knows(string keyId) => keys.Any(k => k.KeyId == keyId);

    /// <summary>The keys a token of this id and algorithm may be signed with; without an id only where one key alone can be meant.</summary>
    public IReadOnlyList<SecurityKey> Candidates(string? keyId, string algorithm)
    {
        SecurityKey[] fitting = [.. keys.Where(k => (keyId is null || k.KeyId == keyId) && k.Fits(algorithm)).Select(k => k.Key)];
        return keyId is null && fitting.Length > 1 ? [] : fitting;
    }
}
