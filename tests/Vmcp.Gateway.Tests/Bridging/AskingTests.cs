using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Bridging;

/// <summary>Backends that ask the client something in the middle of a call.</summary>
public sealed class AskingTests
{
    private const string Form =
        """{"message":"Who\u0020are you?","requestedSchema":{"type":"object","properties":{"name":{"type":"string","x-vendor":1.0}},"required":["name"]}}""";

    private const string Sampling =
        """{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":10,"modelPreferences":{"hints":[{"name":"m"}],"speedPriority":0.50}}""";

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-01")]
    public async Task An_elicitation_reaches_the_user_and_the_answer_the_backend(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("ask", Handlers.Ask("elicitation/create", Form)));
        Front client = await world.ConnectAsync(revision, """{"elicitation":{}}""");
        client.OnRequest = (method, _) => method == "elicitation/create" ? """{"action":"accept","content":{"name":"Ada \u00e9"}}""" : null;
        RpcAnswer answer = await client.CallToolAsync("alpha_ask");
        JsonElement seen = JsonDocument.Parse(answer.Text()).RootElement;
        seen.GetProperty("action").GetString().ShouldBe("accept");
        seen.GetProperty("content").GetProperty("name").GetString().ShouldBe("Ada é");
        ReceivedRequest asked = client.ReceivedRequests.Single();
        asked.Method.ShouldBe("elicitation/create");
        asked.Params.GetProperty("message").GetString().ShouldBe("Who are you?");
        asked.Params.GetProperty("requestedSchema").GetRawText().ShouldBe(JsonDocument.Parse(Form).RootElement.GetProperty("requestedSchema").GetRawText());
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-01")]
    public async Task A_user_may_decline(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("ask", Handlers.Ask("elicitation/create", Form)));
        Front client = await world.ConnectAsync(revision, """{"elicitation":{}}""");
        client.OnRequest = (_, _) => """{"action":"decline"}""";
        (await client.CallToolAsync("alpha_ask")).Text().ShouldContain("decline");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-02")]
    public async Task A_sampling_request_is_put_exactly_once(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("think", Handlers.Ask("sampling/createMessage", Sampling)));
        Front client = await world.ConnectAsync(revision, """{"sampling":{}}""");
        client.OnRequest = (_, _) => """{"role":"assistant","content":{"type":"text","text":"deep thought"},"model":"m1","stopReason":"endTurn"}""";
        RpcAnswer answer = await client.CallToolAsync("alpha_think");
        answer.Text().ShouldContain("deep thought");
        ReceivedRequest asked = client.ReceivedRequests.Single();
        asked.Method.ShouldBe("sampling/createMessage");
        asked.Params.GetProperty("modelPreferences").GetRawText().ShouldBe("""{"hints":[{"name":"m"}],"speedPriority":0.50}""");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Roots_of_the_client_reach_the_backend(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("roots", Handlers.Ask("roots/list", "{}")));
        Front client = await world.ConnectAsync(revision, """{"roots":{"listChanged":true}}""");
        client.OnRequest = (method, _) => method == "roots/list" ? """{"roots":[{"uri":"file:///home/ada","name":"home"}]}""" : null;
        (await client.CallToolAsync("alpha_roots")).Text().ShouldContain("file:///home/ada");
        client.ReceivedRequests.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Several_rounds_keep_their_order(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("talk", async call =>
        {
            JsonElement first = await call.ElicitAsync("""{"message":"one","requestedSchema":{"type":"object","properties":{}}}""");
            JsonElement second = await call.SampleAsync(Sampling);
            JsonElement[] both = await call.AskManyAsync(
                ("elicitation/create", """{"message":"two","requestedSchema":{"type":"object","properties":{}}}"""), ("roots/list", "{}"));
            return Handlers.TextResult(string.Join('|', first.GetRawText(), second.GetRawText(), both[0].GetRawText(), both[1].GetRawText()));
        }));
        Front client = await world.ConnectAsync(revision, """{"elicitation":{},"sampling":{},"roots":{}}""");
        client.OnRequest = (method, p) => method switch
        {
            "elicitation/create" => $$$"""{"action":"accept","content":{"to":"{{{p.GetProperty("message").GetString()}}}"}}""",
            "roots/list" => """{"roots":[]}""",
            _ => """{"role":"assistant","content":{"type":"text","text":"s"},"model":"m"}""",
        };
        string[] parts = (await client.CallToolAsync("alpha_talk")).Text().Split('|');
        parts[0].ShouldContain("\"one\"");
        parts[1].ShouldContain("assistant");
        parts[2].ShouldContain("\"two\"");
        parts[3].ShouldContain("roots");
        client.ReceivedRequests.Count.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-04")]
    public async Task A_client_that_cannot_answer_is_not_asked(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s
            .Tool("echo")
            .Tool("ask", async call => Handlers.TextResult("made up " + (await call.AskAnywayAsync("elicitation/create", Form)).GetRawText())));
        Front client = await world.ConnectAsync(revision);
        client.OnRequest = (_, _) => """{"action":"accept","content":{}}""";
        if (client.IsModern && back == "modern")
        {
            // Between two Modern sides results pass untouched (a.6); the capabilities that did reach the backend are its leave to ask.
            await client.CallToolAsync("alpha_ask");
            world["alpha"].RequestsFor("tools/call")[0].Params.GetProperty("_meta").GetProperty(ModernWire.Prefix + "clientCapabilities").GetRawText().ShouldBe("{}");
            return;
        }

        RpcAnswer answer = await client.CallToolAsync("alpha_ask");
        client.ReceivedRequests.ShouldBeEmpty();
        if (client.IsModern)
        {
            answer.ErrorCode.ShouldBe(-32021, answer.ToString());
            answer.Error!.Value.GetProperty("data").GetProperty("requiredCapabilities").TryGetProperty("elicitation", out _).ShouldBeTrue();
        }
        else
        {
            // A Legacy backend is told so and decides itself; either way it is no success and no lost session.
            (answer.Error is not null || answer.Success().GetProperty("isError").GetBoolean()).ShouldBeTrue(answer.ToString());
        }

        (await client.EchoAsync("alpha_echo", "alive")).ShouldBe("alive");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-04")]
    public async Task A_backend_that_checks_first_refuses_a_client_without_the_capability(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("ask", Handlers.Ask("sampling/createMessage", Sampling)));
        Front client = await world.ConnectAsync(revision, """{"elicitation":{}}""");
        RpcAnswer answer = await client.CallToolAsync("alpha_ask");
        client.ReceivedRequests.ShouldBeEmpty();
        if (answer.Error is not null)
            answer.ErrorCode.ShouldBe(-32021, answer.ToString());
        else
            answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue(answer.ToString());
    }

    [Fact]
    public async Task A_question_on_the_backends_own_stream_reaches_the_client()
    {
        await using TestWorld world = await TestWorld.OneAsync("legacy", s =>
        {
            s.ServerRequests = ServerRequestsOn.Get;
            s.Tool("ask", Handlers.Ask("elicitation/create", Form));
        });
        foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
        {
            Front client = await world.ConnectAsync(revision, """{"elicitation":{}}""");
            client.OnRequest = (_, _) => """{"action":"accept","content":{"name":"Ada"}}""";
            (await client.CallToolAsync("alpha_ask")).Text().ShouldContain("Ada");
            client.ReceivedRequests.Count.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task A_changed_or_foreign_request_state_is_refused(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("ask", Handlers.Ask("elicitation/create", Form)).Tool("other"));
        ModernClient client = world.Modern("""{"elicitation":{}}""");
        client.OnRequest = (_, _) => """{"action":"accept","content":{}}""";
        JsonElement round = (await client.CallToolAsync("alpha_ask")).Success();
        round.GetProperty("resultType").GetString().ShouldBe("input_required");
        string state = round.GetProperty("requestState").GetString()!;
        string retry = client.WithInput("""{"name":"alpha_ask","arguments":{}}""", round);
        char[] changed = state.ToCharArray();
        changed[changed.Length / 2] = changed[changed.Length / 2] == 'A' ? 'B' : 'A';
        RpcAnswer forged = await client.SendAsync("tools/call", retry.Replace(
            JsonSerializer.Serialize(state).Trim('"'), new string(changed), StringComparison.Ordinal).Replace(state, new string(changed), StringComparison.Ordinal));
        forged.Error.ShouldNotBeNull(forged.ToString());
        RpcAnswer foreign = await client.SendAsync("tools/call", client.WithInput("""{"name":"alpha_other","arguments":{"input":"x"}}""", round));
        foreign.Error.ShouldNotBeNull(foreign.ToString());
        world["alpha"].RequestsFor("tools/call").ShouldAllBe(r => !r.BodyText.Contains("\"other\"", StringComparison.Ordinal) || back == "modern");
        (await client.SendAsync("tools/call", retry)).Success().GetProperty("resultType").GetString().ShouldBe("complete");
    }
}
