using Vmcp.E2E.World;
using Vmcp.TestKit;

namespace Vmcp.E2E.Churn;

/// <summary>
/// Members that random operations change, and what the tools must be then. Each backend has one tool with its number, so that a name tells
/// which member is served from where.
/// </summary>
internal sealed class Roster(Space space, IReadOnlyList<ScriptedBackend> backends, Random random)
{
    private const string Team = "team", Other = "other";
    private readonly SortedDictionary<string, (string Group, int Backend)> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keyed = [];
    private bool _entry;

    /// <summary>The tools of all members of the team.</summary>
    public IReadOnlyList<string> Tools => [.. _members.Where(m => m.Value.Group == Team).Select(m => Tool(m.Key, m.Value.Backend)).Order(StringComparer.Ordinal)];

    public static string Tool(string member, int backend) => $"{member}_t{backend}";

    /// <summary>Joins a member.</summary>
    public async Task JoinAsync(string member, int backend)
    {
        await space.MemberAsync(Team, member, backends[backend].Url);
        _members[member] = (Team, backend);
    }

    /// <summary>One random operation on one of the names that may change; what it did, in words.</summary>
    public async Task<string> ChangeAsync(IReadOnlyList<string> names)
    {
        string name = names[random.Next(names.Count)];
        if (!_members.TryGetValue(name, out (string Group, int Backend) now))
        {
            int at = random.Next(backends.Count);
            await JoinAsync(name, at);
            return $"add {name} at {at}";
        }

        switch (random.Next(5))
        {
            case 3:
                // With a credential from a Secret, or without one again.
                bool keyed = _keyed.Add(name) || !_keyed.Remove(name);
                await space.MemberAsync(now.Group, name, backends[now.Backend].Url, keyed ? "key" : null);
                return $"{(keyed ? "give" : "take")} {name} a key";
            case 4:
                // An entry with a CA bundle and a header. Nobody answers there, and an entry may not point to this machine.
                _entry = !_entry;
                await (_entry ? space.EntryAsync(Team, "entry", "bundle") : space.RemoveEntryAsync("entry"));
                return $"{(_entry ? "add" : "remove")} the entry";
            case 0:
                await space.RemoveAsync(name);
                _members.Remove(name);
                _keyed.Remove(name);
                return $"remove {name}";
            case 1:
                int next = (now.Backend + 1 + random.Next(backends.Count - 1)) % backends.Count;
                await space.StandsAsync(name, backends[next].Url);
                _members[name] = (now.Group, next);
                return $"edit {name} from {now.Backend} to {next}";
            default:
                string group = now.Group == Team ? Other : Team;
                await space.MoveAsync(name, group);
                _members[name] = (group, now.Backend);
                return $"move {name} to {group}";
        }
    }
}
