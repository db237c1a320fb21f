using Vmcp.Config.Reading;

namespace Vmcp.Cli.Explaining;

/// <summary>Turns evidence into the answer. Pure.</summary>
internal static class Explainer
{
    private const int MaxChains = 10;
    private const int MaxSuggestions = 5;

    /// <summary>Explains a tool, named as clients see it, as its backend calls it, or as <c>backend/tool</c>.</summary>
    public static Explanation Explain(string asked, Evidence evidence)
    {
        Chain[] chains = Find(asked, evidence);
        List<string> notes = [.. evidence.Notes];
        if (chains.Length > MaxChains)
            notes.Add($"{chains.Length - MaxChains} more backends have something of this name; name one as backend/{asked}");
        if (chains.Length == 0 && evidence.ItemsHidden is { } hidden)
            notes.Add(hidden);
        if (chains.Length == 0)
            notes.AddRange(Unheard(evidence));
        return new Explanation
        {
            Asked = asked,
            Chains = [.. chains.Take(MaxChains)],
            Suggestions = chains.Any(c => c.IsVisible || c.ExposedName is not null) ? [] : Suggest(asked, evidence),
            Notes = notes,
        };
    }

    private static Chain[] Find(string asked, Evidence evidence)
    {
        (BackendEvidence Backend, ItemEvidence Item)[] all = [.. evidence.Backends.SelectMany(b => (b.Items ?? []).Select(i => (b, i)))];
        // Names may hold a slash themselves, so a whole name goes first.
        (BackendEvidence Backend, ItemEvidence Item)[] found =
        [
            .. all.Where(p => p.Item.Name == asked || p.Item.ExposedName == asked)
                .OrderByDescending(p => p.Item.IsVisible && p.Item.ExposedName == asked)
                .ThenByDescending(p => p.Item.IsVisible)
                .ThenByDescending(p => p.Item.ExposedName == asked),
        ];
        if (found.Length > 0)
            return [.. found.Select(p => Of(p.Backend, p.Item))];
        foreach (BackendEvidence backend in evidence.Backends.Where(b => asked.StartsWith(b.Name + "/", StringComparison.Ordinal)).OrderByDescending(b => b.Name.Length))
        {
            string name = asked[(backend.Name.Length + 1)..];
            Chain[] own = [.. (backend.Items ?? []).Where(i => i.Name == name || i.ExposedName == name).Select(i => Of(backend, i))];
            return own.Length > 0 ? own : [Missing(backend, name, evidence)];
        }

        // "jira_search" while nobody knows what jira lists: its prefix is all there is to go by.
        BackendEvidence? likely = evidence.Backends
            .Where(b => b.Items is null && asked.Length > b.Name.Length + 1 && asked.StartsWith(b.Name, StringComparison.Ordinal)
                && !char.IsLetterOrDigit(asked[b.Name.Length]))
            .MaxBy(b => b.Name.Length);
        return likely is null ? [] : [Missing(likely, asked[(likely.Name.Length + 1)..], evidence)];
    }

    /// <summary>The chain of an item the backend listed.</summary>
    private static Chain Of(BackendEvidence backend, ItemEvidence item)
    {
        string? Hit(params string[] outcomes) => item.Obstacles.Where(o => outcomes.Contains(o.Outcome)).Select(o => o.Reason).FirstOrDefault();

        // With health checks off, or between two looks, clients see the tools of a backend that is not well.
        List<Step> steps =
        [
            .. backend.Steps.Select(s => item.IsVisible && s.State != StepState.Ok ? s with { State = StepState.Ok, Text = $"{s.Text}; listed all the same" } : s),
        ];
        // Catalog and health are two looks at a moving thing; the catalog is what clients see.
        if (Hit("backend_away") is { } away && steps.TrueForAll(s => s.State == StepState.Ok))
            steps[^1] = new Step("health", StepState.Failed, away);
        steps.Add(Judge("listed", Hit("invalid_name", "invalid_definition", "listed_twice"), $"the backend lists {item.Kind} \"{item.Name}\""));
        if (item.Kind == "tool")
            steps.Add(Judge("filter", Hit("filtered_out", "excluded"), "nothing hides it"));
        if (item.ExposedName is { } exposed)
        {
            steps.Add(new Step("name", StepState.Ok, exposed == item.Name
                ? "it keeps its name"
                : $"\"{item.Name}\" becomes \"{exposed}\" ({string.Join(", ", item.RenamedBy)})"));
        }

        steps.Add(Judge("conflict", Hit("lost_conflict"), "no other backend has the name before it"));
        if (item.IsVisible)
        {
            steps.Add(new Step(
                "visible", StepState.Ok,
                $"clients see it as \"{item.ExposedName}\"" + (item.DependsOnClient ? ", but only those that the backend may ask (elicitation, sampling, roots)" : "")));
        }
        else if (steps.TrueForAll(s => s.State == StepState.Ok))
        {
            steps.Add(new Step("visible", StepState.Failed, item.Reason));
        }

        return new Chain(item.Kind, backend.Name, item.Name, steps) { ExposedName = item.ExposedName };
    }

    /// <summary>The chain of a tool of a backend that does not list it, or of which nobody knows what it lists.</summary>
    private static Chain Missing(BackendEvidence backend, string name, Evidence evidence)
    {
        Step listed = backend switch
        {
            { Items: { } items } => new Step("listed", StepState.Failed, $"the backend lists no tool \"{name}\"{Near(name, items)}"),
            _ when backend.Steps.Any(s => s.State == StepState.Failed) => new Step("listed", StepState.Unknown, "not known, because it did not get this far"),
            { IsPerUser: true } => new Step("listed", StepState.Unknown, "depends on the user: it is called with each user's own credential, so ask with tools/list as the user in question"),
            _ => new Step("listed", StepState.Unknown, evidence.ItemsHidden ?? "the backend told nothing of what it has"),
        };
        return new Chain("tool", backend.Name, name, [.. backend.Steps, listed]);
    }

    private static string Near(string name, IReadOnlyList<ItemEvidence> items) =>
        Nearest(name, items.Where(i => i.Kind == "tool").Select(i => i.Name)) is { } near ? $"; did you mean \"{near}\"?" : "";

    private static Step Judge(string name, string? problem, string well) =>
        problem is null ? new Step(name, StepState.Ok, well) : new Step(name, StepState.Failed, problem);

    private static List<string> Suggest(string asked, Evidence evidence)
    {
        List<string> names =
        [
            .. evidence.Backends.SelectMany(b => (b.Items ?? []).SelectMany(
                i => i.ExposedName is null ? [$"{b.Name}/{i.Name}", i.Name] : new[] { i.ExposedName, i.Name, $"{b.Name}/{i.Name}" })).Distinct(StringComparer.Ordinal),
        ];
        List<string> near = [];
        while (near.Count < MaxSuggestions && Nearest(asked, names) is { } name)
        {
            near.Add(name);
            names.Remove(name);
        }

        // Half a name is no slip of the finger; what holds it may still be what was meant.
        near.AddRange(names.Where(n => asked.Length >= 3 && n.Contains(asked, StringComparison.OrdinalIgnoreCase)).Take(MaxSuggestions - near.Count));
        return near;
    }

    // The search looks at the first few hundred, so those of like length come first.
    private static string? Nearest(string word, IEnumerable<string> known) =>
        NearMatch.Find(word, known.OrderBy(k => Math.Abs(k.Length - word.Length)).ThenBy(k => k, StringComparer.Ordinal));

    private static IEnumerable<string> Unheard(Evidence evidence) => evidence.Backends
        .Where(b => b.Items is null && b.Steps.Any(s => s.State == StepState.Failed))
        .Take(MaxChains)
        .Select(b => $"backend \"{b.Name}\" could not be asked what it has: {b.Steps.First(s => s.State == StepState.Failed).Text}");
}
