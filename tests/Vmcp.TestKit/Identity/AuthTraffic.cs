using System.Collections.Concurrent;

namespace Vmcp.TestKit;

/// <summary>What an authorization server saw, and what a test wants it to do instead of its work.</summary>
internal sealed class AuthTraffic
{
    private readonly ConcurrentQueue<AuthRequest> _requests = new();
    private readonly List<Failure> _failures = [];
    private readonly List<Override> _overrides = [];
    private readonly ConcurrentDictionary<AuthKind, TaskCompletionSource> _held = new();
    private readonly Lock _lock = new();
    private readonly int[] _inFlight = new int[Enum.GetValues<AuthKind>().Length];
    private readonly int[] _most = new int[Enum.GetValues<AuthKind>().Length];

    public IReadOnlyList<AuthRequest> Requests => [.. _requests];

    public void Note(AuthRequest request) => _requests.Enqueue(request);

    public void Fail(AuthKind kind, AuthAnswer answer, int times)
    {
        lock (_lock)
            _failures.Add(new Failure(kind, answer) { Left = times });
    }

    public IDisposable Replace(AuthKind kind, Func<AuthRequest, AuthAnswer?> answer)
    {
        var added = new Override(kind, answer, this);
        lock (_lock)
            _overrides.Add(added);
        return added;
    }

    public IDisposable Hold(AuthKind kind)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_held.TryAdd(kind, gate))
            throw new InvalidOperationException($"{kind} requests are held already");
        return new Gate(() =>
        {
            _held.TryRemove(new KeyValuePair<AuthKind, TaskCompletionSource>(kind, gate));
            gate.TrySetResult();
        });
    }

    public Task WaitAsync(AuthKind kind, CancellationToken ended) =>
        _held.TryGetValue(kind, out TaskCompletionSource? gate) ? gate.Task.WaitAsync(ended) : Task.CompletedTask;

    /// <summary>The answer a test ordered for this request; null to do the work. Failures come first, then the newest override.</summary>
    public AuthAnswer? Ordered(AuthRequest request)
    {
        Override[] overrides;
        lock (_lock)
        {
            if (_failures.FirstOrDefault(f => f.Kind == request.Kind) is { } failure)
            {
                if (--failure.Left <= 0)
                    _failures.Remove(failure);
                return failure.Answer;
            }

            overrides = [.. _overrides];
        }

        return overrides.Reverse().Where(o => o.Kind == request.Kind).Select(o => o.Answer(request)).FirstOrDefault(a => a is not null);
    }

    public void Enter(AuthKind kind)
    {
        lock (_lock)
            _most[(int)kind] = Math.Max(_most[(int)kind], ++_inFlight[(int)kind]);
    }

    public void Leave(AuthKind kind)
    {
        lock (_lock)
            _inFlight[(int)kind]--;
    }

    public int InFlight(AuthKind kind)
    {
        lock (_lock)
            return _inFlight[(int)kind];
    }

    public int MaxInFlight(AuthKind kind)
    {
        lock (_lock)
            return _most[(int)kind];
    }

    private sealed record Failure(AuthKind Kind, AuthAnswer Answer)
    {
        public int Left { get; set; }
    }

    private sealed class Override(AuthKind kind, Func<AuthRequest, AuthAnswer?> answer, AuthTraffic traffic) : IDisposable
    {
        public AuthKind Kind => kind;

        public Func<AuthRequest, AuthAnswer?> Answer => answer;

        public void Dispose()
        {
            lock (traffic._lock)
                traffic._overrides.Remove(this);
        }
    }

    private sealed class Gate(Action open) : IDisposable
    {
        public void Dispose() => open();
    }
}
