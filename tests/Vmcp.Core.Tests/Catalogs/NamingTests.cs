using System.Collections.Immutable;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class NamingTests
{
    [Fact]
    [Trait("Scenario", "AGG-01")]
    public void Prefix_puts_the_backend_before_each_name_and_routes_to_the_original()
    {
        Catalog catalog = Merge(Prefix(), Backend("jira", "create_issue"), Backend("github", "create_issue", "list_repos"));

        catalog.Tools.Keys().ShouldBe(["github_create_issue", "github_list_repos", "jira_create_issue"]);
        catalog.Tools.NamesInJson("name").ShouldBe(catalog.Tools.Keys());
        catalog.Reached("github_create_issue").ShouldBe("github/create_issue");
        catalog.Reached("github_list_repos").ShouldBe("github/list_repos");
        catalog.Reached("jira_create_issue").ShouldBe("jira/create_issue");
        catalog.Conflicts.ShouldBeEmpty();
    }

    [Fact]
    public void Every_placeholder_of_the_prefix_format_is_filled()
    {
        Catalog catalog = Merge(Prefix() with { PrefixFormat = "{workload}.{workload}-" }, Backend("a", "x"));

        catalog.Tools.Keys().ShouldBe(["a.a-x"]);
    }

    [Fact]
    [Trait("Scenario", "AGG-02")]
    public void Priority_gives_a_contested_name_to_the_first_in_order_and_prefixes_unlisted_owners()
    {
        Catalog catalog = Merge(
            Priority("github", "jira"),
            Backend("jira", "create_issue"),
            Backend("teams", "send"),
            Backend("github", "create_issue"),
            Backend("slack", "send", "post"));

        catalog.Tools.Keys().ShouldBe(["create_issue", "post", "slack_send", "teams_send"]);
        catalog.Reached("create_issue").ShouldBe("github/create_issue");
        catalog.Reached("slack_send").ShouldBe("slack/send");
        catalog.Reached("teams_send").ShouldBe("teams/send");
        CatalogConflict conflict = catalog.Conflicts.ShouldHaveSingleItem();
        conflict.Name.ShouldBe("create_issue");
        conflict.Winner.ShouldBe("github");
        conflict.Losers.ShouldBe(["jira"]);
    }

    [Fact]
    [Trait("Scenario", "AGG-02")]
    public void Priority_fallback_uses_the_configured_format_and_never_takes_a_name_in_use()
    {
        AggregationPolicy policy = Priority("z") with { PrefixFormat = "{workload}." };
        Catalog catalog = Merge(policy, Backend("slack", "send"), Backend("teams", "send"), Backend("wild", "slack.send"));

        catalog.Tools.Keys().ShouldBe(["slack.send", "teams.send"]);
        catalog.Reached("slack.send").ShouldBe("wild/slack.send");
        CatalogConflict conflict = catalog.Conflicts.ShouldHaveSingleItem();
        conflict.Winner.ShouldBe("wild");
        conflict.Losers.ShouldBe(["slack"]);
    }

    [Fact]
    public void Priority_drops_unlisted_owners_of_a_name_that_a_listed_backend_has()
    {
        Catalog catalog = Merge(Priority("b"), Backend("a", "x"), Backend("b", "x"), Backend("c", "x"));

        catalog.Tools.Keys().ShouldBe(["x"]);
        catalog.Reached("x").ShouldBe("b/x");
        catalog.Conflicts.ShouldHaveSingleItem().Losers.ShouldBe(["a", "c"]);
    }

    [Fact]
    [Trait("Scenario", "AGG-03")]
    public void Manual_lists_what_the_overrides_renamed()
    {
        Catalog catalog = Merge(
            Manual(("github", Renames(("create_issue", "gh_create_issue"))), ("jira", Renames(("create_issue", "jira_create_issue")))),
            Backend("github", "create_issue", "list_repos"),
            Backend("jira", "create_issue"));

        catalog.Tools.Keys().ShouldBe(["gh_create_issue", "jira_create_issue", "list_repos"]);
        catalog.Reached("gh_create_issue").ShouldBe("github/create_issue");
        catalog.Conflicts.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "AGG-03")]
    public void Manual_leaves_out_only_the_unresolved_tool_and_names_it_with_its_backends()
    {
        Catalog catalog = Merge(
            Manual(("github", Renames(("create_issue", "gh_create_issue")))),
            Backend("github", "create_issue", "list_repos"),
            Backend("jira", "create_issue", "search"));

        catalog.Tools.Keys().ShouldBe(["gh_create_issue", "list_repos", "search"]);
        catalog.ToolRoutes.Keys.ShouldNotContain("create_issue");
        CatalogConflict conflict = catalog.Conflicts.ShouldHaveSingleItem();
        conflict.Kind.ShouldBe(CapabilityKind.Tools);
        conflict.Name.ShouldBe("create_issue");
        conflict.Winner.ShouldBeNull();
        conflict.Losers.ShouldBe(["jira"]);
        conflict.Reason.ShouldContain("github, jira");
    }

    [Fact]
    public void Manual_leaves_out_tools_whose_overrides_gave_them_one_name()
    {
        Catalog catalog = Merge(
            Manual(("a", Renames(("x", "same"))), ("b", Renames(("y", "same")))),
            Backend("a", "x", "keep"),
            Backend("b", "y"));

        catalog.Tools.Keys().ShouldBe(["keep"]);
        CatalogConflict conflict = catalog.Conflicts.ShouldHaveSingleItem();
        conflict.Name.ShouldBe("same");
        conflict.Losers.ShouldBe(["a", "b"]);
    }

    [Fact]
    [Trait("Scenario", "NEW-AGG-01")]
    public void Collision_after_prefixing_goes_to_the_first_backend_and_names_both()
    {
        MergeInput[] inputs = [Backend("a_b", "x"), Backend("a", "b_x")];
        Catalog first = Merge(Prefix(), inputs);

        first.Tools.Keys().ShouldBe(["a_b_x"]);
        first.Reached("a_b_x").ShouldBe("a/b_x");
        CatalogConflict conflict = first.Conflicts.ShouldHaveSingleItem();
        conflict.Name.ShouldBe("a_b_x");
        conflict.Winner.ShouldBe("a");
        conflict.Losers.ShouldBe(["a_b"]);
        Merge(Prefix(), inputs[1], inputs[0]).Reached("a_b_x").ShouldBe("a/b_x");
    }

    [Fact]
    public void Collision_inside_one_backend_goes_to_the_first_tool_by_name()
    {
        Catalog catalog = Merge(Prefix(("a", Renames(("z", "b")))), Backend("a", "z", "b"));

        catalog.Reached("a_b").ShouldBe("a/b");
        catalog.Conflicts.ShouldHaveSingleItem().Losers.ShouldBe(["a"]);
    }

    [Fact]
    public void Name_listed_twice_by_a_backend_appears_once_with_its_first_definition()
    {
        Catalog catalog = Merge(Prefix(), Backend("a", [Tool("x", ",\"title\":\"first\""), Tool("y"), Tool("x", ",\"title\":\"second\"")]));

        catalog.Tools.Keys().ShouldBe(["a_x", "a_y"]);
        catalog.Tools.Text("a_x").ShouldContain("first");
        CatalogConflict conflict = catalog.Conflicts.ShouldHaveSingleItem();
        conflict.Name.ShouldBe("x");
        conflict.Losers.ShouldBe(["a"]);
    }

    [Fact]
    public void Two_inputs_of_one_name_are_a_bug_of_the_caller() =>
        Should.Throw<ArgumentException>(() => Merge(Prefix(), Backend("a", "x"), Backend("a", "y"))).Message.ShouldContain("\"a\"");

    [Fact]
    public void Item_without_a_name_is_left_out_and_reported()
    {
        Catalog catalog = Merge(Prefix(), Backend("a", "", "x"));

        catalog.Tools.Keys().ShouldBe(["a_x"]);
        catalog.Conflicts.ShouldHaveSingleItem().Reason.ShouldContain("without a name");
    }

    [Fact]
    [Trait("Scenario", "AGG-05")]
    public void Prompts_are_prefixed_even_without_a_conflict()
    {
        Catalog catalog = Merge(Prefix(), Backend("b1", [], prompts: [Tool("review", "")]));

        catalog.Prompts.Keys().ShouldBe(["b1_review"]);
        catalog.Prompts.Text("b1_review").ShouldBe("""{"name":"b1_review"}""");
        catalog.PromptRoutes["b1_review"].OriginalName.ShouldBe("review");
        Merge(Manual(), Backend("b1", [], prompts: [Tool("review", "")])).Prompts.Keys().ShouldBe(["b1_review"]);
    }

    [Fact]
    [Trait("Scenario", "AGG-05")]
    public void Prompts_of_ranked_backends_keep_bare_names_under_priority()
    {
        Catalog catalog = Merge(
            Priority("b2", "b1"),
            Backend("b1", [], prompts: [Tool("review", ""), Tool("plan", "")]),
            Backend("b2", [], prompts: [Tool("review", "")]),
            Backend("b3", [], prompts: [Tool("review", "")]));

        catalog.Prompts.Keys().ShouldBe(["b3_review", "plan", "review"]);
        catalog.PromptRoutes["review"].Backend.ShouldBe("b2");
        catalog.Conflicts.ShouldHaveSingleItem().Losers.ShouldBe(["b1"]);
    }

    [Fact]
    [Trait("Scenario", "AGG-04")]
    public void Resources_and_templates_keep_their_uri_and_belong_to_the_first_backend()
    {
        Catalog catalog = Merge(
            Prefix(),
            Backend("b2", [], resources: [Resource("file:///x", "two")], templates: [Template("repo://{id}")]),
            Backend("b1", [], resources: [Resource("file:///x", "one")], templates: [Template("repo://{id}")]));

        catalog.Resources.Text("file:///x").ShouldBe("""{"uri":"file:///x","name":"one"}""");
        catalog.ResourceTemplates.Keys().ShouldBe(["repo://{id}"]);
        catalog.FindResource("file:///x")!.Backend.ShouldBe("b1");
        catalog.FindResource("repo://7")!.Backend.ShouldBe("b1");
        catalog.FindResource("repo://{id}")!.Backend.ShouldBe("b1");
        catalog.FindResource("other://7").ShouldBeNull();
        catalog.Conflicts.Select(c => (c.Kind, c.Winner)).ShouldBe(
            [(CapabilityKind.Resources, "b1"), (CapabilityKind.ResourceTemplates, "b1")]);
    }

    [Fact]
    [Trait("Scenario", "NEW-AGG-01")]
    public void Any_order_of_backends_gives_the_same_bytes_routes_and_reports()
    {
        AggregationPolicy rules = Prefix(("b3", Renames(("t1", "t2"), ("t4", "renamed"))), ("b5", new ToolRules { Filter = ["t2"] }));
        foreach (ConflictStrategy strategy in Enum.GetValues<ConflictStrategy>())
        {
            AggregationPolicy policy = rules with { Strategy = strategy, PriorityOrder = ["b4", "b2"] };
            MergeInput[] inputs = [.. Enumerable.Range(0, 12).Select(SomeBackend)];
            string expected = Picture(Merge(policy, inputs));
            Random random = new(20260728);
            for (int round = 0; round < 100; round++)
            {
                random.Shuffle(inputs);
                Picture(Merge(policy, inputs)).ShouldBe(expected);
            }
        }
    }

    [Fact]
    public void Own_order_of_a_backend_changes_nothing()
    {
        MergeInput input = SomeBackend(3);
        MergeInput reversed = input with { Capabilities = input.Capabilities with { Tools = [.. input.Capabilities.Tools.Reverse()] } };

        Picture(Merge(Prefix(), reversed)).ShouldBe(Picture(Merge(Prefix(), input)));
    }

    private static MergeInput SomeBackend(int i)
    {
        ImmutableArray<CapabilityItem> tools =
            [.. Enumerable.Range(0, 8).Where(t => (i + t) % 3 != 0).Select(t => Tool("t" + t)), Tool(new string((char)('a' + (i % 2)), 70))];
        MergeInput input = Backend(
            i % 4 == 0 ? $"b{i}_t1" : $"b{i}",
            tools,
            prompts: [Tool("p" + (i % 2), "")],
            resources: [Resource("file:///" + (i % 5), "of" + i)],
            templates: [Template("x" + (i % 2) + "://{id}")]);
        return i % 7 == 6 ? input.Away() : input;
    }

    private static string Picture(Catalog catalog) => string.Join('\n',
    [
        .. new[] { catalog.Tools, catalog.Prompts, catalog.Resources, catalog.ResourceTemplates }
            .SelectMany(l => l.Pages)
            .Select(p => System.Text.Encoding.UTF8.GetString(p)),
        .. catalog.ToolRoutes.Values.OrderBy(r => r.ExposedName, StringComparer.Ordinal)
            .Select(r => $"{r.ExposedName} {r.Backend} {r.OriginalName} {r.Visible} {r.Away}"),
        .. catalog.PromptRoutes.Values.OrderBy(r => r.ExposedName, StringComparer.Ordinal).Select(r => r.ToString()),
        .. catalog.ResourceRoutes.Values.OrderBy(r => r.ExposedName, StringComparer.Ordinal).Select(r => r.ToString()),
        .. catalog.TemplateRoutes.Select(r => $"{r.OriginalName} {r.Backend} {r.Away}"),
        .. catalog.Conflicts.Select(c => $"{c.Kind} {c.Name} {c.Winner} {string.Join(',', c.Losers)} {c.Reason}"),
    ]);
}
