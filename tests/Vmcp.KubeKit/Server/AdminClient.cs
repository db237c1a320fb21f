using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Vmcp.KubeKit.Server;

/// <summary>Bare HTTP to the server as its administrator; the tests' own hand, not the client under test.</summary>
internal static class AdminClient
{
    public static HttpClient Create(Uri server, string authorityFile, string token)
    {
        // Read at the first handshake: the server writes the file while it starts.
        var authority = new Lazy<X509Certificate2Collection>(() =>
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(authorityFile);
            return certificates;
        }, LazyThreadSafetyMode.PublicationOnly);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 leaf && Trusts(authority.Value, leaf),
            },
        };
        var client = new HttpClient(handler) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static bool Trusts(X509Certificate2Collection authority, X509Certificate2 leaf)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }
}
