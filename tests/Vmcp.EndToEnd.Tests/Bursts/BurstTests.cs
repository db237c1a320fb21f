using System.Text.Json;
using Vmcp.EndToEnd.Tests.World;
using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.Bursts;

public sealed class BurstTests
{
    private const int Events = 200;
    private const int Calls = 30;

    public static TheoryData<bool, BackendEra> Pairs => new()
    {
        { false, BackendEra.Legacy },
        { false, BackendEra.Modern },
        { false, BackendEra.HttpSse },
        { true, BackendEra.Legacy },
        { true, BackendEra.Modern },
        { true, BackendEra.HttpSse },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_burst_of_progress_loses_and_reorders_nothing(bool modernClient, BackendEra era)
    {
        await using ScriptedBackend backend = await StartBackendAsync(era);
        await using GatewayWorld world = await GatewayWorld.StartAsync([new Member("b", backend.Url, era == BackendEra.HttpSse)]);
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(world.Url);
        await using ModernClient modern = new(world.Url);

        RpcAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, Calls).Select(n => modernClient
            ? modern.CallToolAsync("b_burst", "{}", e => e.Meta!["progressToken"] = $"token-{n}")
            : legacy.CallToolAsync("b_burst", "{}", $$"""{"progressToken":"token-{{n}}"}""")));

        for (int n = 0; n < Calls; n++)
            AssertComplete(answers[n], $"token-{n}");
        backend.Faults.ShouldBeEmpty();
        world.Log.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.HttpSse)]
    [InlineData(BackendEra.Modern)]
    public async Task Modern_clients_that_choose_the_same_id_and_token_get_their_own_progress_and_answer(BackendEra era)
    {
        await using ScriptedBackend backend = await StartBackendAsync(era);
        await using GatewayWorld world = await GatewayWorld.StartAsync([new Member("b", backend.Url, era == BackendEra.HttpSse)]);

        RpcAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, Calls).Select(async n =>
        {
            await using ModernClient client = new(world.Url);
            return await client.CallToolAsync("b_burst", $$"""{"tag":"{{n}}"}""", e => e.Meta!["progressToken"] = 1);
        }));

        for (int n = 0; n < Calls; n++)
        {
            AssertComplete(answers[n], "1");
            answers[n].Text().ShouldBe($"{n}");
            answers[n].Notifications.ShouldAllBe(p => p.GetProperty("params").GetProperty("message").GetString() == $"{n}");
        }

        if (era != BackendEra.Modern)
        {
            // One session of a Legacy backend sees each id once, whoever asked.
            backend.RequestsFor("tools/call").GroupBy(r => (r.SessionId, r.Path, r.IdRaw)).ShouldAllBe(g => g.Count() == 1);
        }
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.HttpSse)]
    public async Task A_question_reaches_a_Modern_client_through_a_storm_of_progress(BackendEra era)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Era = era;
            s.Tool("ask", async call =>
            {
                Task<JsonElement> asked = call.ElicitAsync("""{"message":"m","requestedSchema":{"type":"object","properties":{}}}""");
                for (int i = 1; !asked.IsCompleted; i++)
                {
                    await call.ProgressAsync(i);
                    await Task.Delay(5, call.CancellationToken);
                }

                return Handlers.TextResult((await asked).GetRawText());
            });
        });
        await using GatewayWorld world = await GatewayWorld.StartAsync([new Member("b", backend.Url, era == BackendEra.HttpSse)]);
        await using ModernClient client = new(world.Url, """{"elicitation":{}}""") { OnRequest = (_, _) => """{"action":"accept","content":{}}""" };

        InputCall call = await client.CallWithInputAsync("b_ask", "{}", e => e.Meta!["progressToken"] = 1).WaitAsync(Eventually.DefaultLimit);

        call.Rounds.Count.ShouldBe(2);
        call.Final.Text().ShouldContain("accept");
    }

    private static Task<ScriptedBackend> StartBackendAsync(BackendEra era) => ScriptedBackend.StartAsync(s =>
    {
        s.Era = era;
        s.Answers = AnswerAs.Sse;
        s.Tool("burst", async call =>
        {
            string tag = call.Text("tag");
            for (int i = 1; i <= Events; i++)
                await call.ProgressAsync(i, Events, tag);
            return Handlers.TextResult(tag);
        });
    });

    private static void AssertComplete(RpcAnswer answer, string token)
    {
        answer.Success();
        answer.Progress().ShouldBe(Enumerable.Range(1, Events).Select(i => (double)i), $"{answer.Notifications.Count} events for {token}");
        answer.Notifications.ShouldAllBe(n => TokenOf(n) == token);
    }

    private static string TokenOf(JsonElement progress) => progress.GetProperty("params").GetProperty("progressToken").ToString();
}
