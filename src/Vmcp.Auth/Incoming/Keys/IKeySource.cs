namespace Vmcp.Auth.Incoming.Keys;

/// <summary>Where a provider's keys come from. One fetch at a time.</summary>
internal interface IKeySource : IDisposable
{
    /// <summary>Longest time between two fetches: a key that was taken away counts no longer than that.</summary>
    TimeSpan Interval { get; }

    /// <summary>Shortest time between two fetches, however many tokens name a key that is not there.</summary>
    TimeSpan Floor { get; }

    /// <summary>Gets the keys.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<KeyFetch> FetchAsync(CancellationToken cancellationToken);
}

/// <summary>What came of a fetch.</summary>
internal abstract record KeyFetch
{
    private KeyFetch()
    {
    }

    /// <summary>There are keys.</summary>
    /// <param name="Keys">The keys.</param>
    /// <param name="MaxAge">How long they may be kept; null when the provider does not say.</param>
    public sealed record Fetched(KeySet Keys, TimeSpan? MaxAge = null) : KeyFetch;

    /// <summary>There are none.</summary>
    /// <param name="Reason">A whole sentence for log and status, without foreign text.</param>
    public sealed record Failed(string Reason) : KeyFetch;
}
