using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Walk;

/// <summary>Somebody who has never seen the project does what its pages say, from an empty cluster to an empty cluster.</summary>
public sealed partial class WalkTests
{
    private const string Tools = Journey.Tools;

    /// <summary>What the gateway of each example lists, to a user where it asks for one.</summary>
    private static readonly Dictionary<string, string[]> Lists = new()
    {
        ["aggregation"] = ["calc.add", "calc.echo", "notes.echo", "notes.picture"],
        ["discovered-minimal"] = ["calc_echo", "calc_get-sum", "notes_echo", "notes_get-tiny-image"],
        ["discovered-oidc"] = ["calc_echo", "calc_get-sum", "notes_echo", "notes_get-tiny-image"],
        ["ha"] = ["calc_echo", "calc_get-sum", "notes_echo", "notes_get-tiny-image"],
        ["inline-minimal"] = ["calc_echo", "calc_get-sum", "notes_echo", "notes_get-tiny-image"],
        ["inline-token-exchange"] = ["calc_echo", "calc_get-sum", "notes_echo", "notes_get-tiny-image"],
    };

    [Fact]
    public async Task The_quickstart_leads_through_both_modes_and_leaves_nothing()
    {
        await using Journey journey = await Journey.StartAsync();
        (Reader reader, Space space) = (journey.Reader, journey.Space);

        await reader.FollowAsync("quickstart.md", "A cluster with the operator");
        await journey.Cluster.OperatorLeadsAsync();
        await reader.FollowAsync("quickstart.md", "Two MCP servers and a gateway");
        await space.RunsAsync("hub", "discovered");
        await space.AllListAsync("hub", Lists["discovered-minimal"]);
        await reader.FollowAsync("quickstart.md", "Take one away, bring it back");
        await space.AllListAsync("hub", Lists["discovered-minimal"]);
        space.Pods.ShouldHaveSingleItem().Restarts.ShouldBe(0);
        await reader.FollowAsync("quickstart.md", "The other mode");
        await space.SwitchedAsync("hub", "inline", 1);
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        await space.AllListAsync("hub", Lists["inline-minimal"]);
        await reader.FollowAsync("quickstart.md", "Clean up");

        await journey.IsEmptyAsync();
    }

    [Fact]
    public async Task The_page_of_the_modes_and_every_example_work_as_written_and_leave_nothing()
    {
        await using Journey journey = await Journey.StartAsync();
        (Reader reader, Space space) = (journey.Reader, journey.Space);

        await reader.FollowAsync("install.md", "With kubectl");
        await journey.Cluster.OperatorLeadsAsync();
        await reader.FollowAsync("install.md", "Upgrade");

        await reader.FollowAsync("modes.md", "Configure a gateway");
        await space.RunsAsync("hub", "discovered");
        await reader.FollowAsync("modes.md", "What is created");
        await reader.FollowAsync("modes.md", "Verify: the status of the resource");
        await space.AllListAsync("hub", Lists["discovered-minimal"]);
        await reader.FollowAsync("modes.md", "Verify: `/status` of the gateway");
        await HasWhatIsDocumentedAsync(journey.Front.Url);

        await reader.FollowAsync("modes.md", "Switch the mode");
        await space.SwitchedAsync("hub", "inline", 1);
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        await HasWhatIsDocumentedAsync(journey.Front.Url);

        foreach (string example in Demo.Gateways)
            await TryAsync(example, journey);

        await reader.FollowAsync("modes.md", "Take it away");
        await reader.FollowAsync("install.md", "Uninstall");
        await journey.IsEmptyAsync();
    }

    /// <summary>One example over another, as examples/README.md says.</summary>
    private static async Task TryAsync(string example, Journey journey)
    {
        (Reader reader, Space space, Demo demo) = (journey.Reader, journey.Space, journey.Demo);
        bool users = example.Contains("oidc", StringComparison.Ordinal) || example.Contains("exchange", StringComparison.Ordinal);
        demo.Notes.Behaviour = users ? demo.Provider.Demand("notes-api") : Behaviour.Normal;
        await reader.DoAsync($"kubectl apply -n {Tools} -f examples/{example}");
        if (Lists.Keys.Order(StringComparer.Ordinal).TakeWhile(e => e != example).LastOrDefault() == "ha")
            await reader.DoAsync($"kubectl scale -n {Tools} deployment/hub --replicas=1");
        await reader.DoAsync($"kubectl wait -n {Tools} --for=condition=Ready vmcp/hub --timeout=2m");
        VirtualMCPServer hub = await space.ReadServerAsync("hub");
        string mode = hub.Spec.OutgoingAuth?.Source ?? "discovered";
        await space.RunsAsync("hub", mode);

        Dictionary<string, string> headers = [];
        if (users)
            headers["Authorization"] = $"Bearer {demo.Provider.Token("amelie", "hub", "openid mcp")}";
        int pods = (int)(hub.Spec.Replicas ?? 1);
        // The pods of the example before may still be there, and go at any moment.
        await Eventually.BecomesAsync(
            async () => space.PodsOf("hub").Count == pods && (await Task.WhenAll(space.PodsOf("hub").Select(p => ListsAsync(Space.At(p), headers, Lists[example])))).All(same => same),
            $"{pods} pods of {example} list {string.Join(", ", Lists[example])}",
            Space.Limit);
        await using ModernClient client = new(journey.Front.Url, headers: headers);
        string echo = Lists[example].Single(t => t.StartsWith("notes", StringComparison.Ordinal) && t.EndsWith("echo", StringComparison.Ordinal));
        await Eventually.ReadsAsync(
            async () => (await client.CallToolAsync(echo, """{"input":"here"}""")).Text(), text => text == "here", $"{example} calls notes", Space.Limit);

        // The pod that writes the status may be the one of before; the new one takes over when it ends.
        await space.RunsAsync("hub", mode);
        (await reader.DoAsync($"kubectl get -n {Tools} vmcp")).ShouldContain(mode);
        (await reader.DoAsync($"vmcp status hub -n {Tools}")).ShouldContain("notes");
    }

    private static async Task<bool> ListsAsync(Uri pod, Dictionary<string, string> headers, string[] tools)
    {
        await using ModernClient client = new(pod, headers: headers);
        return (await client.ListToolNamesAsync()).Order(StringComparer.Ordinal).SequenceEqual(tools);
    }

    /// <summary>Each path in the table of docs/modes.md is in the answer, but for those of troubles there are not.</summary>
    private static async Task HasWhatIsDocumentedAsync(Uri gateway)
    {
        using HttpClient http = new();
        using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync(new Uri(gateway, "/status")));
        string page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "modes.md"));
        string section = page.Split("## Verify: `/status` of the gateway")[1].Split("\n## ")[0];
        string[] paths = [.. Row().Matches(section).SelectMany(row => Paths(row.Groups[1].Value))];
        string[] absent = [.. paths.Where(p => !Holds(status.RootElement, p.Split('.')))];

        paths.Length.ShouldBeGreaterThan(20);
        string[] onlyInTrouble = ["config.last_reload_error", "source.trouble", "backends[].last_error_category"];
        string[] onlyDiscovered = status.RootElement.GetProperty("mode").GetString() == "inline" ? ["source", "source.synced", "source.last_contact", "unserved[]"] : [];
        absent.Except(onlyInTrouble).Except(onlyDiscovered).ShouldBeEmpty(status.RootElement.ToString());
    }

    // `backends[].name`, `.transport`: what begins with a dot goes on from the one before.
    private static IEnumerable<string> Paths(string cell)
    {
        string parent = "";
        foreach (string path in Code().Matches(cell).Select(m => m.Groups[1].Value))
        {
            string whole = path.StartsWith('.') ? parent + path : path;
            parent = whole[..Math.Max(whole.LastIndexOf('.'), 0)];
            yield return whole;
        }
    }

    private static bool Holds(JsonElement element, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
            return true;
        bool list = path[0].EndsWith("[]", StringComparison.Ordinal);
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(path[0].TrimEnd('[', ']'), out JsonElement next))
            return false;
        if (!list)
            return Holds(next, path[1..]);
        foreach (JsonElement item in next.EnumerateArray())
        {
            if (!Holds(item, path[1..]))
                return false;
        }

        return true;
    }

    [GeneratedRegex(@"^\| (`[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
