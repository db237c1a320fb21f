using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Content;

/// <summary>Long lists, of the gateway and of backends.</summary>
public sealed class PagingTests
{
    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "PAGE-01")]
    public async Task Fifteen_hundred_tools_come_in_pages(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => Tools(s, 900)).Backend("beta", s => Tools(s, 600)));
        Front client = await world.ConnectAsync(revision);
        List<string> names = [];
        string? cursor = null;
        do
        {
            RpcAnswer answer = await client.CallAsync("tools/list", cursor is null ? "{}" : $$"""{"cursor":{{JsonSerializer.Serialize(cursor)}}}""");
            string[] page = [.. answer.Success().GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()!)];
            page.Length.ShouldBeInRange(1, 1000);
            names.AddRange(page);
            cursor = answer.Success().TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        names.Count.ShouldBe(1500);
        names.Distinct().Count().ShouldBe(1500);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "PAGE-02")]
    public async Task Bad_cursors_are_bad_params(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s =>
        {
            Tools(s, 1001);
            for (int i = 0; i < 1001; i++)
                s.Prompt($"p{i}");
        }));
        Front client = await world.ConnectAsync(revision);
        string foreign = (await client.CallAsync("prompts/list")).Success().GetProperty("nextCursor").GetRawText();
        foreach (string cursor in (string[])["\"garbage\"", $"\"{new string('x', 5000)}\"", foreign, "17"])
        {
            RpcAnswer answer = await client.CallAsync("tools/list", $$"""{"cursor":{{cursor}}}""");
            answer.ErrorCode.ShouldBe(-32602, cursor.Length > 100 ? "over-long" : cursor);
        }
    }

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    public async Task All_pages_of_a_backend_are_read(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s =>
        {
            Tools(s, 25);
            s.PageSize = 4;
        });
        LegacyClient client = await world.LegacyAsync();
        (await client.ListToolNamesAsync()).Count.ShouldBe(25);
    }

    private static void Tools(BackendScript script, int count)
    {
        for (int i = 0; i < count; i++)
            script.Tool($"t{i:0000}");
    }
}
