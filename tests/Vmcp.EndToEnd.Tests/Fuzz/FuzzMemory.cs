namespace Vmcp.EndToEnd.Tests.Fuzz;

/// <summary>What one fuzzing client learned from answers and uses again: sessions, tickets, cursors.</summary>
internal sealed class FuzzMemory
{
    private const int Most = 8;

    /// <summary>Session ids with the revision negotiated.</summary>
    public List<(string Id, string Revision)> Sessions { get; } = [];

    /// <summary>Params of a call that needs input, and the ticket to go on with.</summary>
    public List<(string Params, string State, string Keys)> Tickets { get; } = [];

    /// <summary>Event ids seen.</summary>
    public List<string> EventIds { get; } = [];

    /// <summary>Task ids seen.</summary>
    public List<string> Tasks { get; } = [];

    public static void Keep<T>(List<T> list, T item)
    {
        list.Add(item);
        if (list.Count > Most)
            list.RemoveAt(0);
    }
}
