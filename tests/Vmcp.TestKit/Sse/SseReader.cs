using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vmcp.TestKit;

/// <summary>
/// Reads server-sent events by the WHATWG rules: CR, LF and CRLF end a line, data lines join, comments are kept, an event cut off by the
/// end of the stream is not dispatched. Keeps every byte read for tests that compare bytes.
/// </summary>
public sealed class SseReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly ArrayBufferWriter<byte> _raw = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _start;
    private int _end;
    private bool _skipLineFeed;
    private bool _first = true;

    /// <summary>All bytes read so far.</summary>
    public byte[] RawBytes => _raw.WrittenSpan.ToArray();

    /// <summary>The next event or comment; null at the end of the stream.</summary>
    public async Task<SseEvent?> ReadAsync(CancellationToken cancellationToken = default)
    {
        var data = new List<string>();
        string? type = null;
        string? id = null;
        int? retry = null;
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Count > 0 || id is not null || retry is not null)
                    return new SseEvent(string.IsNullOrEmpty(type) ? "message" : type, string.Join('\n', data), id, retry, data.Count > 0);
                type = null;
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon == 0)
            {
                if (data.Count == 0 && type is null && id is null && retry is null)
                    return new SseEvent("", "", null, null, false, line[1..]);
                continue;
            }

            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? "" : line[(colon + 1)..];
            if (value.StartsWith(' '))
                value = value[1..];
            switch (field)
            {
                case "data": data.Add(value); break;
                case "event": type = value; break;
                case "id" when !value.Contains('\0', StringComparison.Ordinal): id = value; break;
                case "retry" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed): retry = parsed; break;
                default: break;
            }
        }

        return null;
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        while (true)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = await stream.ReadAsync(_buffer, cancellationToken);
                if (_end == 0)
                    return null;
                _raw.Write(_buffer.AsSpan(0, _end));
            }

            byte next = _buffer[_start++];
            if (next == '\n' && _skipLineFeed)
            {
                _skipLineFeed = false;
                continue;
            }

            _skipLineFeed = next == '\r';
            if (next is not ((byte)'\r' or (byte)'\n'))
            {
                _line.Write([next]);
                continue;
            }

            string line = Encoding.UTF8.GetString(_line.WrittenSpan);
            if (_first && line.StartsWith('\uFEFF'))
                line = line[1..];
            _first = false;
            return line;
        }
    }
}
