using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth;

/// <summary>Puts a backend's credentials on a request. The client's own credentials are never passed on.</summary>
public static class OutgoingAuth
{
    /// <summary>Applies the backend's strategy; it has the last word over every other header.</summary>
    /// <param name="request">The request to the backend.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="principal">On whose behalf; null for the gateway's own probes.</param>
    /// <param name="cancellationToken">Ends the wait for a credential.</param>
    /// <exception cref="InvalidOperationException">The strategy is one this build cannot apply; the backend must not be called.</exception>
    public static ValueTask SignAsync(HttpRequestMessage request, Backend backend, Principal? principal, CancellationToken cancellationToken)
    {
        switch (backend.Strategy)
        {
            case UnauthenticatedStrategy:
                return default;
            case HeaderInjectionStrategy header:
                request.Headers.Remove(header.HeaderName);
                if (!request.Headers.TryAddWithoutValidation(header.HeaderName, header.Value.Reveal()))
                    throw new InvalidOperationException($"The header {header.HeaderName} cannot be set on a request to backend \"{backend.Name}\".");
                return default;
            default:
                // Fail closed: a backend is never called without the credential it was configured with.
                throw new InvalidOperationException($"Backend \"{backend.Name}\" uses the strategy {backend.Strategy.Type}, which is not supported.");
        }
    }
}
