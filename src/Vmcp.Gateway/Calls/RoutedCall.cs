using Vmcp.Core.Catalogs;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>A client's request together with where it leads.</summary>
/// <param name="Envelope">The client's message.</param>
/// <param name="Route">Where the name leads.</param>
/// <param name="Handle">The backend that serves it.</param>
/// <param name="Caller">Who calls, with the proof of this request.</param>
/// <param name="Headers">Client headers that pass through, and mirrored arguments.</param>
public sealed record RoutedCall(
    Envelope Envelope, Route Route, BackendHandle Handle, Caller Caller, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Whom what the call leaves behind is bound to.</summary>
    public Principal Principal => Caller.Principal;

    /// <summary>The client's id token.</summary>
    public ReadOnlyMemory<byte> Id => Envelope.Body[Envelope.Id];

    /// <summary>The name or URI the backend knows, for the methods that carry one.</summary>
    public string? BackendKey => Envelope.Method switch
    {
        Methods.ToolsCall or Methods.PromptsGet => Route.OriginalName,
        Methods.ResourcesRead or Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe => Envelope.Text(ParamKey.Uri),
        Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel or Methods.TasksResult => Envelope.Text(ParamKey.TaskId),
        _ => null,
    };
}

/// <summary>Why a request leads nowhere.</summary>
/// <param name="Code">The JSON-RPC error code for a Modern client.</param>
/// <param name="Message">What to tell the client.</param>
/// <param name="Away">The backend is known but out of service: a tool call then gets a tool error.</param>
/// <param name="Uri">The resource that was not found, for the error's <c>data.uri</c>.</param>
public sealed record RouteProblem(int Code, string Message, bool Away = false, string? Uri = null);
