namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>The bounds of credentials and of the work to get them (auth-and-ops 3.2).</summary>
internal sealed record CredentialLimits
{
    /// <summary>Most entries of one cache; beyond it the longest unused go.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>Longest time one credential takes to get, waiting and retries included.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Least time between two credentials given up for one key because the backend refused them.</summary>
    public TimeSpan RefusalFloor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause after a failed renewal of a credential that still works.</summary>
    public TimeSpan RenewalPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often what is over is looked for; no token lies in memory much longer than it is of use.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most requests in flight to one token endpoint.</summary>
    public int InFlight { get; init; } = 64;

    /// <summary>Most requests that wait for one of those places, per token endpoint.</summary>
    public int Waiting { get; init; } = 1024;

    /// <summary>Longest wait for such a place.</summary>
    public TimeSpan WaitLimit { get; init; } = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LeastSkew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a credential is used: what the issuer says less a margin of 10 %, at least 30 s (clocks differ, requests take time); never longer
    /// than the token it was made from, nor than an hour. An issuer that says nothing gets 5 minutes. Zero: only for those who wait for it now.
    /// </summary>
    /// <param name="now">Now.</param>
    /// <param name="expiresAt">When the issuer lets it end; null when unsaid.</param>
    /// <param name="subjectExpiresAt">When the token it was made from ends; null for never.</param>
    public static TimeSpan Lifetime(DateTimeOffset now, DateTimeOffset? expiresAt, DateTimeOffset? subjectExpiresAt)
    {
        TimeSpan life = Unsaid;
        if (expiresAt is { } end)
        {
            TimeSpan said = end - now;
            life = said - (said / 10 > LeastSkew ? said / 10 : LeastSkew);
        }

        if (life > Longest)
            life = Longest;
        if (subjectExpiresAt is { } last && last - now < life)
            life = last - now;
        return life > TimeSpan.Zero ? life : TimeSpan.Zero;
    }
}
