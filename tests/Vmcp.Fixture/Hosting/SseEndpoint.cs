using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;
using Vmcp.Fixture.Content;

namespace Vmcp.Fixture.Hosting;

/// <summary>The HTTP+SSE transport of 2024-11-05: one GET stream carries all that goes to the client, POSTs what comes from it.</summary>
internal sealed class SseEndpoint(FixtureServer server, CancellationToken stopping)
{
    private readonly LegacyCalls _calls = new(server);
    private readonly ConcurrentDictionary<string, (LegacySession Session, ConcurrentDictionary<Task, byte> Running)> _sessions = new();

    public async Task OpenAsync(HttpContext context)
    {
        using LegacySession session = _calls.NewSession();
        ConcurrentDictionary<Task, byte> running = new();
        _sessions[session.Id] = (session, running);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await context.BeginEventsAsync();
            await context.Response.WriteAsync($"event: endpoint\ndata: /message?sessionId={session.Id}\n\n", ends.Token);
            await context.Response.Body.FlushAsync(ends.Token);
            await foreach (StreamEvent item in session.Standalone.ReadAsync(0, resumes: false, ends.Token))
                await context.WriteEventAsync(item.Message);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // Losing the stream is losing the session.
        }
        finally
        {
            _sessions.TryRemove(session.Id, out _);
            session.CancelAll();
            await Task.WhenAll(running.Keys);
        }
    }

    public async Task PostAsync(HttpContext context)
    {
        if (!_sessions.TryGetValue(context.Request.Query["sessionId"].ToString(), out var open))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (await context.ReadMessageAsync() is not { } message)
            return;
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        if (!message.ContainsKey("method") || message["id"] is null)
        {
            LegacyCalls.Take(open.Session, message);
            return;
        }

        // The 202 must not wait for the call: its answer goes through the GET stream, which also waits for the call when it ends.
        Task run = RunAsync(open.Session, message);
        open.Running[run] = 0;
        foreach (Task done in open.Running.Keys.Where(task => task.IsCompleted))
            open.Running.TryRemove(done, out _);
    }

    private async Task RunAsync(LegacySession session, JsonObject request)
    {
        await Task.Yield();
        await _calls.RunAsync(session, session.Standalone, request);
    }
}
