using Vmcp.Core.Health;

namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>
/// Bounds the requests in flight to each token endpoint, those that wait for a place, and how long they wait. SemaphoreSlim brings the queue; only
/// its length is counted here.
/// </summary>
internal sealed class EndpointGates(CredentialLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Uri, Gate> _gates = [];

    /// <summary>Does something that is one request to an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="work">The request; begins when there is a place.</param>
    /// <param name="busy">What comes of it when there is none.</param>
    /// <param name="cancellationToken">Ends the wait and the work.</param>
    public async Task<TResult> RunAsync<TResult>(
        Uri endpoint, Func<CancellationToken, Task<TResult>> work, Func<CredentialTrouble, TResult> busy, CancellationToken cancellationToken)
    {
        if (Enter(endpoint) is not { } gate)
            return busy(Full);
        try
        {
            if (!await WaitAsync(gate, cancellationToken).ConfigureAwait(false))
                return busy(Slow);
            try
            {
                return await work(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                gate.Places.Release();
            }
        }
        finally
        {
            Leave(endpoint, gate);
        }
    }

    private Gate? Enter(Uri endpoint)
    {
        lock (_lock)
        {
            if (!_gates.TryGetValue(endpoint, out Gate? gate))
                _gates[endpoint] = gate = new Gate(new SemaphoreSlim(limits.InFlight, limits.InFlight));
            if (gate.Inside >= limits.InFlight + limits.Waiting)
                return null;
            gate.Inside++;
            return gate;
        }
    }

    private void Leave(Uri endpoint, Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Inside > 0)
                return;
            _gates.Remove(endpoint);
            gate.Places.Dispose();
        }
    }

    private async Task<bool> WaitAsync(Gate gate, CancellationToken cancellationToken)
    {
        if (gate.Places.Wait(0, CancellationToken.None))
            return true;
        using CancellationTokenSource patience = new(limits.WaitLimit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await gate.Places.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static CredentialTrouble Full { get; } = Busy("too many sign-ins wait for its token endpoint", "queue_full");

    private static CredentialTrouble Slow { get; } = Busy("its token endpoint is too slow for the number of sign-ins that wait", "queue_timeout");

    private static CredentialTrouble Busy(string why, string errorType) =>
        new($"cannot be called now: {why}; try again in a few seconds", FailureCategory.BackendUnavailable, errorType) { RetryAfter = TimeSpan.FromSeconds(2) };

    private sealed class Gate(SemaphoreSlim places)
    {
        public SemaphoreSlim Places => places;

        public int Inside { get; set; }
    }
}
