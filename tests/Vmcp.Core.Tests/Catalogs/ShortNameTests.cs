using System.Security.Cryptography;
using System.Text;
using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class ShortNameTests
{
    private static readonly string LongBackend = new('w', 60);

    [Fact]
    public void Name_of_64_characters_stays()
    {
        string name = new('x', 62);

        Merge(Prefix(), Backend("a", name)).Tools.Keys().ShouldBe(["a_" + name]);
    }

    [Fact]
    public void Longer_name_keeps_its_end_and_gets_a_hash_and_still_routes()
    {
        string full = LongBackend + "_create_issue";
        Catalog catalog = Merge(Prefix(), Backend(LongBackend, "create_issue"));

        string name = catalog.Tools.Keys().ShouldHaveSingleItem();
        name.Length.ShouldBe(64);
        name.ShouldEndWith("_create_issue_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..8]);
        catalog.Tools.NamesInJson("name").ShouldBe([name]);
        catalog.Reached(name).ShouldBe(LongBackend + "/create_issue");
    }

    [Fact]
    public void Short_form_depends_on_nothing_but_the_full_name()
    {
        string alone = Merge(Prefix(), Backend(LongBackend, "create_issue")).Tools.Keys().Single();

        Merge(Prefix(), Backend("a", "x"), Backend(LongBackend, "create_issue", "search")).Tools.Keys().ShouldContain(alone);
    }

    [Fact]
    public void Short_form_that_is_in_use_yields_to_the_name_that_was_there()
    {
        string taken = Merge(Prefix(), Backend(LongBackend, "create_issue")).Tools.Keys().Single();
        Catalog catalog = Merge(Prefix() with { PrefixFormat = "" }, Backend("z", taken), Backend("a", LongBackend + "_create_issue"));

        catalog.Tools.Entries.Length.ShouldBe(2);
        catalog.Reached(taken).ShouldBe("z/" + taken);
        catalog.Tools.Keys().ShouldAllBe(k => k.Length <= 64);
    }

    [Fact]
    public void Cut_never_splits_a_surrogate_pair()
    {
        string name = string.Concat(Enumerable.Repeat("😀", 40));

        foreach (string tool in Merge(Prefix(), Backend("a", name), Backend("bb", name)).Tools.Keys())
        {
            tool.Length.ShouldBeLessThanOrEqualTo(64);
            tool.ShouldBe(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(tool)));
        }
    }

    [Fact]
    public void Prompts_are_shortened_too()
    {
        Catalog catalog = Merge(Prefix(), Backend(LongBackend, [], prompts: [Tool("write_a_review", "")]));

        catalog.PromptRoutes[catalog.Prompts.Keys().Single()].OriginalName.ShouldBe("write_a_review");
        catalog.Prompts.Keys().Single().Length.ShouldBe(64);
    }
}
