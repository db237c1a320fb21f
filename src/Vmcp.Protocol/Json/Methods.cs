using System.Text;
using System.Text.Json;

namespace Vmcp.Protocol.Json;

/// <summary>The method names of MCP, all revisions.</summary>
public static class Methods
{
#pragma warning disable CS1591 // The names are the protocol's own.
    public const string Initialize = "initialize";
    public const string Ping = "ping";
    public const string Discover = "server/discover";
    public const string Listen = "subscriptions/listen";
    public const string ToolsList = "tools/list";
    public const string ToolsCall = "tools/call";
    public const string ResourcesList = "resources/list";
    public const string ResourceTemplatesList = "resources/templates/list";
    public const string ResourcesRead = "resources/read";
    public const string ResourcesSubscribe = "resources/subscribe";
    public const string ResourcesUnsubscribe = "resources/unsubscribe";
    public const string PromptsList = "prompts/list";
    public const string PromptsGet = "prompts/get";
    public const string Complete = "completion/complete";
    public const string SetLevel = "logging/setLevel";
    public const string TasksGet = "tasks/get";
    public const string TasksResult = "tasks/result";
    public const string TasksList = "tasks/list";
    public const string TasksCancel = "tasks/cancel";
    public const string TasksUpdate = "tasks/update";
    public const string Sampling = "sampling/createMessage";
    public const string Elicitation = "elicitation/create";
    public const string RootsList = "roots/list";
    public const string Initialized = "notifications/initialized";
    public const string Cancelled = "notifications/cancelled";
    public const string Progress = "notifications/progress";
    public const string Message = "notifications/message";
    public const string RootsChanged = "notifications/roots/list_changed";
    public const string ToolsChanged = "notifications/tools/list_changed";
    public const string ResourcesChanged = "notifications/resources/list_changed";
    public const string PromptsChanged = "notifications/prompts/list_changed";
    public const string ResourceUpdated = "notifications/resources/updated";
    public const string Acknowledged = "notifications/subscriptions/acknowledged";
    public const string ElicitationComplete = "notifications/elicitation/complete";
    public const string TaskStatus = "notifications/tasks/status";
    public const string TaskNotification = "notifications/tasks";
#pragma warning restore CS1591

    private static readonly (byte[] Text, string Method)[] Known =
    [
        .. new[]
        {
            ToolsCall, ToolsList, ResourcesRead, PromptsGet, Ping, Initialize, Discover, ResourcesList, ResourceTemplatesList, PromptsList,
            Complete, Listen, Initialized, Cancelled, Progress, Message, ToolsChanged, ResourcesChanged, PromptsChanged, ResourceUpdated,
            ResourcesSubscribe, ResourcesUnsubscribe, SetLevel, TasksGet, TasksResult, TasksList, TasksCancel, TasksUpdate, Sampling,
            Elicitation, RootsList, RootsChanged, Acknowledged, ElicitationComplete, TaskStatus, TaskNotification,
        }.Select(m => (Encoding.UTF8.GetBytes(m), m)),
    ];

    /// <summary>The method the reader stands on, without a new string for a known one.</summary>
    internal static string Intern(ref Utf8JsonReader reader)
    {
        foreach ((byte[] text, string method) in Known)
        {
            if (reader.ValueTextEquals(text))
                return method;
        }

        return reader.GetString()!;
    }
}

/// <summary>JSON-RPC and MCP error codes.</summary>
public static class JsonRpcCodes
{
#pragma warning disable CS1591 // The names are the specifications' own.
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;
    public const int ResourceNotFound = -32002;
    public const int HeaderMismatch = -32020;
    public const int MissingClientCapability = -32021;
    public const int UnsupportedVersion = -32022;
#pragma warning restore CS1591
}
