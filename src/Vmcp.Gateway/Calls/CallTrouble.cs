using System.Text;

using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>What a client is told when a call fails: the backend's name and the reason, never an address or raw error text.</summary>
internal static class CallTrouble
{
    /// <summary>The answer for a backend that gave none. A tool call gets a tool error, so that the model reads it.</summary>
    public static byte[] Answer(RoutedCall call, BackendFailure failure, bool modern)
    {
        string text = $"Backend \"{call.Handle.Backend.Name}\" {failure.Reason}.";
        // Of a fixed set of words, so it needs no escaping.
        byte[] data = failure.Code is { } code ? JsonRpc.Join("{\"reason\":\""u8, Encoding.UTF8.GetBytes(code), "\"}"u8) : [];
        return Answer(call.Envelope.Method, call.Id.Span, text, modern, data);
    }

    /// <summary>The answer when a breaker refuses the call.</summary>
    public static byte[] BreakerOpen(RoutedCall call, bool modern)
    {
        double seconds = Math.Ceiling(call.Handle.Gate.RetryAfter.TotalSeconds);
        string text = $"Backend \"{call.Handle.Backend.Name}\" is unavailable (circuit breaker open); next attempt in {Math.Max(1, seconds)} s.";
        return Answer(call.Envelope.Method, call.Id.Span, text, modern);
    }

    /// <summary>The answer when a backend moved and was not reached at its new address yet.</summary>
    public static byte[] NotYetKnown(RoutedCall call, bool modern) => Answer(
        call.Envelope.Method, call.Id.Span, $"Backend \"{call.Handle.Backend.Name}\" was changed and has not answered since; try again in a moment.", modern);

    /// <summary>What to say when a task is unknown, or its backend has left.</summary>
    public static string NoTask(string? backend) => backend is null ? "Task not found" : $"Task not found: its backend \"{backend}\" has left this server.";

    /// <summary>The answer for a request that leads nowhere.</summary>
    public static byte[] Answer(Envelope envelope, RouteProblem problem, bool modern)
    {
        ReadOnlySpan<byte> id = envelope.Bytes(envelope.Id);
        if (problem.Away)
            return Answer(envelope.Method, id, problem.Message, modern);
        if (problem.Uri is null)
            return JsonRpc.Error(id, problem.Code, problem.Message);
        return JsonRpc.Error(id, modern ? problem.Code : JsonRpcCodes.ResourceNotFound, problem.Message, JsonRpc.UriParams(problem.Uri));
    }

    private static byte[] Answer(string method, ReadOnlySpan<byte> id, string text, bool modern, ReadOnlySpan<byte> data = default)
    {
        if (method != Methods.ToolsCall)
            return JsonRpc.Error(id, JsonRpcCodes.InternalError, text, data);
        byte[] result = JsonRpc.ToolError(text);
        return JsonRpc.Result(id, modern ? RawJson.Rebuild(result, static (ref RawMembers m) => false, ResultBridge.Stamp(method)) : result);
    }
}
