using Vmcp.Kubernetes.Api;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Watching;

/// <summary>
/// Reads who issues the cluster's tokens and by which keys, for all servers together and not more often than needed. Two passes at the same
/// moment may both ask, as many as the queue runs at once at most.
/// </summary>
/// <param name="issuer">The API server; null where there is none to ask.</param>
/// <param name="time">The clock.</param>
public sealed class IssuerReader(ITokenIssuer? issuer, TimeProvider time)
{
    /// <summary>How long an answer counts as news: a rotated key is on its way to the pods within this time and a pass of its servers.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(2);

    /// <summary>How long the last good answer bridges failures. What it says was true, and nothing else could be trusted in its place.</summary>
    public static readonly TimeSpan Bridge = TimeSpan.FromHours(1);

    /// <summary>How long a failure is remembered: many servers that wait for one answer must not all ask.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private (ClusterIssuer Issuer, long At)? _good;
    private (ClusterIssuer Issuer, long At)? _bad;

    /// <summary>What is known now; a problem is a value.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ClusterIssuer> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_good is { } good && time.GetElapsedTime(good.At) < Fresh)
                return good.Issuer;
            if (_bad is { } bad && time.GetElapsedTime(bad.At) < Pause)
                return Known(bad.Issuer);
        }

        ClusterIssuer read = await AskAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (read.Problem is null)
                (_good, _bad) = ((read, time.GetTimestamp()), null);
            else
                _bad = (read, time.GetTimestamp());
            return Known(read);
        }
    }

    private ClusterIssuer Known(ClusterIssuer read) =>
        read.Problem is not null && _good is { } good && time.GetElapsedTime(good.At) < Bridge ? good.Issuer : read;

    private async Task<ClusterIssuer> AskAsync(CancellationToken cancellationToken)
    {
        if (issuer is null)
            return new ClusterIssuer { Problem = "The cluster's issuer and public keys cannot be read: there is no API server to ask" };
        try
        {
            IssuerKeys read = await issuer.ReadAsync(cancellationToken).ConfigureAwait(false);
            return new ClusterIssuer { Issuer = read.Issuer, KeySet = read.KeySet };
        }
        catch (KubeException e)
        {
            return new ClusterIssuer { Problem = Why(e) };
        }
    }

    private static string Why(KubeException e) => e.Error is KubeError.Forbidden or KubeError.Unauthorized
        ? "The operator may not read the cluster's issuer and public keys; bind its account to ClusterRole system:service-account-issuer-discovery"
        : $"The cluster's issuer and public keys could not be read: {e.Message}";
}
