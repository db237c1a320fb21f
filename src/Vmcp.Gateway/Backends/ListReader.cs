using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;

namespace Vmcp.Gateway.Backends;

/// <summary>Reads lists over an open link, whoever it speaks for.</summary>
internal static class ListReader
{
    /// <summary>A server may add its conditional tools just after the handshake; a moment later its list is whole.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    /// <summary>Everything there is to list.</summary>
    public static CapabilityKind[] Kinds { get; } = Enum.GetValues<CapabilityKind>();

    /// <summary>What a backend offers before any list was read.</summary>
    public static BackendCapabilities Nothing(BackendLink link) => new() { Revision = link.Revision, ServerCapabilities = link.ServerCapabilities };

    /// <summary>After a handshake that declared something: gives the server the moment it may need for its conditional tools.</summary>
    public static Task SettleAsync(BackendLink link, TimeProvider time, CancellationToken cancellationToken) =>
        link.Era == Era.Legacy && CapabilityLister.PromisesChanges(link, CapabilityKind.Tools)
            ? Task.Delay(Settle, time, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Lists the given kinds one after the other. A kind that fails by itself stays empty; a backend that fails altogether is a failure.</summary>
    /// <param name="link">The link.</param>
    /// <param name="kinds">What to list.</param>
    /// <param name="known">What is known of the other kinds.</param>
    /// <param name="identity">What the link declared.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Reading> ReadAsync(
        BackendLink link, CapabilityKind[] kinds, BackendCapabilities known, LinkIdentity identity, CancellationToken cancellationToken)
    {
        BackendFailure? first = null;
        List<(CapabilityKind Kind, string Reason)> failed = [];
        CapabilityKind[] asked = [.. kinds.Where(k => CapabilityLister.IsAdvertised(link, k))];
        foreach (CapabilityKind kind in asked)
        {
            ListOutcome outcome = await CapabilityLister.ListAsync(link, kind, identity, cancellationToken).ConfigureAwait(false);
            if (outcome.Failure is { Category: not FailureCategory.HealthCheckFailed } or { SessionLost: true })
                return new Reading(outcome.Failure, known, []);
            if (outcome.Failure is { } failure)
            {
                first ??= failure;
                failed.Add((kind, failure.Reason));
            }

            known = known.With(kind, outcome.Items);
        }

        return new Reading(failed.Count == asked.Length ? first : null, known, failed);
    }

    /// <summary>What was read.</summary>
    /// <param name="Failure">Why nothing could be read; null when something was.</param>
    /// <param name="Lists">The lists.</param>
    /// <param name="Failed">Kinds that could not be listed while others could.</param>
    internal sealed record Reading(BackendFailure? Failure, BackendCapabilities Lists, IReadOnlyCollection<(CapabilityKind Kind, string Reason)> Failed);
}
