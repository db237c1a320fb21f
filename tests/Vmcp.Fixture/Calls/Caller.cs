using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>Something a tool asks its client for. The key names the answer in the modern era.</summary>
internal sealed record Ask(string Key, string Method, JsonObject Params)
{
    /// <summary>The client capability this needs.</summary>
    public string Capability => Method[..Method.IndexOf('/', StringComparison.Ordinal)];
}

/// <summary>How a running call reaches the client that made it, whatever the era.</summary>
internal abstract class Caller
{
    private static readonly string[] Levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    public required JsonObject Capabilities { get; init; }

    /// <summary>The modern request said so, or the legacy session speaks of nothing else.</summary>
    public abstract bool IsModern { get; }

    /// <summary>The least level to be told of; null when the client never named one.</summary>
    protected abstract string? LogLevel { get; }

    public JsonNode? ProgressToken { get; init; }

    public CancellationToken Cancelled { get; init; }

    public bool Supports(string capability) => Capabilities.ContainsKey(capability);

    /// <summary>Whether the client declared that protocol extension.</summary>
    public bool Declares(string extension) => Capabilities["extensions"]?[extension] is not null;

    /// <summary>Sends a notification on the stream of this call.</summary>
    public abstract void Notify(string method, JsonObject parameters);

    /// <summary>
    /// Asks the client and gives the answers by key. Legacy: real requests, all at once. Modern: from the answers that came with the
    /// call, else the call ends with <c>input_required</c>; with <paramref name="keepState"/> that carries a signed state.
    /// </summary>
    public abstract Task<IReadOnlyDictionary<string, JsonObject>> AskAsync(IReadOnlyList<Ask> asks, bool keepState);

    /// <summary>Asks without looking at what the client declared, as a careless legacy server does. Modern servers must look.</summary>
    public abstract Task<IReadOnlyDictionary<string, JsonObject>> AskCarelesslyAsync(Ask ask);

    /// <summary>Ends the HTTP response before the result, which the client then fetches by resuming, where the transport can.</summary>
    public virtual void Disconnect()
    {
    }

    public void Progress(int progress, int total)
    {
        if (ProgressToken is not null)
        {
            Notify("notifications/progress", new JsonObject
            {
                ["progressToken"] = ProgressToken.DeepClone(),
                ["progress"] = progress,
                ["total"] = total,
            });
        }
    }

    public void Log(string level, string text)
    {
        // A legacy server may log before any logging/setLevel; a modern one may not without a logLevel in the request.
        bool wanted = LogLevel is null ? !IsModern : Array.IndexOf(Levels, level) >= Array.IndexOf(Levels, LogLevel);
        if (wanted)
            Notify("notifications/message", new JsonObject { ["level"] = level, ["logger"] = "fixture", ["data"] = text });
    }

    protected void Require(IEnumerable<Ask> asks)
    {
        JsonObject missing = [];
        foreach (Ask ask in asks.Where(ask => !Supports(ask.Capability)))
            missing[ask.Capability] = new JsonObject();
        if (missing.Count > 0)
            throw new MissingCapabilityException(missing);
    }
}
