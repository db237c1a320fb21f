using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Outgoing.Caching;

namespace Vmcp.Auth.Outgoing;

/// <summary>What <see cref="OutgoingAuth"/> works with.</summary>
public sealed record OutgoingOptions
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes lines about credentials.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Looks up environment variables: <c>AWS_ENDPOINT_URL_STS</c> and <c>AWS_ENDPOINT_URL</c> name another endpoint of AWS STS.</summary>
    public Func<string, string?> Env { get; init; } = static _ => null;

    /// <summary>The bounds.</summary>
    internal CredentialLimits Limits { get; init; } = new();

    /// <summary>Longest time of one attempt at a token endpoint.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request to a token endpoint is repeated after a 5xx or a broken connection.</summary>
    internal int Retries { get; init; } = 2;
}
