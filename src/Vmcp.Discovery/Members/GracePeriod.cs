using System.Collections.Immutable;
using Vmcp.Resources.Backends;

namespace Vmcp.Discovery.Members;

/// <summary>
/// Bridges moments: a member that was served and whose address is missing for a while, because its controller writes it anew, keeps the one it
/// had. Everything else about it, credentials above all, counts as it is now.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class GracePeriod(TimeProvider time)
{
    /// <summary>Longer than a controller takes to write a status anew; shorter than a person takes to wonder.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    private sealed record Known(string Url, Core.Backends.BackendTransport Transport, long? TroubledSince);

    /// <summary>When the next bridge ends; null when there is none.</summary>
    public TimeSpan? NextEnd
    {
        get
        {
            long[] since = [.. _known.Values.Select(k => k.TroubledSince).OfType<long>()];
            return since.Length == 0 ? null : since.Select(s => Length - time.GetElapsedTime(s)).Min() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The members with their gaps bridged.</summary>
    public ImmutableArray<MemberBackend> Bridge(ImmutableArray<MemberBackend> members)
    {
        HashSet<string> keys = [.. members.Select(m => m.Key)];
        foreach (string gone in _known.Keys.Where(k => !keys.Contains(k)).ToList())
            _known.Remove(gone);
        return [.. members.Select(Bridge)];
    }

    private MemberBackend Bridge(MemberBackend member)
    {
        if (member.Problem is null && member is { Url: { } url, Transport: { } transport })
        {
            _known[member.Key] = new Known(url, transport, null);
            return member;
        }

        // An address that is known is not replaced by an older one: what is to be sent now may not be meant for that.
        if (member.Problem?.MayPass != true || !_known.TryGetValue(member.Key, out Known? known) || (member.Url is { } now && now != known.Url))
        {
            _known.Remove(member.Key);
            return member;
        }

        known = known with { TroubledSince = known.TroubledSince ?? time.GetTimestamp() };
        if (time.GetElapsedTime(known.TroubledSince.Value) >= Length)
        {
            _known.Remove(member.Key);
            return member;
        }

        _known[member.Key] = known;
        return member with { Url = known.Url, Transport = known.Transport, Problem = null };
    }
}
