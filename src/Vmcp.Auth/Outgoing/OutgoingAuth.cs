using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing;

/// <summary>Puts a backend's credentials on a request. The client's own credentials are never passed on.</summary>
public sealed class OutgoingAuth
{
    /// <summary>Applies the backend's strategy; it has the last word over every other header.</summary>
    /// <param name="request">The request to the backend.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="caller">On whose behalf; null for the gateway's own probes.</param>
    /// <param name="cancellationToken">Ends the wait for a credential.</param>
    /// <returns>The credential, when it was issued for a time and may be replaced; else null.</returns>
    /// <exception cref="CredentialException">There is no credential for the caller; the backend must not be called.</exception>
    public ValueTask<IIssuedCredential?> SignAsync(HttpRequestMessage request, Backend backend, Caller? caller, CancellationToken cancellationToken)
    {
        switch (backend.Strategy)
        {
            case UnauthenticatedStrategy:
                return default;
            case HeaderInjectionStrategy header:
                request.Headers.Remove(header.HeaderName);
                if (!request.Headers.TryAddWithoutValidation(header.HeaderName, header.Value.Reveal()))
                    throw new CredentialException($"cannot be called: the header {header.HeaderName} cannot be set on a request");
                return default;
            default:
                // Fail closed: a backend is never called without the credential it was configured with.
                throw new CredentialException($"cannot be called: it uses the strategy {backend.Strategy.Type}, which is not supported");
        }
    }
}
