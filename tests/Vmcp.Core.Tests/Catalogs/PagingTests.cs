using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class PagingTests
{
    [Fact]
    [Trait("Scenario", "PAGE-01")]
    public void Cursors_lead_through_1500_tools_in_pages_of_1000_at_most()
    {
        CatalogList list = Merge(Prefix(), Backend("a", Names(0, 900)), Backend("b", Names(0, 600))).Tools;

        List<string[]> pages = Walk(() => list, CapabilityKind.Tools);

        pages.Select(p => p.Length).ShouldBe([1000, 500]);
        pages.SelectMany(p => p).ShouldBe(list.Keys());
        pages.SelectMany(p => p).Distinct().Count().ShouldBe(1500);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1000, 1)]
    [InlineData(1001, 2)]
    [InlineData(2000, 2)]
    public void Last_page_has_no_cursor(int tools, int pages) =>
        Walk(() => Merge(Prefix(), Backend("a", Names(0, tools))).Tools, CapabilityKind.Tools).Count.ShouldBe(pages);

    [Fact]
    public void Full_pages_are_the_ready_bytes()
    {
        CatalogList list = Merge(Prefix(), Backend("a", Names(0, 2500))).Tools;
        ListPage second = list.Page(list.Page("", CapabilityKind.Tools)!.NextCursor, CapabilityKind.Tools)!;

        second.Items.Equals((ReadOnlyMemory<byte>)list.Pages[1]).ShouldBeTrue();
    }

    [Fact]
    [Trait("Scenario", "PAGE-01")]
    public void Change_between_pages_loses_and_doubles_nothing_that_stayed()
    {
        CatalogList before = Merge(Prefix(), Backend("m", Names(0, 1500))).Tools;
        CatalogList after = Merge(Prefix(), Backend("a", Names(0, 10)), Backend("m", Names(0, 999)), Backend("n", Names(0, 3))).Tools;
        ListPage first = before.Page(null, CapabilityKind.Tools)!;
        string last = Items(first)[^1];

        ListPage second = after.Page(first.NextCursor, CapabilityKind.Tools)!;

        last.ShouldBe("m_t0999");
        Items(second).ShouldBe(["n_t0000", "n_t0001", "n_t0002"]);
        second.NextCursor.ShouldBeNull();
    }

    [Fact]
    public void Cursor_past_the_end_gives_an_empty_last_page()
    {
        string cursor = ListCursor.Encode(CapabilityKind.Tools, "zzz");

        Items(Merge(Prefix(), Backend("a", "x")).Tools.Page(cursor, CapabilityKind.Tools)!).ShouldBeEmpty();
        Items(CatalogList.Empty.Page(cursor, CapabilityKind.Tools)!).ShouldBeEmpty();
    }

    [Fact]
    public void Very_long_keys_page_with_bounded_cursors()
    {
        string common = "file:///" + new string('ä', 3000);
        ImmutableArray<CapabilityItem> items = [.. Enumerable.Range(0, 2100).Select(i => Resource($"{common}{i:D5}"))];
        CatalogList list = Merge(Prefix(), Backend("a", [], resources: items)).Resources;

        List<string[]> pages = Walk(() => list, CapabilityKind.Resources, "uri");

        pages.SelectMany(p => p).ShouldBe(list.Keys());
        string gone = list.Page(null, CapabilityKind.Resources)!.NextCursor!;
        CatalogList shorter = Merge(Prefix(), Backend("a", [], resources: items.RemoveAt(999))).Resources;
        Items(shorter.Page(gone, CapabilityKind.Resources)!, "uri").ShouldContain(common + "01000");
    }

    [Theory]
    [InlineData(377)]
    [InlineData(378)]
    [InlineData(379)]
    [InlineData(5000)]
    public void Cursor_is_512_characters_at_most_and_comes_back(int length)
    {
        string key = new('k', length);
        string cursor = ListCursor.Encode(CapabilityKind.Prompts, key);

        cursor.Length.ShouldBeLessThanOrEqualTo(512);
        key.ShouldStartWith(ListCursor.Decode(cursor, CapabilityKind.Prompts)!.Value.Key);
    }

    [Fact]
    [Trait("Scenario", "PAGE-02")]
    public void Cursor_that_is_not_ours_is_refused()
    {
        CatalogList list = Merge(Prefix(), Backend("a", Names(0, 1500))).Tools;
        string good = list.Page(null, CapabilityKind.Tools)!.NextCursor!;
        string[] bad =
        [
            "garbage", "!!!", " ", "AAAA", "dAAAAAAA", good + "A", good[..^2], good + "=", "\0", "é",
            good.ToLowerInvariant(), new string('A', 513), new string('A', 100_000),
            ListCursor.Encode(CapabilityKind.Prompts, "a_t0001"),
            ListCursor.Encode(CapabilityKind.Resources, "a_t0001"),
            ListCursor.Encode(CapabilityKind.ResourceTemplates, "a_t0001"),
        ];

        list.Page(good, CapabilityKind.Tools).ShouldNotBeNull();
        foreach (string cursor in bad)
            list.Page(cursor, CapabilityKind.Tools).ShouldBeNull(cursor);
    }

    [Fact]
    [Trait("Scenario", "PAGE-02")]
    public void Random_and_mutated_cursors_never_throw()
    {
        CatalogList list = Merge(Prefix(), Backend("a", Names(0, 1500))).Tools;
        char[] good = list.Page(null, CapabilityKind.Tools)!.NextCursor!.ToCharArray();
        Random random = new(12);
        for (int round = 0; round < 5000; round++)
        {
            char[] mutated = (char[])good.Clone();
            mutated[random.Next(mutated.Length)] = (char)random.Next(32, 300);
            list.Page(new string(mutated), CapabilityKind.Tools);
            byte[] noise = new byte[random.Next(1, 60)];
            random.NextBytes(noise);
            list.Page(System.Buffers.Text.Base64Url.EncodeToString(noise), CapabilityKind.Tools).ShouldBeNull();
        }
    }

    private static string[] Names(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"t{i:D4}")];

    private static List<string[]> Walk(Func<CatalogList> list, CapabilityKind kind, string member = "name")
    {
        List<string[]> pages = [];
        string? cursor = null;
        do
        {
            ListPage page = list().Page(cursor, kind).ShouldNotBeNull();
            pages.Add(Items(page, member));
            cursor = page.NextCursor;
        }
        while (cursor is not null && pages.Count < 50);
        return pages;
    }

    private static string[] Items(ListPage page, string member = "name") =>
        [.. JsonDocument.Parse(page.Items).RootElement.EnumerateArray().Select(e => e.GetProperty(member).GetString()!)];
}
