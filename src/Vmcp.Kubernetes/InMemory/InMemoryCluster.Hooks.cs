using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory.Storing;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory;

/// <content>What a test sees and does beside the API.</content>
public sealed partial class InMemoryCluster
{
    private readonly Queue<ClusterRequest> _requests = new();
    private readonly List<Fault> _faults = [];
    private int _watchEpoch;
    private KubeException? _watchEnd;

    /// <summary>Runs before each request is looked at, outside of the lock; a test can hold a request up, or end it by an exception.</summary>
    public Func<ClusterRequest, CancellationToken, Task>? Before { get; set; }

    /// <summary>Requests remembered at most; none where nobody looks at them.</summary>
    public int RequestsKept { get; init; } = 200_000;

    /// <summary>The requests so far in the order they were answered; the oldest of very many are forgotten.</summary>
    public IReadOnlyList<ClusterRequest> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    /// <summary>The writes among <see cref="Requests"/>, also those that changed nothing: for "nothing is written at rest".</summary>
    public IReadOnlyList<ClusterRequest> Writes => [.. Requests.Where(r => r.IsWrite)];

    /// <summary>Begins the log of requests anew.</summary>
    public void ForgetRequests()
    {
        lock (_gate)
            _requests.Clear();
    }

    /// <summary>The objects of a kind as they are stored, in order; no request.</summary>
    public IReadOnlyList<KubeObject> ObjectsOf(ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        lock (_gate)
            return [.. Store(type).Items.Values.Select(s => s.Object)];
    }

    /// <summary>Fails the next requests of a sort; nothing is stored.</summary>
    public void FailNext(Func<ClusterRequest, bool> which, KubeException with, int times = 1) => AddFault(new Fault(which, with, Stored: false, times));

    /// <summary>Lets the next writes of a sort be stored, but fails them: the answer is lost on its way.</summary>
    public void LoseAnswer(Func<ClusterRequest, bool> which, KubeException with, int times = 1) => AddFault(new Fault(which, with, Stored: true, times));

    /// <summary>Ends all watches, as a server does when their time is over; with an exception, they break off.</summary>
    public void CloseWatches(KubeException? with = null)
    {
        lock (_gate)
        {
            _watchEpoch++;
            _watchEnd = with;
            foreach (KindStore store in _stores.Values)
                store.History.Wake();
        }
    }

    /// <summary>Forgets all history up to now: watches from older versions and pages of older lists get <see cref="KubeError.Expired"/>.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            _compacted = _version;
            foreach (KindStore store in _stores.Values)
                store.Forget();
        }
    }

    /// <summary>Sends each watch of a kind a bookmark of the version of now.</summary>
    public void SendBookmark(ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        lock (_gate)
            Store(type).History.Add(new Change(_version, null, null));
    }

    private void AddFault(Fault fault)
    {
        lock (_gate)
            _faults.Add(fault);
    }

    private async Task EnterAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Before is { } before)
            await before(request, cancellationToken);
        lock (_gate)
        {
            KubeException? fault = TakeFault(request, stored: false);
            if (fault is not null || !request.IsWrite)
                Log(request, fault is null ? ClusterOutcome.Answered : ClusterOutcome.Refused);
            if (fault is not null)
                throw fault;
        }
    }

    private async Task<KubeObject> WriteAsync(ClusterRequest request, Func<Result> write, CancellationToken cancellationToken)
    {
        await EnterAsync(request, cancellationToken);
        lock (_gate)
        {
            Result result;
            try
            {
                result = write();
            }
            catch (KubeException)
            {
                Log(request, ClusterOutcome.Refused);
                throw;
            }

            Log(request, result.Changed ? ClusterOutcome.Changed : ClusterOutcome.Unchanged);
            return TakeFault(request, stored: true) is { } lost ? throw lost : result.Object!;
        }
    }

    private KubeException? TakeFault(ClusterRequest request, bool stored)
    {
        if (_faults.Find(f => f.Stored == stored && f.Which(request)) is not { } fault)
            return null;
        if (--fault.Times <= 0)
            _faults.Remove(fault);
        return fault.With;
    }

    private void Log(ClusterRequest request, ClusterOutcome outcome)
    {
        _requests.Enqueue(request with { Outcome = outcome });
        if (_requests.Count > RequestsKept)
            _requests.Dequeue();
    }

    private sealed record Fault(Func<ClusterRequest, bool> Which, KubeException With, bool Stored, int Times)
    {
        public int Times { get; set; } = Times;
    }
}
