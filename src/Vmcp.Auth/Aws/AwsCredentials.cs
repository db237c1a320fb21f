using Vmcp.Core.Backends;

namespace Vmcp.Auth.Aws;

/// <summary>Temporary credentials of AWS STS.</summary>
/// <param name="AccessKeyId">Names the key; not a secret, it is sent in clear.</param>
/// <param name="SecretAccessKey">The key that signs; never printed.</param>
/// <param name="SessionToken">Sent as <c>X-Amz-Security-Token</c>; null for a key that needs none.</param>
/// <param name="Expiration">When AWS ends them.</param>
internal sealed record AwsCredentials(string AccessKeyId, Secret SecretAccessKey, Secret? SessionToken, DateTimeOffset Expiration);
