using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing;

/// <summary>Applies one kind of strategy to requests.</summary>
/// <typeparam name="TStrategy">The kind.</typeparam>
internal interface IStrategySigner<in TStrategy>
    where TStrategy : Strategy
{
    /// <summary>Puts the credential on the request; nothing changes the request afterwards.</summary>
    /// <param name="request">The request, without any header of the client's that signs in.</param>
    /// <param name="backend">The backend the request goes to.</param>
    /// <param name="strategy">Its strategy; <see cref="Strategy.Needs"/> was looked at already.</param>
    /// <param name="caller">On whose behalf; null for the gateway itself.</param>
    /// <param name="cancellationToken">Ends this wait for a credential; others who wait for the same one are not disturbed.</param>
    /// <returns>The credential that was used; null when there is none that could be replaced.</returns>
    /// <exception cref="CredentialException">There is no credential for the caller.</exception>
    ValueTask<IIssuedCredential?> SignAsync(
        HttpRequestMessage request, Backend backend, TStrategy strategy, Caller? caller, CancellationToken cancellationToken);
}
