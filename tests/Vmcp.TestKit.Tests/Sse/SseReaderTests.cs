using System.Text;

namespace Vmcp.TestKit.Tests.Sse;

public sealed class SseReaderTests
{
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Every_line_end_is_understood_whatever_the_chunks(string newline)
    {
        string text = ": hi\nevent: a\nid: 1\nretry: 20\ndata: one\ndata:two\ndata\n\ndata: {\"x\":1}\n\nid: only\n\ndata: cut off".ReplaceLineEndings(newline);
        foreach (int chunk in (int[])[1, 2, 3, 1000])
        {
            var reader = new SseReader(new ChunkStream(Encoding.UTF8.GetBytes(text), chunk));

            (await reader.ReadAsync())!.Comment.ShouldBe(" hi");
            (await reader.ReadAsync()).ShouldBe(new SseEvent("a", "one\ntwo\n", "1", 20, true));
            (await reader.ReadAsync()).ShouldBe(new SseEvent("message", "{\"x\":1}", null, null, true));
            (await reader.ReadAsync()).ShouldBe(new SseEvent("message", "", "only", null, false));
            (await reader.ReadAsync()).ShouldBeNull();
            Encoding.UTF8.GetString(reader.RawBytes).ShouldBe(text);
        }
    }

    [Fact]
    public async Task A_byte_order_mark_and_unknown_fields_are_ignored()
    {
        var reader = new SseReader(new MemoryStream(Encoding.UTF8.GetBytes("\uFEFFdata: é\nfoo: bar\nretry: soon\n\n")));

        (await reader.ReadAsync()).ShouldBe(new SseEvent("message", "é", null, null, true));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task A_backend_can_write_every_line_end(string newline)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.SseNewline = newline;
            s.Answers = AnswerAs.Sse;
            s.Tool("pretty", Handlers.Raw("{\n  \"content\": [],\n  \"x\": 1\n}"));
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        RpcAnswer answer = await client.CallToolAsync("pretty");

        answer.RawText.Split(newline).Count(l => l.StartsWith("data: ", StringComparison.Ordinal)).ShouldBe(4);
        answer.Success().GetProperty("x").GetInt32().ShouldBe(1);
    }

    private sealed class ChunkStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }
}
