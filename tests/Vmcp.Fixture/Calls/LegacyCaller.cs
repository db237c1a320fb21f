using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>A call inside a legacy session: asks by real requests on the call's own stream.</summary>
internal sealed class LegacyCaller(LegacySession session, EventStream stream) : Caller
{
    public override bool IsModern => false;

    protected override string? LogLevel => session.LogLevel;

    public override void Notify(string method, JsonObject parameters) => stream.Append(Rpc.Notification(method, parameters));

    public override Task<IReadOnlyDictionary<string, JsonObject>> AskAsync(IReadOnlyList<Ask> asks, bool keepState)
    {
        Require(asks);
        return SendAsync(asks);
    }

    public override Task<IReadOnlyDictionary<string, JsonObject>> AskCarelesslyAsync(Ask ask) => SendAsync([ask]);

    public override void Disconnect()
    {
        // Over HTTP+SSE the one stream is the session, and there is no resuming.
        if (stream != session.Standalone)
            stream.Disconnect();
    }

    private async Task<IReadOnlyDictionary<string, JsonObject>> SendAsync(IReadOnlyList<Ask> asks)
    {
        Task<JsonObject>[] answers = [.. asks.Select(ask => session.AskAsync(stream, ask.Method, ask.Params.DeepClone().AsObject(), Cancelled))];
        JsonObject[] results = await Task.WhenAll(answers);
        return asks.Zip(results).ToDictionary(pair => pair.First.Key, pair => pair.Second);
    }
}
