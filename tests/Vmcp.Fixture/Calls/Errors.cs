using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>A JSON-RPC error to answer with. <paramref name="status"/> is the HTTP status in the modern era.</summary>
internal sealed class RpcException(int code, string message, JsonObject? data = null, int status = 200) : Exception(message)
{
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;
    public const int LegacyResourceNotFound = -32002;
    public const int HeaderMismatch = -32020;
    public const int MissingCapability = -32021;
    public const int UnsupportedVersion = -32022;

    public int Status => status;

    public JsonObject ToError()
    {
        JsonObject error = new() { ["code"] = code, ["message"] = Message };
        if (data is not null)
            error["data"] = data.DeepClone();
        return error;
    }

    /// <summary>What to answer when a request made this program fail, e.g. a string where an object belongs.</summary>
    public static RpcException Of(Exception error) => error switch
    {
        RpcException rpc => rpc,
        MissingCapabilityException or AskRefusedException => BadParams(error.Message),
        _ => new RpcException(InternalError, $"{error.GetType().Name}: {error.Message}"),
    };

    public static RpcException UnknownMethod(string method) =>
        new(MethodNotFound, $"Method not found: {method}", status: StatusCodes.Status404NotFound);

    public static RpcException BadParams(string message) => new(InvalidParams, message);

    public static RpcException Mismatch(string message) =>
        new(HeaderMismatch, message, status: StatusCodes.Status400BadRequest);
}

/// <summary>The call needs something the client did not declare, e.g. <c>sampling</c>.</summary>
internal sealed class MissingCapabilityException(JsonObject required)
    : Exception($"The client does not support {string.Join(", ", required.Select(pair => pair.Key))}")
{
    public MissingCapabilityException(string capability) : this(new JsonObject { [capability] = new JsonObject() })
    {
    }

    public JsonObject Required => required;
}

/// <summary>The client was asked and answered with an error.</summary>
internal sealed class AskRefusedException(string message) : Exception(message);

/// <summary>Modern era: the call ends here with <c>input_required</c>, and is run again from the start with the answers.</summary>
internal sealed class InputRequiredException(JsonObject inputRequests, string? requestState) : Exception("input required")
{
    public JsonObject ToResult()
    {
        JsonObject result = new() { ["resultType"] = "input_required", ["inputRequests"] = inputRequests.DeepClone() };
        if (requestState is not null)
            result["requestState"] = requestState;
        return result;
    }
}
