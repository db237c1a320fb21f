using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Calls;

/// <summary>Sessions with Legacy backends that are held for Modern clients.</summary>
public sealed class HiddenLinkTests
{
    [Fact]
    public async Task A_call_that_outlives_its_owners_place_leaves_no_session_behind()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Options = o => o with { MaxHiddenOwners = 1 };
            w.Backend("alpha", s => s.Tool("echo").Tool("slow", async _ =>
            {
                await go.Task;
                return Handlers.TextResult("done");
            }));
        });
        await Eventually.BecomesAsync(() => world["alpha"].OpenSessions == 1, "the gateway's own session");
        Task<RpcAnswer> slow = world.Modern("""{"elicitation":{}}""").CallToolAsync("alpha_slow");
        await Eventually.BecomesAsync(() => world["alpha"].RequestsFor("tools/call").Count == 1, "the call runs");

        ModernClient other = world.Modern("""{"elicitation":{},"sampling":{}}""");
        (await other.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        go.SetResult();

        (await slow).Text().ShouldBe("done");
        await Eventually.BecomesAsync(() => world["alpha"].OpenSessions == 2, "only the other client's session is held");
    }
}
