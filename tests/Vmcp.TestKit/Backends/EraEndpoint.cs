using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>What the eras share: writing answers and streams.</summary>
internal abstract class EraEndpoint(ScriptedBackend backend)
{
    private int _outboxes;
    private int _running;

    public ConcurrentQueue<string> CancelledIds { get; } = new();

    public int RunningCalls => Volatile.Read(ref _running);

    public abstract int OpenSessions { get; }

    public int OpenStreams => OpenBoxes.Count();

    /// <summary>What <see cref="OpenStreams"/> counts.</summary>
    public abstract IEnumerable<Outbox> OpenBoxes { get; }

    protected ScriptedBackend Backend => backend;

    protected BackendScript Script => backend.Script;

    public abstract Task ServeAsync(HttpContext http, RecordedRequest request, RpcMessage? message, CancellationToken ended);

    public abstract int Broadcast(Broadcast message);

    public abstract void ForgetSessions();

    public virtual void EndSubscriptions()
    {
    }

    public Outbox NewOutbox() => new(Interlocked.Increment(ref _outboxes));

    /// <summary>Runs a shared method and turns every failure into an error answer; null when the call was cancelled.</summary>
    public async Task<string?> RunAsync(CallContext context, Func<Task<string>> run)
    {
        string id = context.Message.IdRaw!;
        Interlocked.Increment(ref _running);
        try
        {
            return Rpc.Result(id, await run());
        }
        catch (RpcErrorException e)
        {
            return Rpc.Error(id, e.Code, e.Message, e.DataJson);
        }
        catch (OperationCanceledException) when (context.Ended.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is not (CapabilityMissingException or InputRequiredException))
        {
            return Rpc.Error(id, -32603, e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public static async Task WriteJsonAsync(HttpContext http, int status, string json, CancellationToken ended)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        byte[] bytes = Rpc.Bytes(json);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, ended);
    }

    protected static Task RefuseAsync(HttpContext http, int status, int code, string message, string? idRaw = null, string? dataRaw = null) =>
        WriteJsonAsync(http, status, Rpc.Error(idRaw, code, message, dataRaw), http.RequestAborted);

    protected static void BeginStream(HttpContext http)
    {
        http.Response.StatusCode = 200;
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
    }

    /// <summary>Writes what the outbox holds and will hold, from an index, until it ends.</summary>
    protected async Task FollowAsync(HttpContext http, Outbox box, int from, CancellationToken ended)
    {
        using IDisposable attached = box.Attach();
        for (int i = from; await box.AtAsync(i, ended) is { } message; i++)
        {
            string? id = Script.EventIds ? $"{box.Number}-{i}" : null;
            await http.Response.Body.WriteAsync(SseText.Event(message, id, newline: Script.SseNewline), ended);
            await http.Response.Body.FlushAsync(ended);
        }
    }

    /// <summary>Content type and Accept as Streamable HTTP demands; answers and returns false when they are wrong.</summary>
    protected async Task<bool> HasProperMediaTypesAsync(HttpContext http, RecordedRequest request)
    {
        string accept = request.Header("Accept") ?? "";
        if (!accept.Contains("application/json", StringComparison.OrdinalIgnoreCase)
            || !accept.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            backend.Fault($"{request}: Accept was \"{accept}\"");
            await RefuseAsync(http, 406, -32000, "Not Acceptable: Client must accept both application/json and text/event-stream");
            return false;
        }

        if (request.Header("Content-Type")?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            backend.Fault($"{request}: Content-Type was \"{request.Header("Content-Type")}\"");
            await RefuseAsync(http, 415, -32000, "Unsupported Media Type: Content-Type must be application/json");
            return false;
        }

        return true;
    }
}
