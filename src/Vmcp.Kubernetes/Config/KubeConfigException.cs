namespace Vmcp.Kubernetes.Config;

/// <summary>How to reach the API server is not said, or said wrongly; the message names file, entry and field.</summary>
/// <param name="message">What is wrong and what to do; no credential is in it.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class KubeConfigException(string message, Exception? inner = null) : Exception(message, inner);
