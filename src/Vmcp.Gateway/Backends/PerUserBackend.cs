using System.Collections.Immutable;

using Vmcp.Core.Health;

namespace Vmcp.Gateway.Backends;

/// <summary>What matters of a backend that is called with each user's own credential: its items are in nobody's catalog but that user's.</summary>
/// <param name="Handle">Its running side.</param>
/// <param name="Listed">Whether its health lets items be shown.</param>
/// <param name="Dialled">Whether it may be asked for lists.</param>
/// <param name="Untried">No probe has ended yet, or the first ones failed: a user who was answered knows better.</param>
/// <param name="ListChanges">How often it told the gateway that its lists changed.</param>
internal sealed record PerUserBackend(BackendHandle Handle, bool Listed, bool Dialled, bool Untried, long ListChanges)
{
    /// <summary>The backend's name.</summary>
    public string Name => Handle.Backend.Name;

    /// <summary>Those among the backends, sorted by name; the array of before as long as nothing of it changed, so that one look tells.</summary>
    public static ImmutableArray<PerUserBackend> Of(IEnumerable<BackendView> views, ImmutableArray<PerUserBackend> before)
    {
        ImmutableArray<PerUserBackend> now =
        [
            .. views.Where(v => v.IsPerUser).OrderBy(v => v.Handle.Backend.Name, StringComparer.Ordinal).Select(v => new PerUserBackend(
                v.Handle, v.Listed, HealthMachine.IsDialled(v.Health.Status), v.Health.Status == HealthStatus.Unknown, v.ListChanges)),
        ];
        return now.AsSpan().SequenceEqual(before.AsSpan()) ? before : now;
    }
}
