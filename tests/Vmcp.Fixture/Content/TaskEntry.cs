using System.Globalization;
using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>One task and where it stands.</summary>
internal sealed class TaskEntry : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly string _created = Now();
    private readonly JsonObject _answers = [];
    private JsonObject _open = [];
    private JsonObject? _outcome;
    private TaskCompletionSource? _answered;
    private string _status = "working";
    private string _updated = Now();

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>The work of this task; never faults, since its end is recorded as the task's status.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    public void Begin(Func<TaskEntry, Task<JsonObject>> work) => Work = Task.Run(() => WorkAsync(work));

    /// <summary>Waits until the client has answered all of these through <c>tasks/update</c>.</summary>
    public async Task<JsonObject> AskAsync(params Ask[] asks)
    {
        Task answered;
        lock (_gate)
        {
            foreach (Ask ask in asks)
                _open[ask.Key] = new JsonObject { ["method"] = ask.Method, ["params"] = ask.Params.DeepClone() };
            _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            answered = _answered.Task;
            Become("input_required");
        }

        await answered.WaitAsync(Cancelled);
        return _answers;
    }

    /// <summary>Takes answers; keys that were not asked are ignored.</summary>
    public void Feed(JsonObject responses)
    {
        lock (_gate)
        {
            foreach ((string key, JsonNode? value) in responses)
            {
                if (_open.Remove(key))
                    _answers[key] = value?.DeepClone();
            }

            if (_open.Count == 0 && _status == "input_required")
            {
                Become("working");
                _answered!.TrySetResult();
            }
        }
    }

    public void Cancel()
    {
        lock (_gate)
        {
            if (_outcome is not null || _status == "cancelled")
                return;
            _open = [];
            Become("cancelled");
        }

        _cancel.Cancel();
    }

    public JsonObject Describe()
    {
        lock (_gate)
        {
            JsonObject description = new()
            {
                ["taskId"] = Id,
                ["status"] = _status,
                ["createdAt"] = _created,
                ["lastUpdatedAt"] = _updated,
                ["ttlMs"] = 300_000,
                ["pollIntervalMs"] = 100,
            };
            if (_status == "input_required")
                description["inputRequests"] = _open.DeepClone();
            if (_outcome is not null)
                description[_status == "failed" ? "error" : "result"] = _outcome.DeepClone();
            return description;
        }
    }

    public void Dispose()
    {
        _cancel.Cancel();
        _cancel.Dispose();
    }

    private async Task WorkAsync(Func<TaskEntry, Task<JsonObject>> work)
    {
        try
        {
            JsonObject result = await work(this);
            result["resultType"] = "complete";
            End("completed", result);
        }
        catch (RpcException error)
        {
            End("failed", error.ToError());
        }
        catch (OperationCanceledException)
        {
            Cancel();
        }
    }

    private void End(string status, JsonObject outcome)
    {
        lock (_gate)
        {
            if (_status == "cancelled")
                return;
            _outcome = outcome;
            Become(status);
        }
    }

    private void Become(string status)
    {
        _status = status;
        _updated = Now();
    }

    private static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
