namespace Vmcp.KubeKit.Kubelet;

/// <summary>A container cannot be made: something it names is not there. It is tried again, as in a cluster.</summary>
/// <param name="message">What is missing.</param>
internal sealed class ContainerProblemException(string message) : Exception(message);
