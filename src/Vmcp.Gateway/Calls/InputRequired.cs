using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>A Modern backend's wish for input (MCP 2026-07-28, multi-round-trip requests).</summary>
/// <param name="Requests">What it asks: key, method and params of each.</param>
/// <param name="RequestState">The raw <c>requestState</c> token to send back untouched, or empty.</param>
internal sealed record InputRequired(IReadOnlyList<InputRequest> Requests, ReadOnlyMemory<byte> RequestState)
{
    /// <summary>Questions in one round.</summary>
    private const int MaxRequests = 64;

    /// <summary>Reads a result; null when it is not <c>input_required</c>.</summary>
    public static InputRequired? Parse(ReadOnlyMemory<byte> result)
    {
        ReadOnlySpan<byte> text = result.Span;
        if (!RawJson.IsObject(text) || RawJson.ReadString(text[RawJson.Find(text, "resultType"u8)]) != "input_required")
            return null;
        List<InputRequest> requests = [];
        Range all = RawJson.Find(text, "inputRequests"u8);
        if (all.End.Value > 0)
        {
            ReadOnlyMemory<byte> map = result[all];
            RawMembers members = new(map.Span);
            while (members.MoveNext() && requests.Count < MaxRequests)
            {
                ReadOnlyMemory<byte> request = map[members.Current.ValueStart..members.Current.ValueEnd];
                string? key = RawJson.ReadString(map.Span[members.Current.NameStart..members.Current.ValueStart]);
                string? method = RawJson.ReadString(request.Span[RawJson.Find(request.Span, "method"u8)]);
                if (key is not null && method is not null) // what has no method cannot be asked
                    requests.Add(new InputRequest(key, method, request[RawJson.Find(request.Span, "params"u8)]));
            }
        }

        return new InputRequired(requests, result[RawJson.Find(text, "requestState"u8)]);
    }
}

/// <summary>One question of a backend.</summary>
/// <param name="Key">Its name within the round.</param>
/// <param name="Method">For example <c>elicitation/create</c>.</param>
/// <param name="Params">Its params, or empty.</param>
internal sealed record InputRequest(string Key, string Method, ReadOnlyMemory<byte> Params);
