using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vmcp.Gateway.Backends;

/// <summary>Connection pools: one for all backends, and one per CA bundle. They hold no cookies and follow no redirects.</summary>
internal sealed class BackendTransports : IDisposable
{
    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _pools = new();

    /// <summary>The pool for backends with this CA bundle (null: the system's roots).</summary>
    /// <exception cref="InvalidDataException">The bundle cannot be read or holds no certificate.</exception>
    public HttpMessageInvoker For(string? caBundlePath) =>
        _pools.GetOrAdd(caBundlePath ?? "", static path => new HttpMessageInvoker(CreateHandler(path), disposeHandler: true));

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (HttpMessageInvoker pool in _pools.Values)
            pool.Dispose();
    }

    private static SocketsHttpHandler CreateHandler(string caBundlePath)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10), // follow DNS changes
            ActivityHeadersPropagator = null,
        };
        if (caBundlePath.Length > 0)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyFor(caBundlePath) };
        return handler;
    }

    private static X509ChainPolicy PolicyFor(string path)
    {
        X509Certificate2Collection roots = [];
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException($"The CA bundle {path} cannot be read: {e.Message}", e);
        }

        if (roots.Count == 0)
            throw new InvalidDataException($"The CA bundle {path} holds no certificate.");
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
