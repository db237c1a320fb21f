using System.Net;
using System.Text.Json.Nodes;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>What the test kubelet says of a pod. The times are those of changes, so an unchanged pod is never written.</summary>
internal sealed record PodPicture
{
    public required IPAddress Address { get; init; }

    public required string ContainerName { get; init; }

    public required string Image { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    /// <summary>When the process started that runs now; null while none does.</summary>
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>Why none runs: <c>ContainerCreating</c>, <c>CreateContainerConfigError</c>, <c>CrashLoopBackOff</c>.</summary>
    public string WaitingReason { get; init; } = "ContainerCreating";

    public string WaitingMessage { get; init; } = "";

    public bool Started { get; init; }

    public bool Ready { get; init; }

    public DateTimeOffset ReadyChanged { get; init; }

    public int Restarts { get; init; }

    /// <summary>How the process before ended; null when there was none.</summary>
    public int? LastExitCode { get; init; }

    public JsonObject ToStatus()
    {
        JsonObject state = RunningSince is { } since
            ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Time(since) } }
            : new JsonObject { ["waiting"] = Waiting() };
        JsonObject container = new()
        {
            ["name"] = ContainerName,
            ["image"] = Image,
            ["imageID"] = Image,
            ["ready"] = Ready,
            ["started"] = Started,
            ["restartCount"] = Restarts,
            ["state"] = state,
        };
        if (LastExitCode is { } code)
        {
            container["lastState"] = new JsonObject
            {
                ["terminated"] = new JsonObject { ["exitCode"] = code, ["reason"] = code == 0 ? "Completed" : "Error" },
            };
        }

        return new JsonObject
        {
            ["phase"] = Started || RunningSince is not null || Restarts > 0 ? "Running" : "Pending",
            ["podIP"] = Address.ToString(),
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = Address.ToString() }),
            ["startTime"] = Time(StartTime),
            ["conditions"] = new JsonArray(
                Condition("PodScheduled", true, StartTime),
                Condition("Initialized", true, StartTime),
                Condition("ContainersReady", Ready, ReadyChanged),
                Condition("Ready", Ready, ReadyChanged)),
            ["containerStatuses"] = new JsonArray(container),
        };
    }

    private JsonObject Waiting()
    {
        JsonObject waiting = new() { ["reason"] = WaitingReason };
        if (WaitingMessage.Length > 0)
            waiting["message"] = WaitingMessage;
        return waiting;
    }

    private static JsonObject Condition(string type, bool holds, DateTimeOffset since) => new()
    {
        ["type"] = type,
        ["status"] = holds ? "True" : "False",
        ["lastTransitionTime"] = Time(since),
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", null);
}
