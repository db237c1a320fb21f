using System.Text;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Bridging;

/// <summary>A client that was asked something and never says anything.</summary>
public sealed class UnansweredQuestionTests
{
    private const string Form = """{"message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}""";

    [Theory]
    [InlineData("legacy-sse")]
    [InlineData("modern")]
    [InlineData("sse")]
    public async Task A_call_does_not_wait_for_its_user_for_ever(string back)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha", s =>
            {
                s.Era = back == "modern" ? BackendEra.Modern : back == "sse" ? BackendEra.HttpSse : BackendEra.Legacy;
                s.Tool("ask", Handlers.Ask("elicitation/create", Form));
            });
            w.Timeouts = "{default: 500ms}";
            w.Options = o => o with { AskTimeout = TimeSpan.FromMilliseconds(500) };
        });
        LegacyClient client = await world.LegacyAsync(capabilities: """{"elicitation":{}}""");

        // Without event streams the question can only wait for a GET that never comes.
        byte[] call = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha_ask","arguments":{}}}""");
        RpcAnswer answer = await client.SendRawAsync(call, new Dictionary<string, string> { ["Accept"] = "application/json" });

        answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        (await client.CallAsync("ping")).Success();
        world.Forgive("alpha");
    }
}
