namespace Vmcp.Kubernetes.InMemory.Storing;

/// <summary>One change as watchers need it: what was and what is, to tell who entered or left a selection.</summary>
/// <param name="Version">The version of the change.</param>
/// <param name="Before">The object before; null for a new one.</param>
/// <param name="After">The object after; null for a deleted one. Both null: a bookmark.</param>
internal readonly record struct Change(long Version, Stored? Before, Stored? After);

/// <summary>The last changes of one kind in order; older ones are forgotten, and who needs them must list anew.</summary>
internal sealed class History(int size)
{
    private const int Batch = 256;
    private readonly List<Change> _changes = [];
    private long _first;
    private long _floor;
    private TaskCompletionSource _more = New();

    /// <summary>Completed at the next change, or when watchers are to look around.</summary>
    public Task More => _more.Task;

    public void Add(Change change)
    {
        _changes.Add(change);
        // Half the list goes at once, so that it need not move with each change.
        if (_changes.Count >= size * 2)
            Forget(_changes.Count - size);
        Wake();
    }

    public void Wake()
    {
        TaskCompletionSource before = _more;
        _more = New();
        before.TrySetResult();
    }

    /// <summary>Forgets all changes.</summary>
    public void Forget() => Forget(_changes.Count);

    /// <summary>Where a watch after this version begins; false when changes since then are forgotten.</summary>
    public bool TryBegin(long version, out long position)
    {
        position = 0;
        if (version < _floor)
            return false;
        int index = _changes.Count;
        while (index > 0 && _changes[index - 1].Version > version)
            index--;
        position = _first + index;
        return true;
    }

    /// <summary>The position after all changes.</summary>
    public long End => _first + _changes.Count;

    /// <summary>The next changes, some at a time; false when they are forgotten.</summary>
    public bool TryRead(ref long position, out Change[] changes)
    {
        changes = [];
        if (position < _first)
            return false;
        int index = (int)(position - _first);
        int count = Math.Min(Batch, _changes.Count - index);
        if (count > 0)
            changes = [.. _changes[index..(index + count)]];
        position += count;
        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Forget(int count)
    {
        if (count == 0)
            return;
        _floor = Math.Max(_floor, _changes[count - 1].Version);
        _changes.RemoveRange(0, count);
        _first += count;
    }
}
