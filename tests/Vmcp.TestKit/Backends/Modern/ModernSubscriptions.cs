using System.Collections.Concurrent;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>The open <c>subscriptions/listen</c> streams.</summary>
internal sealed class ModernSubscriptions
{
    private readonly ConcurrentDictionary<Outbox, Subscription> _open = new();

    public IEnumerable<Outbox> Boxes => _open.Keys;

    public void Open(Outbox box, RpcMessage request)
    {
        JsonElement wanted = request.Params.TryGetProperty("notifications", out JsonElement n) && n.ValueKind == JsonValueKind.Object
            ? n : Rpc.Element("{}");
        var subscription = new Subscription(request.IdRaw!, wanted);
        box.Send(Rpc.Notification("notifications/subscriptions/acknowledged",
            $$"""{"notifications":{{wanted.GetRawText()}},"_meta":{{subscription.Meta}}}"""));
        _open[box] = subscription;
    }

    public void Close(Outbox box) => _open.TryRemove(box, out _);

    public int Send(Broadcast message)
    {
        int reached = 0;
        foreach ((Outbox box, Subscription subscription) in _open)
        {
            if (!subscription.Wants(message))
                continue;
            string parameters = Rpc.Prepend(message.ParamsJson, ("_meta", subscription.Meta));
            if (box.Send(Rpc.Notification(message.Method, parameters)))
                reached++;
        }

        return reached;
    }

    /// <summary>Graceful end: the response of the listen request.</summary>
    public void EndAll()
    {
        foreach ((Outbox box, Subscription subscription) in _open)
            box.Finish(Rpc.Result(subscription.IdRaw, $$"""{"resultType":"complete","_meta":{{subscription.Meta}}}"""));
    }

    private sealed record Subscription(string IdRaw, JsonElement Wanted)
    {
        public string Meta => $$"""{"io.modelcontextprotocol/subscriptionId":{{IdRaw}}}""";

        public bool Wants(Broadcast message) =>
            (message.Filter is not null && Wanted.TryGetProperty(message.Filter, out JsonElement flag) && flag.ValueKind == JsonValueKind.True)
            || (message.Uri is not null && Wanted.TryGetProperty("resourceSubscriptions", out JsonElement uris)
                && uris.EnumerateArray().Any(u => u.GetString() == message.Uri));
    }
}
