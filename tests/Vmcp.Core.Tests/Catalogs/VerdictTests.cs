using System.Collections.Frozen;
using System.Collections.Immutable;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Catalogs.Verdicts;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class VerdictTests
{
    [Fact]
    public void Verdicts_tell_exactly_what_the_catalog_shows()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            Random random = new(seed);
            MergeInput[] inputs = [.. Enumerable.Range(0, random.Next(1, 7)).Select(i => SomeBackend(i, random))];
            AggregationPolicy policy = SomePolicy(random);

            Catalog catalog = CatalogMerge.Merge(1, inputs, policy);
            ImmutableArray<ItemVerdict> verdicts = CatalogMerge.Explain(inputs, policy);

            foreach (CapabilityKind kind in Enum.GetValues<CapabilityKind>())
            {
                ItemVerdict[] ofKind = [.. verdicts.Where(v => v.Kind == kind)];
                Sorted(ofKind.Where(v => v.IsVisible).Select(v => v.ExposedName!)).ShouldBe(catalog.List(kind).Keys(), $"seed {seed}, {kind}");
                Sorted(ofKind.Select(v => $"{v.Backend}/{v.OriginalName}"))
                    .ShouldBe(Sorted(inputs.SelectMany(i => i.Capabilities.Items(kind).Select(t => $"{i.Backend}/{t.Key}"))), $"seed {seed}, {kind}");
            }

            ItemVerdict[] routed = [.. verdicts.Where(v => v is { Kind: CapabilityKind.Tools, ExposedName: not null })];
            Sorted(routed.Select(v => $"{v.ExposedName} {v.Backend} {v.OriginalName} {v.IsVisible}"))
                .ShouldBe(Sorted(catalog.ToolRoutes.Values.Select(r => $"{r.ExposedName} {r.Backend} {r.OriginalName} {r is { Visible: true, Away: false }}")), $"seed {seed}");
            verdicts.ShouldAllBe(v => v.Reason.EndsWith('.'));
            verdicts.ShouldAllBe(v => v.RenamedBy == Renaming.None || v.ExposedName != v.OriginalName);
        }
    }

    [Fact]
    public void Explaining_changes_no_catalog_and_needs_no_order_of_backends()
    {
        MergeInput[] inputs = [Backend("b", "x", "y"), Backend("a", "x").Away(), Backend("c", "x")];
        AggregationPolicy policy = Priority("a");

        CatalogMerge.Explain(inputs, policy).Select(Line).ShouldBe(CatalogMerge.Explain([.. inputs.Reverse()], policy).Select(Line));
    }

    [Fact]
    public void A_filtered_tool_names_the_setting_that_hides_it()
    {
        ToolRules rules = Renames(("echo", "say")) with { Filter = ["other"] };

        ItemVerdict verdict = Verdict(Prefix(("alpha", rules)), "echo", Backend("alpha", "echo", "other"));

        verdict.Outcome.ShouldBe(Outcome.FilteredOut);
        verdict.ExposedName.ShouldBe("alpha_say");
        verdict.RenamedBy.ShouldBe(Renaming.Override | Renaming.Prefix);
        verdict.Reason.ShouldBe("The filter in the aggregation.tools entry of \"alpha\" does not name \"echo\", nor its new name \"say\".");
    }

    [Fact]
    public void An_excluded_tool_names_the_setting_that_hides_it()
    {
        MergeInput alpha = Backend("alpha", "x");

        Verdict(Prefix() with { ExcludeAllTools = true }, "x", alpha).Reason.ShouldBe("aggregation.excludeAllTools hides the tools of all backends.");
        Verdict(Prefix(("alpha", new ToolRules { ExcludeAll = true })), "x", alpha).Reason
            .ShouldBe("excludeAll in the aggregation.tools entry of \"alpha\" hides all of its tools.");
        Verdict(Prefix() with { DenyByDefault = true }, "x", alpha).Reason
            .ShouldBe("aggregation.defaultToolVisibility is deny, and \"alpha\" has no entry in aggregation.tools.");
    }

    [Fact]
    public void A_lost_conflict_says_to_whom()
    {
        ItemVerdict lost = Verdict(Priority("github", "jira"), "create", Backend("jira", "create"), Backend("github"));
        lost.IsVisible.ShouldBeTrue();

        lost = CatalogMerge.Explain([Backend("jira", "create"), Backend("github", "create")], Priority("github", "jira")).Single(v => v.Backend == "jira");
        lost.Outcome.ShouldBe(Outcome.LostConflict);
        lost.LostTo.ShouldBe("github");
        lost.ExposedName.ShouldBeNull();
        lost.Reason.ShouldContain("priorityOrder");
    }

    [Fact]
    public void Each_obstacle_is_told_and_the_one_to_clear_first_comes_first()
    {
        AggregationPolicy policy = Priority("b") with
        {
            Tools = new Dictionary<string, ToolRules> { ["a"] = new() { Filter = ["none"] } }.ToFrozenDictionary(),
        };

        ItemVerdict verdict = CatalogMerge.Explain([Backend("a", "x").Away(), Backend("b", "x")], policy).Single(v => v.Backend == "a");

        verdict.Obstacles.Select(o => o.Outcome).ShouldBe([Outcome.BackendAway, Outcome.FilteredOut, Outcome.LostConflict]);
        verdict.Outcome.ShouldBe(Outcome.BackendAway);
        verdict.LostTo.ShouldBe("b");
    }

    [Fact]
    public void A_shortened_name_is_told()
    {
        string longName = new('t', 70);

        ItemVerdict verdict = Verdict(Prefix(), longName, Backend("alpha", longName));

        verdict.RenamedBy.ShouldBe(Renaming.Prefix | Renaming.Shortened);
        verdict.Reason.ShouldBe($"Listed as \"{verdict.ExposedName}\": the backend's prefix was added, the name was cut to 64 characters.");
    }

    private static ItemVerdict Verdict(AggregationPolicy policy, string original, params MergeInput[] inputs) =>
        CatalogMerge.Explain(inputs, policy).Single(v => v.OriginalName == original);

    private static string Line(ItemVerdict v) => $"{v.Backend} {v.OriginalName} {v.ExposedName} {string.Join(',', v.Obstacles)}";

    private static string[] Sorted(IEnumerable<string> texts) => [.. texts.Order(StringComparer.Ordinal)];

    /// <summary>Few names, so that they meet often: doubles, empty and overlong ones, broken definitions.</summary>
    private static MergeInput SomeBackend(int i, Random random)
    {
        string[] names = ["x", "y", "a_x", "b_x", "", new string('l', 66)];
        CapabilityItem[] Items(Func<string, CapabilityItem> make) => [.. Enumerable.Range(0, random.Next(5)).Select(_ => make(names[random.Next(names.Length)]))];
        MergeInput input = Backend(
            ((string[])["a", "b", "a_b", "c", "d", "e"])[i],
            [.. Items(n => random.Next(6) == 0 ? Raw(n, random.Next(2) == 0 ? "[]" : "7") : Tool(n))],
            [.. Items(n => random.Next(6) == 0 ? Raw(n, "[]") : Tool(n, ""))],
            [.. Items(n => Resource(n))],
            [.. Items(n => Template(n))]);
        return random.Next(4) == 0 ? input.Away() : input;
    }

    private static AggregationPolicy SomePolicy(Random random)
    {
        string[] names = ["x", "y", "z", "a_x"];
        Dictionary<string, ToolRules> rules = [];
        foreach (string backend in (string[])["a", "b", "a_b", "c"])
        {
            if (random.Next(2) == 0)
                continue;
            rules[backend] = new ToolRules
            {
                ExcludeAll = random.Next(5) == 0,
                Filter = random.Next(2) == 0 ? [] : [names[random.Next(names.Length)]],
                Overrides = random.Next(2) == 0
                    ? FrozenDictionary<string, ToolOverride>.Empty
                    : new Dictionary<string, ToolOverride> { ["x"] = new() { Name = names[random.Next(names.Length)] } }.ToFrozenDictionary(),
            };
        }

        return new AggregationPolicy
        {
            Strategy = (ConflictStrategy)random.Next(3),
            PrefixFormat = random.Next(3) == 0 ? "" : "{workload}_",
            PriorityOrder = random.Next(2) == 0 ? [] : ["b", "a"],
            ExcludeAllTools = random.Next(10) == 0,
            DenyByDefault = random.Next(4) == 0,
            Tools = rules.ToFrozenDictionary(),
        };
    }
}
