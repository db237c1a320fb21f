namespace Vmcp.Gateway.Backends;

/// <summary>The times of a backend's last probes, oldest first. One writer, any readers.</summary>
public sealed class ProbeTimes
{
    /// <summary>Probes remembered.</summary>
    public const int Size = 60;

    private readonly Lock _lock = new();
    private Probe[] _ring = [];
    private int _next;

    /// <summary>Remembers one probe; beyond <see cref="Size"/> the oldest is forgotten.</summary>
    internal void Add(TimeSpan elapsed, bool failed)
    {
        Probe probe = new((float)elapsed.TotalMilliseconds, failed);
        lock (_lock)
        {
            if (_ring.Length < Size)
            {
                _ring = [.. _ring, probe];
                return;
            }

            _ring[_next] = probe;
            _next = (_next + 1) % Size;
        }
    }

    /// <summary>The probes, oldest first.</summary>
    internal Probe[] ToArray()
    {
        lock (_lock)
            return [.. _ring.AsSpan(_next), .. _ring.AsSpan(0, _next)];
    }

    /// <summary>One probe.</summary>
    /// <param name="Milliseconds">How long it took.</param>
    /// <param name="Failed">Whether it speaks against the backend.</param>
    internal readonly record struct Probe(float Milliseconds, bool Failed);
}
