using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>Thrown through a handler to end this round with <c>input_required</c>.</summary>
internal sealed class InputRequiredException(IReadOnlyList<Question> questions) : Exception("input required")
{
    public IReadOnlyList<Question> Questions => questions;
}

/// <summary>
/// A running modern call's way to its client. Questions are answered from <c>inputResponses</c> and from the answers of earlier rounds,
/// which travel in <c>requestState</c>; without an answer the round ends.
/// </summary>
internal sealed class ModernPeer : ICallPeer
{
    private readonly Outbox _box;
    private readonly string? _logLevel;
    private readonly Dictionary<string, JsonElement> _answers = [];

    public ModernPeer(Outbox box, RpcMessage message, InputStates states)
    {
        _box = box;
        _logLevel = ModernRules.Meta(message, "logLevel") is { ValueKind: JsonValueKind.String } level ? level.GetString() : null;
        if (message.Params.ValueKind != JsonValueKind.Object)
            return;
        if (message.Params.TryGetProperty("requestState", out JsonElement state))
            Take(states.Open(state.ToString(), message));
        if (message.Params.TryGetProperty("inputResponses", out JsonElement responses))
            Take(responses);
    }

    public void Send(string message) => _box.Send(message);

    public bool WantsLog(string level) => _logLevel is not null && LogLevels.Passes(level, _logLevel);

    public Task<JsonElement[]> AskAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        Question[] open = [.. questions.Where(q => !_answers.ContainsKey(q.Key))];
        return open.Length > 0
            ? throw new InputRequiredException(open)
            : Task.FromResult(questions.Select(q => _answers[q.Key]).ToArray());
    }

    /// <summary>The result that ends this round.</summary>
    public string InputRequired(IReadOnlyList<Question> questions, RpcMessage message, InputStates states)
    {
        IEnumerable<string> requests = questions.Select(q =>
            $$"""{{Rpc.Quote(q.Key)}}:{"method":{{Rpc.Quote(q.Method)}},"params":{{q.ParamsJson}}}""");
        string known = "{" + string.Join(',', _answers.Select(a => $"{Rpc.Quote(a.Key)}:{a.Value.GetRawText()}")) + "}";
        string state = states.Seal(known, message);
        return $$$"""{"resultType":"input_required","inputRequests":{{{{string.Join(',', requests)}}}},"requestState":{{{Rpc.Quote(state)}}}}""";
    }

    private void Take(JsonElement answers)
    {
        foreach (JsonProperty answer in answers.EnumerateObject())
            _answers[answer.Name] = answer.Value;
    }
}

/// <summary>
/// The request states a backend gave out. Each is bound to its request and known by heart, so that one byte changed on the way shows.
/// Spelled with characters that JSON escapers like to touch.
/// </summary>
internal sealed class InputStates
{
    private readonly ConcurrentDictionary<string, string> _subjects = new();
    private int _last;

    public string Seal(string answersJson, RpcMessage message)
    {
        string state = $"<é+/&'>{Interlocked.Increment(ref _last)}." + Convert.ToBase64String(Encoding.UTF8.GetBytes(answersJson));
        _subjects[state] = Subject(message);
        return state;
    }

    public JsonElement Open(string state, RpcMessage message)
    {
        if (!_subjects.TryGetValue(state, out string? subject))
            throw new RpcErrorException(-32602, "requestState was not issued by this server");
        if (subject != Subject(message))
            throw new RpcErrorException(-32602, "requestState belongs to another request");
        return Rpc.Element(Encoding.UTF8.GetString(Convert.FromBase64String(state[(state.IndexOf('.', StringComparison.Ordinal) + 1)..])));
    }

    private static string Subject(RpcMessage message) => message.Method + " " + ModernWire.NameOf(message.Method!, message.Params);
}
