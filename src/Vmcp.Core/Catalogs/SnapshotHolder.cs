namespace Vmcp.Core.Catalogs;

/// <summary>Hands the current snapshot to readers without a lock.</summary>
/// <typeparam name="T">An immutable snapshot type.</typeparam>
/// <param name="initial">The first snapshot.</param>
public sealed class SnapshotHolder<T>(T initial)
    where T : class
{
    private T _current = initial;

    /// <summary>The newest published snapshot; take it once per request.</summary>
    public T Current => Volatile.Read(ref _current);

    /// <summary>Replaces the snapshot for all later readers.</summary>
    public void Publish(T next) => Volatile.Write(ref _current, next);
}
