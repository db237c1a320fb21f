using System.Security.Cryptography;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Explaining;

/// <summary>A gateway without a listener: asks its backends once, and tells what it would serve.</summary>
public static class UnheardGateway
{
    /// <summary>Longest wait for the first answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    /// <summary>The body of <c>/api/catalog</c> that the gateway would answer once each backend answered, or had its time.</summary>
    /// <exception cref="InvalidDataException">A CA bundle cannot be read.</exception>
    public static async Task<byte[]> CatalogAsync(GatewayStart start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        BackendFleet fleet = new(start.Options, start.Outgoing.SignAsync, start.Time, NullLogger<BackendFleet>.Instance);
        await using (fleet.ConfigureAwait(false))
        {
            BackendFeed feed = new(fleet, start.Source, start.Config, start.Time, NullLogger<BackendFeed>.Instance);
            feed.Take(start.Config);
            await WaitAsync(fleet, start, cancellationToken).ConfigureAwait(false);
            GatewaySnapshot snapshot = fleet.Current;
            TaskTracker tracker = new(NullLogger<TaskTracker>.Instance);
            await using (tracker.ConfigureAwait(false))
            {
                SessionTable sessions = new(start.Options, new Seal(RandomNumberGenerator.GetBytes(32), "session id", start.Options.Name), tracker, start.Time);
                await using (sessions.ConfigureAwait(false))
                {
                    using Drain drain = new(start.Time);
                    StatusReport report = new StatusEndpoints(fleet, feed, sessions, start.Options, new ConfigState(), start.Incoming, drain).Report(snapshot);
                    return CatalogJson.Catalog(report, new CatalogVerdicts().Of(snapshot));
                }
            }
        }
    }

    private static async Task WaitAsync(BackendFleet fleet, GatewayStart start, CancellationToken cancellationToken)
    {
        long since = start.Time.GetTimestamp();
        int expected = start.Source is { } source ? source.Current.Backends.Backends.Length : start.Config.Backends.Backends.Length;
        while (start.Time.GetElapsedTime(since) < Patience)
        {
            if (fleet.Current.Backends.Count == expected && fleet.Current.Backends.Values.All(v => v.Health.LastCheck is not null))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), start.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
