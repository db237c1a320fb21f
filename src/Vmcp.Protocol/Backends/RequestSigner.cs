using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Protocol.Backends;

/// <summary>
/// Puts credentials on a request to a backend. What it returns is told when the backend refuses the credential (401); null for one that would be
/// the same the next time.
/// </summary>
/// <param name="request">The request; the signer has the last word over every header.</param>
/// <param name="backend">The backend.</param>
/// <param name="caller">On whose behalf; null for the gateway itself.</param>
/// <param name="cancellationToken">Ends the wait for a credential.</param>
/// <exception cref="CredentialException">There is no credential; the backend must not be called.</exception>
public delegate ValueTask<IIssuedCredential?> RequestSigner(
    HttpRequestMessage request, Backend backend, Caller? caller, CancellationToken cancellationToken);
