using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Vmcp.Core.Net;

namespace Vmcp.Core.Tests.Net;

/// <summary>Looking at a certificate must not start a conversation with somebody else.</summary>
public sealed class TrustedRootsTests
{
    [Fact]
    public void Nothing_is_fetched_while_a_chain_is_judged_whoever_is_trusted()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        foreach (X509ChainPolicy policy in (X509ChainPolicy[])[TrustedRoots.OfSystem(), TrustedRoots.OfPem(root.ExportCertificatePem())])
        {
            policy.DisableCertificateDownloads.ShouldBeTrue();
            policy.RevocationMode.ShouldBe(X509RevocationMode.NoCheck);
        }
    }

    [Fact]
    public void A_bundle_takes_the_place_of_the_systems_roots()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        X509ChainPolicy policy = TrustedRoots.OfPem(root.ExportCertificatePem());

        policy.TrustMode.ShouldBe(X509ChainTrustMode.CustomRootTrust);
        policy.CustomTrustStore.ShouldHaveSingleItem().Subject.ShouldBe("CN=root");
        TrustedRoots.OfSystem().TrustMode.ShouldBe(X509ChainTrustMode.System);
    }
}
