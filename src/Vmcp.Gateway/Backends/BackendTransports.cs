using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

using Vmcp.Core.Backends;
using Vmcp.Core.Net;

namespace Vmcp.Gateway.Backends;

/// <summary>Connection pools: one for all backends, and one per CA bundle. They hold no cookies and follow no redirects.</summary>
internal sealed class BackendTransports : IDisposable
{
    private readonly ConcurrentDictionary<Roots, HttpMessageInvoker> _pools = new();

    /// <summary>The pool for backends that are trusted by the same roots as this one.</summary>
    /// <exception cref="InvalidDataException">The bundle cannot be read or holds no certificate.</exception>
    public HttpMessageInvoker For(Backend backend) => _pools.GetOrAdd(
        Roots.Of(backend), static roots => new HttpMessageInvoker(CreateHandler(roots), disposeHandler: true));

    /// <summary>Pools held for backends to come.</summary>
    public int Count => _pools.Count;

    /// <summary>
    /// Forgets the pools of bundles that none of these backends is trusted by, so that rotating bundles do not pile up. A forgotten pool is
    /// not closed: calls of a replaced backend may run on it still, and ask for more. Its idle connections end by their own rule within a
    /// minute, the rest with whoever uses it.
    /// </summary>
    public void Trim(IEnumerable<Backend> backends)
    {
        HashSet<Roots> used = [default, .. backends.Select(Roots.Of)];
        foreach (Roots roots in _pools.Keys.Where(r => !used.Contains(r)).ToList())
            _pools.TryRemove(roots, out _);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (HttpMessageInvoker pool in _pools.Values)
            pool.Dispose();
    }

    private static SocketsHttpHandler CreateHandler(Roots roots) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10), // follow DNS changes
        ActivityHeadersPropagator = null,
        // HTTP/2: servers allow some 100 streams a connection, and each listening session holds one. A dead connection is found out by pings, for with
        // many streams on it no call would notice.
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = roots.ToPolicy() },
    };

    /// <summary>Whom to trust: a bundle in a file, a bundle as text, or (both null) the system's roots.</summary>
    private readonly record struct Roots(string? Path, string? Pem)
    {
        public static Roots Of(Backend backend) => new(backend.CaBundlePem is null ? backend.CaBundlePath : null, backend.CaBundlePem);

        public X509ChainPolicy ToPolicy() =>
            Pem is not null ? TrustedRoots.OfPem(Pem) : Path is not null ? TrustedRoots.OfFile(Path) : TrustedRoots.OfSystem();
    }
}
