using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Vmcp.Protocol.Sse;

/// <summary>One event of a server-sent event stream.</summary>
/// <param name="Type">The event type, <c>message</c> by default.</param>
/// <param name="Data">The data, lines joined by LF.</param>
/// <param name="Id">The last event id the stream named so far, or an empty text.</param>
public readonly record struct SseEvent(string Type, byte[] Data, string Id);

/// <summary>Reads an event stream with a bound on each event.</summary>
public static class SseEvents
{
    /// <summary>Yields the events that carry data; priming events and comments are passed over.</summary>
    /// <exception cref="InvalidDataException">One event is longer than <paramref name="maxEvent"/> bytes.</exception>
    public static async IAsyncEnumerable<SseEvent> ReadAsync(
        Stream stream, int maxEvent, Action<string>? onId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BoundedStream bounded = new(stream, maxEvent);
        SseParser<byte[]> parser = SseParser.Create(bounded, static (_, data) => data.ToArray());
        await foreach (SseItem<byte[]> item in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            bounded.StartAnew();
            if (parser.LastEventId.Length > 0)
                onId?.Invoke(parser.LastEventId);
            if (item.Data.Length > 0)
                yield return new SseEvent(item.EventType, item.Data, parser.LastEventId);
        }
    }

    /// <summary>Counts bytes between events: the parser itself would buffer an endless event.</summary>
    private sealed class BoundedStream(Stream inner, int max) : Stream
    {
        private long _sinceEvent;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void StartAnew() => _sinceEvent = 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_sinceEvent > max)
                throw new InvalidDataException($"An event of the stream is larger than {max} bytes.");
            int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _sinceEvent += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
