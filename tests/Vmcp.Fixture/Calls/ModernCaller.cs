using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>A call in one modern request: its asks are answered by what came with it, or end it.</summary>
internal sealed class ModernCaller : Caller
{
    private readonly JsonObject _answers;
    private readonly string _call;
    private readonly JsonObject _responses;
    private readonly RequestState _state;
    private readonly EventStream _stream;

    public ModernCaller(EventStream stream, RequestState state, string call, JsonObject parameters)
    {
        _stream = stream;
        _state = state;
        _call = call;
        _answers = parameters["requestState"].Text() is { } sealedState ? state.Open(call, sealedState) : [];
        _responses = !parameters.ContainsKey("inputResponses") ? []
            : parameters["inputResponses"] as JsonObject ?? throw RpcException.BadParams("inputResponses must be an object");
        LogLevel = parameters["_meta"]?["io.modelcontextprotocol/logLevel"].Text();
    }

    public override bool IsModern => true;

    protected override string? LogLevel { get; }

    public override void Notify(string method, JsonObject parameters) => _stream.Append(Rpc.Notification(method, parameters));

    public override Task<IReadOnlyDictionary<string, JsonObject>> AskCarelesslyAsync(Ask ask) => AskAsync([ask], keepState: false);

    public override Task<IReadOnlyDictionary<string, JsonObject>> AskAsync(IReadOnlyList<Ask> asks, bool keepState)
    {
        Require(asks);
        Dictionary<string, JsonObject> given = [];
        JsonObject open = [];
        foreach (Ask ask in asks)
        {
            if (_answers[ask.Key] is JsonObject before)
                given[ask.Key] = before;
            else if (_responses[ask.Key] is JsonObject now && IsAnswer(ask, now))
                _answers[ask.Key] = given[ask.Key] = now.DeepClone().AsObject();
            else
                open[ask.Key] = new JsonObject { ["method"] = ask.Method, ["params"] = ask.Params.DeepClone() };
        }

        return open.Count == 0
            ? Task.FromResult<IReadOnlyDictionary<string, JsonObject>>(given)
            : throw new InputRequiredException(open, keepState ? _state.Seal(_call, _answers) : null);
    }

    private static bool IsAnswer(Ask ask, JsonObject answer) => ask.Method switch
    {
        "elicitation/create" => answer["action"].Text() is "accept" or "decline" or "cancel",
        "sampling/createMessage" => answer["role"].Text() is not null && answer.ContainsKey("content"),
        _ => answer["roots"] is JsonArray,
    };
}
