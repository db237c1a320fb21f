namespace Vmcp.Kubernetes.Api;

/// <summary>
/// The cluster as an issuer of tokens for ServiceAccounts. Every ServiceAccount may ask by default (ClusterRole
/// <c>system:service-account-issuer-discovery</c>); a process without an account may not.
/// </summary>
public interface ITokenIssuer
{
    /// <summary>Reads what the API server says of itself at <c>/.well-known/openid-configuration</c> and <c>/openid/v1/jwks</c>.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KubeException">It refused, could not be reached, or its answer names no issuer or no key.</exception>
    Task<IssuerKeys> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Who issues a cluster's tokens, and how they are verified.</summary>
/// <param name="Issuer">The <c>iss</c> of its tokens.</param>
/// <param name="KeySet">Its public keys as a JSON Web Key Set (RFC 7517): sorted, so that the same keys are the same text.</param>
public sealed record IssuerKeys(string Issuer, string KeySet);
