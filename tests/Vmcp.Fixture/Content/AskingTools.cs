using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>Tools that need something from the client: sampling, elicitation, roots.</summary>
internal static class AskingTools
{
    public static IEnumerable<Tool> All() =>
    [
        new("test_sampling", "Asks the client's model", Schemas.Prompt, async call =>
        {
            JsonObject answer = await call.Caller.AskAsync(Asks.Sample("sampling", call.Text("prompt", "Hello")));
            return Blocks.Say($"LLM response: {answer["content"]?["text"].Text()}");
        }),
        new("test_elicitation", "Asks the user", Schemas.Message, async call =>
            Answered("User response", await call.Caller.AskAsync(
                Asks.Elicit("user", call.Text("message", "Who are you?"), Schemas.AskUser)))),
        new("test_elicitation_sep1034_defaults", "Asks the user, with default values", async call =>
            Answered("Elicitation completed", await call.Caller.AskAsync(
                Asks.Elicit("defaults", "Please review these values", Schemas.AskDefaults)))),
        new("test_elicitation_sep1330_enums", "Asks the user to choose", async call =>
            Answered("Elicitation completed", await call.Caller.AskAsync(
                Asks.Elicit("enums", "Please choose", Schemas.AskEnums)))),
        new("test_streaming_elicitation", "Logs, then asks the user", async call =>
        {
            call.Caller.Log("info", "About to ask");
            return Answered("User response", await call.Caller.AskAsync(Asks.Elicit("user", "Who are you?", Schemas.AskName)));
        }),
        new("test_missing_capability", "Asks the client's model without looking whether it has one", async call =>
        {
            var answers = await call.Caller.AskCarelesslyAsync(Asks.Sample("sampling", "Are you there?"));
            return Blocks.Say($"LLM response: {answers["sampling"]["content"]?["text"].Text()}");
        }),
        new("test_input_required_result_elicitation", "Asks for a name", async call =>
        {
            JsonObject answer = await call.Caller.AskAsync(Asks.Elicit("user_name", "What is your name?", Schemas.AskName));
            return Blocks.Say($"Hello, {Blocks.NameIn(answer)}!");
        }),
        new("test_input_required_result_sampling", "Asks the client's model for a capital", async call =>
        {
            JsonObject answer = await call.Caller.AskAsync(Asks.Sample("capital_question", "What is the capital of France?"));
            return Blocks.Say($"Model said: {answer["content"]?["text"].Text()}");
        }),
        new("test_input_required_result_list_roots", "Asks for the roots", async call =>
        {
            JsonObject answer = await call.Caller.AskAsync(Asks.Roots("client_roots"));
            return Blocks.Say($"Roots: {answer["roots"]?.ToJsonString()}");
        }),
        new("test_input_required_result_request_state", "Asks to confirm and keeps a state", ConfirmAsync),
        new("test_input_required_result_tampered_state", "Asks to confirm and refuses a changed state", ConfirmAsync),
        new("test_input_required_result_multiple_inputs", "Asks for three things at once", async call =>
        {
            var answers = await call.Caller.AskAsync(
                [
                    Asks.Elicit("user_name", "What is your name?", Schemas.AskName),
                    Asks.Sample("greeting", "Generate a greeting", 50),
                    Asks.Roots("client_roots"),
                ],
                keepState: true);
            return Blocks.Say($"Got {answers.Count} answers");
        }),
        new("test_input_required_result_multi_round", "Asks twice, one after the other", async call =>
        {
            JsonObject name = await call.Caller.AskAsync(
                Asks.Elicit("step1", "Step 1: What is your name?", Schemas.AskName), keepState: true);
            JsonObject color = await call.Caller.AskAsync(
                Asks.Elicit("step2", "Step 2: What is your favorite color?", Schemas.AskColor), keepState: true);
            return Blocks.Say($"{Blocks.NameIn(name)} likes {color["content"]?["color"].Text()}");
        }),
        new("test_input_required_result_capabilities", "Asks only for what the client can do", async call =>
        {
            Ask[] asks =
            [
                Asks.Elicit("name", "What is your name?", Schemas.AskName),
                Asks.Sample("greeting", "Generate a greeting"),
            ];
            Ask[] possible = [.. asks.Where(ask => call.Caller.Supports(ask.Capability))];
            var answers = await call.Caller.AskAsync(possible, keepState: false);
            return Blocks.Say($"Got {answers.Count} answers");
        }),
    ];

    private static async Task<JsonObject> ConfirmAsync(ToolCall call)
    {
        JsonObject answer = await call.Caller.AskAsync(Asks.Elicit("confirm", "Please confirm", Schemas.AskOk), keepState: true);
        return Answered("state-ok", answer);
    }

    private static JsonObject Answered(string what, JsonObject answer) =>
        Blocks.Say($"{what}: action={answer["action"].Text()}, content={answer["content"]?.ToJsonString() ?? "{}"}");
}
