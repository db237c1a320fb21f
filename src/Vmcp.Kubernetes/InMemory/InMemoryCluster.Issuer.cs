using Vmcp.Kubernetes.Api;

namespace Vmcp.Kubernetes.InMemory;

/// <content>The cluster as an issuer of tokens; it issues none, but says who would.</content>
public sealed partial class InMemoryCluster : ITokenIssuer
{
    /// <summary>What is said of the issuer: its name and keys, or a <see cref="KubeException"/>.</summary>
    public Func<IssuerKeys> Issuer { get; set; } = () => throw new KubeException(KubeError.NotFound, "this cluster issues no tokens");

    /// <inheritdoc/>
    public Task<IssuerKeys> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(Issuer());
        }
        catch (KubeException e)
        {
            return Task.FromException<IssuerKeys>(e);
        }
    }
}
