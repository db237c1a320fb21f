using System.Text;
using System.Text.Json;
using Vmcp.Core.Catalogs;
using static Vmcp.Core.Tests.Catalogs.Merging;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class ItemSplicerTests
{
    private static readonly ToolOverride Quiet = new() { ReadOnlyHint = true, Title = "T" };

    [Fact]
    public void Every_byte_but_the_name_stays_as_it_came()
    {
        const string before = "{ \"zz\" : 1.50e+2,\n\"n\\u0061me\":\t\"old\" , \"title\":\"\\u00e9\\/\",\"icons\":[{\"name\":\"old\"}],\"_meta\":{\"a\":[1,2 ,3]} }";

        Rewrite(before, "new", null).ShouldBe(before.Replace("\"old\" ,", "\"new\" ,", StringComparison.Ordinal));
    }

    [Fact]
    public void Item_that_changes_nothing_is_the_same_memory()
    {
        byte[] json = "{\"name\":\"x\"}"u8.ToArray();

        ItemSplicer.Rewrite(json, null, new ToolOverride { Name = "ignored here" }).Equals((ReadOnlyMemory<byte>)json).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"name":"x"}""", """{"name":"y","description":"d","annotations":{"title":"T","readOnlyHint":true}}""")]
    [InlineData("""{"description":null,"name":"x"}""", """{"description":"d","name":"y","annotations":{"title":"T","readOnlyHint":true}}""")]
    [InlineData("""{"name":"x","annotations":{}}""", """{"name":"y","annotations":{"title":"T","readOnlyHint":true},"description":"d"}""")]
    [InlineData("""{"name":"x","annotations":null}""", """{"name":"y","annotations":{"title":"T","readOnlyHint":true},"description":"d"}""")]
    [InlineData(
        """{"name":"x","annotations":{"readOnlyHint":false,"destructiveHint":true,"x":{"title":1}},"description":["odd"]}""",
        """{"name":"y","annotations":{"readOnlyHint":true,"destructiveHint":true,"x":{"title":1},"title":"T"},"description":"d"}""")]
    [InlineData("{}", """{"name":"y","description":"d","annotations":{"title":"T","readOnlyHint":true}}""")]
    public void Overridden_members_are_replaced_or_added(string before, string after) =>
        Rewrite(before, "y", Quiet with { Description = "d" }).ShouldBe(after);

    [Fact]
    public void Annotation_left_null_keeps_the_backends_value() =>
        Rewrite("""{"name":"x","annotations":{"destructiveHint":true,"title":"old"}}""", null, new ToolOverride { DestructiveHint = false })
            .ShouldBe("""{"name":"x","annotations":{"destructiveHint":false,"title":"old"}}""");

    [Fact]
    public void Text_is_escaped_only_where_json_asks()
    {
        string after = Rewrite("""{"name":"x"}""", "é<\"\\😀\n", null);

        JsonDocument.Parse(after).RootElement.GetProperty("name").GetString().ShouldBe("é<\"\\😀\n");
        after.ShouldContain("é<");
    }

    [Fact]
    public void Doubled_key_is_rewritten_each_time() =>
        Rewrite("""{"name":"x","name":"z"}""", "y", null).ShouldBe("""{"name":"y","name":"y"}""");

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("""{"name":"x",""")]
    [InlineData("""{"name":"x","a":[1,}""")]
    [InlineData("""{"name":"x","\ud800ame":1,"description":"\udfff"}""")]
    public void Tool_that_is_no_proper_object_is_left_out_and_harms_no_other(string json)
    {
        AggregationPolicy policy = Prefix(("a", Override("x", Quiet with { Description = "d" })));
        Catalog catalog = Merge(policy, Backend("a", [Raw("x", json), Tool("y")]));

        catalog.Tools.Keys().ShouldContain("a_y");
        foreach (CatalogEntry entry in catalog.Tools.Entries)
            JsonDocument.Parse(entry.Json).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
        catalog.ToolRoutes.Count.ShouldBe(catalog.Tools.Entries.Length);
        (catalog.Conflicts.Length + catalog.Tools.Entries.Length).ShouldBe(2);
    }

    [Fact]
    public void Too_deep_item_is_left_out()
    {
        string deep = $$"""{"name":"x","a":{{new string('[', 5000)}}{{new string(']', 5000)}}}""";

        Merge(Prefix(), Backend("a", [Raw("x", deep)])).Conflicts.ShouldHaveSingleItem().Losers.ShouldBe(["a"]);
    }

    [Fact]
    public void Random_objects_survive_everywhere_but_at_the_name()
    {
        Random random = new(7);
        for (int round = 0; round < 300; round++)
        {
            string rest = RandomValue(random, 0);
            string head = RandomValue(random, 0);
            string before = $$"""{"h":{{head}},"name":"old","r":{{rest}}}""";
            Rewrite(before, "new", null).ShouldBe($$"""{"h":{{head}},"name":"new","r":{{rest}}}""");
        }
    }

    private static string Rewrite(string json, string? name, ToolOverride? change) =>
        Encoding.UTF8.GetString(ItemSplicer.Rewrite(Encoding.UTF8.GetBytes(json), name, change).Span);

    private static string RandomValue(Random random, int depth) => random.Next(depth > 4 ? 4 : 6) switch
    {
        0 => random.NextDouble().ToString("E3", System.Globalization.CultureInfo.InvariantCulture),
        1 => "\"\\u00" + random.Next(16, 100).ToString(System.Globalization.CultureInfo.InvariantCulture) + "}\\\"{\"",
        2 => "true",
        3 => "null",
        4 => $"[ {string.Join(" ,", Enumerable.Range(0, random.Next(3)).Select(_ => RandomValue(random, depth + 1)))}]",
        _ => $"{{{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(i => $"\"{(i == 0 ? "name" : "k" + i)}\": {RandomValue(random, depth + 1)}"))}}}",
    };
}
