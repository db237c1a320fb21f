using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>
/// Logs why there are no credentials: the same kind of trouble of one backend once a minute, however many users meet it. Metrics count them all.
/// Holds at most one entry per backend and kind of trouble of the last two minutes.
/// </summary>
internal sealed class QuietTroubles(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Backend, string ErrorType), long> _said = new();

    /// <summary>Logs it, unless that was done just now.</summary>
    public void Say(CredentialKey key, CredentialTrouble trouble)
    {
        long now = time.GetTimestamp();
        (string, string) kind = (key.Backend, trouble.ErrorType);
        bool due = _said.TryAdd(kind, now)
            || (_said.TryGetValue(kind, out long last) && time.GetElapsedTime(last, now) >= Quiet && _said.TryUpdate(kind, now, last));
        if (due)
            logger.NoCredential(key.Backend, trouble.Reason, key.Strategy.Type);
    }

    /// <summary>Forgets what was said long ago.</summary>
    public void Forget()
    {
        foreach (KeyValuePair<(string, string), long> said in _said)
        {
            if (time.GetElapsedTime(said.Value) >= Quiet)
                _said.TryRemove(said);
        }
    }
}
