using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vmcp.Core.Net;

/// <summary>Whom to trust: the system's roots or, when a CA bundle is given, its certificates alone.</summary>
public static class TrustedRoots
{
    /// <summary>
    /// Trusts the system's roots. A server has to send its whole chain, as RFC 8446 4.4.2 says: fetching what is missing would block the thread that
    /// shakes hands, for as long as a stranger's server likes.
    /// </summary>
    public static X509ChainPolicy OfSystem() => new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };

    /// <summary>Trusts the certificates of a PEM file.</summary>
    /// <param name="path">Absolute path of the file.</param>
    /// <exception cref="InvalidDataException">The file cannot be read or holds no certificate.</exception>
    public static X509ChainPolicy OfFile(string path) => Of($"CA bundle {path}", roots => roots.ImportFromPemFile(path));

    /// <summary>Trusts the certificates of a PEM text.</summary>
    /// <param name="pem">The text.</param>
    /// <exception cref="InvalidDataException">The text cannot be read or holds no certificate.</exception>
    public static X509ChainPolicy OfPem(string pem) => Of("CA bundle of a backend", roots => roots.ImportFromPem(pem));

    private static X509ChainPolicy Of(string name, Action<X509Certificate2Collection> import)
    {
        X509Certificate2Collection roots = [];
        try
        {
            import(roots);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException($"The {name} cannot be read: {e.Message}", e);
        }

        if (roots.Count == 0)
            throw new InvalidDataException($"The {name} holds no certificate.");
        X509ChainPolicy policy = OfSystem();
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
