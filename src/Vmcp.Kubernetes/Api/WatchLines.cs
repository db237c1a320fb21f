using System.Buffers;

namespace Vmcp.Kubernetes.Api;

/// <summary>Cuts a stream into lines of bounded length.</summary>
/// <param name="stream">The stream; stays the caller's.</param>
/// <param name="maxLine">The longest line taken, in bytes.</param>
internal sealed class WatchLines(Stream stream, int maxLine) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;
    private int _scanned;
    private int _end;

    /// <summary>The next line without its end, valid until the next call; null at the end of the stream.</summary>
    /// <exception cref="IOException">The stream ended within a line.</exception>
    /// <exception cref="InvalidDataException">A line is longer than allowed.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int at = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (at >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, _scanned + at - _start);
                _start = _scanned = _scanned + at + 1;
                if (line.Length > maxLine)
                    throw TooLong();
                return line;
            }

            _scanned = _end;
            if (_end - _start > maxLine)
                throw TooLong();
            MakeRoom();
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return _end == _start ? null : throw new IOException("the stream ended within an event");
            _end += read;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private InvalidDataException TooLong() => new($"an event is longer than {maxLine} bytes");

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_scanned, _end, _start) = (_scanned - _start, _end - _start, 0);
        }

        if (_end < _buffer.Length)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
