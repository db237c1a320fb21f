using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>Something changed that subscribers may be told of.</summary>
internal sealed record Change(string Method, string? Uri = null)
{
    public const string Tools = "notifications/tools/list_changed";
    public const string Prompts = "notifications/prompts/list_changed";
    public const string Resources = "notifications/resources/list_changed";
    public const string ResourceUpdated = "notifications/resources/updated";

    public JsonObject Params() => Uri is null ? [] : new JsonObject { ["uri"] = Uri };
}

/// <summary>Tells every open session and listen stream of a change, and counts the changes of each list.</summary>
internal sealed class Changes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _revisions = [];
    private readonly List<Action<Change>> _listeners = [];

    /// <summary>How often this list has changed. Entries carry it, so that a change is a real one.</summary>
    public int Revision(string method)
    {
        lock (_gate)
            return _revisions.GetValueOrDefault(method);
    }

    public void Announce(Change change)
    {
        List<Action<Change>> listeners;
        lock (_gate)
        {
            _revisions[change.Method] = _revisions.GetValueOrDefault(change.Method) + 1;
            listeners = [.. _listeners];
        }

        foreach (Action<Change> listener in listeners)
            listener(change);
    }

    /// <summary>Listens until the returned value is disposed.</summary>
    public IDisposable Listen(Action<Change> listener)
    {
        lock (_gate)
            _listeners.Add(listener);
        return new Subscription(this, listener);
    }

    private sealed class Subscription(Changes changes, Action<Change> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (changes._gate)
                changes._listeners.Remove(listener);
        }
    }
}
