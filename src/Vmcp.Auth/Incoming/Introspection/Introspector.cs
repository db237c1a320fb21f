using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.Logging;

using Vmcp.Auth.Incoming.Tokens;

namespace Vmcp.Auth.Incoming.Introspection;

/// <summary>
/// Judges opaque tokens by what the provider says. A yes counts for <see cref="MaxPositive"/> at most, so that a revoked token is out soon; a no
/// for <see cref="Negative"/>; many requests with one token ask once; a provider that is away is asked again after a moment, not by each request.
/// </summary>
internal sealed class Introspector(IntrospectionClient client, ClaimRules rules, TimeProvider time, IncomingMetrics metrics, ILogger logger) : IAsyncDisposable
{
    /// <summary>How long a yes counts at most.</summary>
    public static readonly TimeSpan MaxPositive = TimeSpan.FromSeconds(60);

    /// <summary>How long a no counts.</summary>
    public static readonly TimeSpan Negative = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait of a request for the provider.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    /// <summary>Most tokens asked about at once; the next one gets 503.</summary>
    public const int MaxFlights = 64;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Apart from each other: a flood of made-up tokens must not push out those that count.
    private readonly AdmissionCache _yes = new(OidcAuth.MaxTokens, time);
    private readonly AdmissionCache _no = new(OidcAuth.MaxTokens, time);
    private readonly Lock _lock = new();
    private readonly Dictionary<TokenKey, Task<Admission>> _flights = [];
    private readonly CancellationTokenSource _stop = new();
    private DateTimeOffset _away;
    private volatile string? _trouble;
    private long _answeredAt;

    /// <summary>Why the newest question had no answer; null after one that had.</summary>
    public string? Trouble => _trouble;

    /// <summary>What is known of a token by now.</summary>
    public bool TryGet(in TokenKey key, [NotNullWhen(true)] out Admission? admission) =>
        _yes.TryGet(key, null, out admission) || _no.TryGet(key, null, out admission);

    /// <summary>Judges a token that <see cref="TryGet"/> does not know.</summary>
    public async ValueTask<Admission> JudgeAsync(TokenKey key, string token, CancellationToken cancellationToken)
    {
        Task<Admission>? flight;
        lock (_lock)
        {
            if (TryGet(key, out Admission? known))
                return known; // it landed between the look and the lock
            if (!_flights.TryGetValue(key, out flight))
            {
                if (_away - time.GetUtcNow() is { Ticks: > 0 } left)
                    return new Admission.Away(left);
                if (_flights.Count >= MaxFlights)
                    return new Admission.Away(TimeSpan.FromSeconds(1));
                // Not the first request's own: whoever leaves takes nothing from the others.
                flight = Task.Run(() => AskAsync(key, token, _stop.Token), CancellationToken.None);
                _flights.Add(key, flight);
            }
        }

        try
        {
            return await flight.WaitAsync(MaxWait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new Admission.Away(Moment);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task<Admission>[] running;
        lock (_lock)
            running = [.. _flights.Values];
        await Task.WhenAll(running).ConfigureAwait(false);
        client.Dispose();
        _stop.Dispose();
    }

    private async Task<Admission> AskAsync(TokenKey key, string token, CancellationToken stop)
    {
        try
        {
            IntrospectionAnswer answer = await client.AskAsync(token, stop).ConfigureAwait(false);
            metrics.Introspected(answer switch { IntrospectionAnswer.Active => true, IntrospectionAnswer.Inactive => false, _ => null });
            return answer switch
            {
                IntrospectionAnswer.Active active => Take(key, token.Length + active.Size, rules.Judge(token, active.Claims, needsIssuer: false)),
                IntrospectionAnswer.Inactive => Take(key, token.Length, Judged.Refused("The token is unknown, has expired or was revoked.")),
                IntrospectionAnswer.Failed { MayBeTheToken: true } failed => FailAlone(key, failed),
                IntrospectionAnswer.Failed failed => Fail(failed),
                _ => throw new InvalidOperationException("Unknown answer of the provider."),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new Admission.Away(Moment);
        }
        finally
        {
            lock (_lock)
                _flights.Remove(key);
        }
    }

    private Admission Take(in TokenKey key, int characters, Judged verdict)
    {
        if (_trouble is not null)
        {
            _trouble = null;
            logger.IntrospectionBack();
        }

        DateTimeOffset now = time.GetUtcNow();
        Volatile.Write(ref _answeredAt, now.UtcTicks);
        if (verdict.Admission is Admission.Challenged)
            _no.Add(key, null, verdict.Admission, now + Negative, 0);
        else
            _yes.Add(key, null, verdict.Admission, verdict.Until < now + MaxPositive ? verdict.Until : now + MaxPositive, characters);
        return verdict.Admission;
    }

    // While the provider answers for others, this is about the token: nobody else waits for it, and it does not fill the log.
    private Admission.Away FailAlone(in TokenKey key, IntrospectionAnswer.Failed failed)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now.UtcTicks - Volatile.Read(ref _answeredAt) > MaxPositive.Ticks)
            Note(failed);
        Admission.Away away = new(Moment);
        _no.Add(key, null, away, now + Moment, 0);
        return away;
    }

    private void Note(IntrospectionAnswer.Failed failed)
    {
        if (_trouble != failed.Reason)
            logger.IntrospectionAway(failed.Reason);
        _trouble = failed.Reason;
    }

    private Admission.Away Fail(IntrospectionAnswer.Failed failed)
    {
        Note(failed);
        TimeSpan pause = failed.RetryAfter is { } asked && asked > Moment ? asked < LongestPause ? asked : LongestPause : Moment;
        lock (_lock)
            _away = time.GetUtcNow() + pause;
        return new Admission.Away(pause);
    }
}
