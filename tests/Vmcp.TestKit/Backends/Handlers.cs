namespace Vmcp.TestKit;

/// <summary>Ready-made handlers and the result texts they build.</summary>
public static class Handlers
{
    /// <summary>The input schema of <see cref="Echo"/>.</summary>
    public const string EchoSchema = """{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}""";

    /// <summary>Answers argument <c>input</c> as text content and as <c>structuredContent.output</c>.</summary>
    public static CallHandler Echo { get; } = call => Task.FromResult(EchoResult(call.Text("input")));

    /// <summary>Never ends by itself; ends when the call is cancelled.</summary>
    public static CallHandler Never { get; } = async call =>
    {
        await Task.Delay(Timeout.Infinite, call.CancellationToken);
        return TextResult("unreachable");
    };

    /// <summary>Always answers this text.</summary>
    public static CallHandler Text(string text) => _ => Task.FromResult(TextResult(text));

    /// <summary>Always answers this raw result.</summary>
    public static CallHandler Raw(string resultJson) => _ => Task.FromResult(resultJson);

    /// <summary>Sends <paramref name="count"/> progress events, 1 to count, then answers.</summary>
    public static CallHandler Progress(int count) => async call =>
    {
        for (int i = 1; i <= count; i++)
            await call.ProgressAsync(i, count, $"step {i}");
        return TextResult($"{count} steps");
    };

    /// <summary>Asks once and answers the raw result the client gave, as text.</summary>
    public static CallHandler Ask(string method, string paramsJson) => async call =>
        TextResult((await call.AskAsync(method, paramsJson)).GetRawText());

    /// <summary>A tool result with one text block.</summary>
    public static string TextResult(string text) => $$"""{"content":[{"type":"text","text":{{Rpc.Quote(text)}}}]}""";

    /// <summary>A tool result with one text block that is an error.</summary>
    public static string ErrorResult(string text) => $$"""{"content":[{"type":"text","text":{{Rpc.Quote(text)}}}],"isError":true}""";

    private static string EchoResult(string text) =>
        $$$"""{"content":[{"type":"text","text":{{{Rpc.Quote(text)}}}}],"structuredContent":{"output":{{{Rpc.Quote(text)}}}}}""";
}
