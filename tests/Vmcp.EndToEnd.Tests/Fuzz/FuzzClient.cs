using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.Fuzz;

/// <summary>Sends requests and judges the answers: null, or what is wrong.</summary>
internal sealed class FuzzClient(Uri server, HttpMessageInvoker http, FuzzMemory memory, Random random)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private static readonly string[] PlainTexts = ["Not Found", "Request Entity Too Large", "Bad Request", "Forbidden: the Host header is not one this server answers to"];

    /// <summary>Answers by status.</summary>
    public static ConcurrentDictionary<int, int> Counts { get; } = new();

    public async Task<string?> SendAsync(FuzzRequest request)
    {
        using HttpRequestMessage message = request.ToMessage(server);
        using CancellationTokenSource late = new(AnswerLimit);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(message, late.Token);
            return await JudgeAsync(request, response, late);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return $"no answer in {AnswerLimit.TotalSeconds} s";
        }
        catch (HttpRequestException e)
        {
            // The server may close a connection on a request that is not HTTP; it must not do so otherwise.
            return e.InnerException is FormatException || e.Message.Contains("header", StringComparison.OrdinalIgnoreCase) ? null : $"connection: {e}";
        }
    }

    private async Task<string?> JudgeAsync(FuzzRequest request, HttpResponseMessage response, CancellationTokenSource late)
    {
        int status = (int)response.StatusCode;
        Counts.AddOrUpdate(status, 1, static (_, n) => n + 1);
        if (status == 503 && response.Headers.RetryAfter is not null)
            return null; // the documented answer at a bound
        if (status is not (200 or 202 or 400 or 403 or 404 or 405 or 406 or 413 or 415 or 431))
            return $"status {status}: {await response.Content.ReadAsStringAsync(late.Token)}";
        if (response.Headers.TryGetValues("Mcp-Session-Id", out IEnumerable<string>? ids))
            FuzzMemory.Keep(memory.Sessions, (ids.Single(), "2025-11-25"));
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (type == "text/event-stream" && status == 200)
            return await JudgeStreamAsync(request, response);
        byte[] body = await response.Content.ReadAsByteArrayAsync(late.Token);
        bool known = request.Path is not ("/mcp" or "/");
        return type switch
        {
            _ when request.Verb == "HEAD" => null,
            "application/json" => known ? JudgeJson(body) : JudgeMessage(request, body),
            "text/plain" => PlainTexts.Contains(Encoding.UTF8.GetString(body)) || known ? null : $"undocumented text: {Encoding.UTF8.GetString(body)}",
            null when body.Length == 0 => request.AnswerId is null ? null : $"status {status} without an answer",
            _ => $"status {status} of type {type}, {body.Length} bytes",
        };
    }

    private static string? JudgeJson(byte[] body)
    {
        try
        {
            JsonDocument.Parse(body).Dispose();
            return null;
        }
        catch (JsonException e)
        {
            return $"broken JSON ({e.Message}): {Encoding.UTF8.GetString(body)}";
        }
    }

    private string? JudgeMessage(FuzzRequest request, byte[] body)
    {
        if (JudgeJson(body) is { } broken)
            return broken;
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        if (Shape(root) is { } wrong)
            return $"{wrong}: {Encoding.UTF8.GetString(body)}";
        if (!root.TryGetProperty("result", out JsonElement result) && !root.TryGetProperty("error", out _))
            return $"neither result nor error: {Encoding.UTF8.GetString(body)}";
        if (request.AnswerId is { } id && (!root.TryGetProperty("id", out JsonElement got) || got.GetRawText() != id))
            return $"the answer lacks the id {id}: {Encoding.UTF8.GetString(body)}";
        Learn(request, result);
        return null;
    }

    private static string? Shape(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("jsonrpc", out JsonElement version) || version.GetString() != "2.0")
            return "not JSON-RPC";
        if (root.TryGetProperty("error", out JsonElement error)
            && (!error.TryGetProperty("code", out JsonElement code) || !code.TryGetInt32(out _) || error.GetProperty("message").ValueKind != JsonValueKind.String))
            return "an error without code and message";
        return root.TryGetProperty("result", out _) && root.TryGetProperty("error", out _) ? "both result and error" : null;
    }

    private void Learn(FuzzRequest request, JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object)
            return;
        if (request.Retryable is { } parameters && result.TryGetProperty("requestState", out JsonElement state)
            && result.TryGetProperty("inputRequests", out JsonElement asked) && asked.ValueKind == JsonValueKind.Object)
        {
            string keys = string.Join('\n', asked.EnumerateObject().Select(q => JsonSerializer.Serialize(q.Name)));
            FuzzMemory.Keep(memory.Tickets, (parameters, state.GetRawText(), keys));
        }

        JsonElement task = result.TryGetProperty("task", out JsonElement inner) ? inner : result;
        if (task.ValueKind == JsonValueKind.Object && task.TryGetProperty("taskId", out JsonElement taskId) && taskId.ValueKind == JsonValueKind.String)
            FuzzMemory.Keep(memory.Tasks, taskId.GetString()!);
    }

    private async Task<string?> JudgeStreamAsync(FuzzRequest request, HttpResponseMessage response)
    {
        using CancellationTokenSource leave = new(request.Patience);
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(leave.Token);
            SseReader reader = new(stream);
            int answers = 0;
            while (await reader.ReadAsync(leave.Token) is { } item)
            {
                if (item.Id is { Length: > 0 } eventId)
                    FuzzMemory.Keep(memory.EventIds, eventId);
                if (!item.HasData || item.Data.Length == 0)
                    continue;
                if (JudgeJson(Encoding.UTF8.GetBytes(item.Data)) is { } broken)
                    return broken;
                using JsonDocument document = JsonDocument.Parse(item.Data);
                if (Shape(document.RootElement) is { } wrong)
                    return $"{wrong}: {item.Data}";
                bool isRequest = document.RootElement.TryGetProperty("method", out _) && document.RootElement.TryGetProperty("id", out _);
                if (isRequest && request.Session is not null)
                    await AnswerAsync(request.Session, document.RootElement.GetProperty("id").GetRawText());
                if (document.RootElement.TryGetProperty("method", out _))
                    continue;
                if (++answers > 1 && request.Verb == "POST")
                    return $"a second answer: {item.Data}";
                if (request.AnswerId is { } id && document.RootElement.GetProperty("id").GetRawText() != id)
                    return $"the stream answers another id than {id}: {item.Data}";
            }

            return answers == 0 && request.AnswerId is not null ? "the stream ended without the answer" : null;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && leave.IsCancellationRequested)
        {
            return null; // the client left
        }
    }

    private async Task AnswerAsync(string session, string idRaw)
    {
        string result = random.Next(6) switch
        {
            0 => "\"error\":{\"code\":-1,\"message\":\"no\"}",
            1 => "\"result\":null",
            2 => "\"result\":{\"\\ud800\":1}",
            _ => "\"result\"" + """:{"action":"accept","content":{"name":"n"},"role":"assistant","model":"m","roots":[]}""",
        };
        FuzzRequest answer = new() { Body = Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{idRaw}},{{result}}}""") };
        answer.Set("Content-Type", "application/json");
        answer.Set("Accept", "application/json, text/event-stream");
        answer.Set("Mcp-Session-Id", session);
        using HttpRequestMessage message = answer.ToMessage(server);
        using HttpResponseMessage response = await http.SendAsync(message, CancellationToken.None);
    }
}
