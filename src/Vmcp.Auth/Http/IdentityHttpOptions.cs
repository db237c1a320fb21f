using System.Net;

namespace Vmcp.Auth.Http;

/// <summary>How an identity provider or token endpoint is reached.</summary>
public sealed record IdentityHttpOptions
{
    /// <summary>Whether private and loopback addresses may be dialled. Metadata and link-local addresses never are.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Whether <c>http</c> is accepted for hosts other than loopback.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Absolute path of a PEM bundle that replaces the system roots; null for the system's.</summary>
    public string? CaBundlePath { get; init; }

    /// <summary>Longest time of one attempt, from the dial to the last byte.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request is repeated after a 5xx or a broken connection.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Looks up the addresses of a host name.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = static (host, token) => Dns.GetHostAddressesAsync(host, token);
}
