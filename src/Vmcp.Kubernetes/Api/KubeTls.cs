using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vmcp.Kubernetes.Config;

namespace Vmcp.Kubernetes.Api;

/// <summary>Whom we believe to be the API server, and what we show it.</summary>
internal static class KubeTls
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public static SslClientAuthenticationOptions Of(KubeConfig config)
    {
        SslClientAuthenticationOptions tls = new();
        if (config.Authorities is { } authorities)
        {
            tls.CertificateChainPolicy = Policy(authorities);
            if (config.AuthoritiesFile is { } path)
            {
                tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    errors == SslPolicyErrors.None
                    || (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 leaf && IsOfFile(leaf, chain, path));
            }
        }

        if (config.ClientCertificate is { } own)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(own, config.ClientChain, offline: true);
        if (config.SkipTlsVerify)
        {
#pragma warning disable CA5359 // insecure-skip-tls-verify says exactly this.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return tls;
    }

    /// <summary>Whether a certificate whose name is right is signed by what the file holds now.</summary>
    private static bool IsOfFile(X509Certificate2 leaf, X509Chain? sent, string path)
    {
        try
        {
            using X509Chain chain = new() { ChainPolicy = Policy(Certificates.AuthoritiesFile(path, "certificate authority")) };
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
            if (sent is not null)
                chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
            return chain.Build(leaf);
        }
        catch (Exception e) when (e is KubeConfigException or CryptographicException)
        {
            // Half-written or away: the certificate stays refused, and the next connection looks again.
            return false;
        }
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
