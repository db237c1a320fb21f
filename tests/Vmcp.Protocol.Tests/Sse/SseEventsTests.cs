using System.Buffers;
using System.Text;
using Vmcp.Protocol.Sse;

namespace Vmcp.Protocol.Tests.Sse;

public sealed class SseEventsTests
{
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Every_line_end_ends_a_line(string newline)
    {
        string text = string.Concat(new[] { ": hello", "id: 1", "event: message", "data: {\"a\":", "data: 1}", "", "data:x", "", "" }.Select(l => l + newline));

        List<SseEvent> events = await ReadAsync(text);

        events.Select(e => Encoding.UTF8.GetString(e.Data)).ShouldBe(["{\"a\":\n1}", "x"]);
        events.Select(e => e.Id).ShouldBe(["1", "1"]);
    }

    [Fact]
    public async Task Any_cut_into_pieces_reads_the_same()
    {
        string text = "\uFEFFid: 7\r\ndata: é☃\r\n\r\n: comment\n\nevent: other\ndata: 2\n\ndata: lost";
        for (int size = 1; size < 12; size++)
        {
            List<SseEvent> events = await ReadAsync(text, pieces: size);

            events.Select(e => (e.Type, Encoding.UTF8.GetString(e.Data))).ShouldBe([("message", "é☃"), ("other", "2")]);
        }
    }

    [Fact]
    public async Task Priming_events_tell_their_id_and_are_passed_over()
    {
        List<string> ids = [];

        List<SseEvent> events = await ReadAsync("id: a\nretry: 10\ndata:\n\nid: b\ndata: 1\n\n", onId: ids.Add);

        events.ShouldHaveSingleItem().Id.ShouldBe("b");
        ids.ShouldBe(["a", "b"]);
    }

    [Theory]
    [InlineData("data: ")]
    [InlineData(": ")]
    [InlineData("")]
    public async Task An_event_larger_than_the_bound_is_an_error(string begin)
    {
        string text = begin + new string('x', 200_000);

        await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(text, maxEvent: 10_000, pieces: 1000));
    }

    [Fact]
    public async Task Many_events_within_the_bound_are_no_large_event()
    {
        string text = string.Concat(Enumerable.Repeat("data: " + new string('y', 900) + "\n\n", 500));

        (await ReadAsync(text, maxEvent: 10_000, pieces: 100)).Count.ShouldBe(500);
    }

    [Theory]
    [InlineData("{}", null, "event: message\ndata: {}\n\n")]
    [InlineData("{}", "3", "id: 3\nevent: message\ndata: {}\n\n")]
    [InlineData("{\n\"a\":\r1}", null, "event: message\ndata: {\ndata: \"a\":\ndata: 1}\n\n")]
    public void A_frame_breaks_no_line(string json, string? id, string expected)
    {
        ArrayBufferWriter<byte> output = new();

        SseFrame.Write(output, Encoding.UTF8.GetBytes(json), id);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(expected);
    }

    [Fact]
    public async Task What_is_written_reads_back()
    {
        ArrayBufferWriter<byte> output = new();
        string[] messages = ["{}", "{\n \"a\": 1\r\n}", "\"☃\""];
        foreach (string message in messages)
            SseFrame.Write(output, Encoding.UTF8.GetBytes(message), "9");
        output.Write(SseFrame.Ping);

        List<SseEvent> events = await ReadAsync(Encoding.UTF8.GetString(output.WrittenSpan));

        events.Select(e => Blankless(Encoding.UTF8.GetString(e.Data))).ShouldBe(messages.Select(Blankless));
    }

    private static string Blankless(string json) => string.Concat(json.Where(c => !char.IsWhiteSpace(c)));

    private static async Task<List<SseEvent>> ReadAsync(string text, int maxEvent = 1 << 20, int pieces = int.MaxValue, Action<string>? onId = null)
    {
        List<SseEvent> events = [];
        await using Pieces stream = new(Encoding.UTF8.GetBytes(text), pieces);
        await foreach (SseEvent item in SseEvents.ReadAsync(stream, maxEvent, onId, CancellationToken.None))
            events.Add(item);
        return events;
    }

    /// <summary>Hands out at most so many bytes per read.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer.Length > size ? buffer[..size] : buffer, cancellationToken);
    }
}
