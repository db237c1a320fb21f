using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Api;

/// <summary>Asks a pod through the API server (<c>pods/NAME:PORT/proxy</c>): how a person outside of the cluster reaches it without a tunnel.</summary>
public interface IPodProxy
{
    /// <summary>A GET. What the pod answers is a value, also when it is a refusal.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="port">Its port.</param>
    /// <param name="path">The path at the pod, without a leading slash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KubeException">The API server refused to ask, could not reach the pod, or could not be reached itself.</exception>
    Task<PodAnswer> GetAsync(ObjectKey pod, int port, string path, CancellationToken cancellationToken);
}

/// <summary>What a pod answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
public sealed record PodAnswer(int Status, ReadOnlyMemory<byte> Body);
