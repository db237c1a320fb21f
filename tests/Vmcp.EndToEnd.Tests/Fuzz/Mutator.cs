using System.Text;
using static Vmcp.EndToEnd.Tests.Fuzz.Vocabulary;

namespace Vmcp.EndToEnd.Tests.Fuzz;

/// <summary>Damages requests.</summary>
internal sealed class Mutator(Random random)
{
    public byte[] Body(byte[] body)
    {
        switch (random.Next(20))
        {
            case 0 or 1:
                return Flip(body);
            case 2:
                return body[..random.Next(body.Length + 1)];
            case 3 or 4 or 5 or 6 or 7 or 8:
                return BehindBrace(body, Pick(Members));
            case 9 or 10:
                return BehindBrace(body, $"\"deep\":{Nested()}");
            case 11:
                return Insert(body, random.Next(body.Length + 1), Noise());
            case 12:
                return [.. body, .. Encoding.UTF8.GetBytes(Pick(["{}", " ", "\n\n", "]", ",", "\0", "{\"jsonrpc\":\"2.0\"}"]))];
            case 13:
                return Replaced(body, "\"id\":", $"\"id\":{Pick(BadIds)},\"was\":");
            case 14:
                return Replaced(body, Pick(["\"params\":", "\"method\":", "\"_meta\":", "\"arguments\":", "\"name\":", "\"jsonrpc\":"]), null);
            case 15:
                return [(byte)'[', .. body, (byte)']'];
            case 16:
                return [0xef, 0xbb, 0xbf, .. body];
            case 17:
                return Spaced(body);
            case 18 when random.Next(20) == 0:
                return BehindBrace(body, $"\"big\":\"{new string('b', random.Next(1, 400_000))}\"");
            case 18:
                return Replaced(body, "\"", "\"\\u00" + random.Next(16, 99));
            default:
                return Insert(body, random.Next(body.Length + 1), [Pick<byte>([0x80, 0xff, 0xc0, 0xed, 0xf5, 0x00, (byte)'"', (byte)'\\', (byte)'}', (byte)'{'])]);
        }
    }

    public void Headers(FuzzRequest request, FuzzMemory memory)
    {
        switch (random.Next(14))
        {
            case 0 when request.Headers.Count > 0:
                request.Headers.RemoveAt(random.Next(request.Headers.Count));
                break;
            case 1:
                request.Set("MCP-Protocol-Version", Pick(Versions));
                break;
            case 2:
                request.Set("Mcp-Session-Id", BadSession(memory));
                break;
            case 3:
                request.Set("Accept", Pick(Accepts));
                break;
            case 4:
                request.Set("Content-Type", Pick(ContentTypes));
                break;
            case 5:
                request.Set("Host", Pick(Hosts));
                break;
            case 6:
                request.Set("Origin", Pick(Origins));
                break;
            case 7:
                request.Headers.Add((Pick(HeaderNames[..5]), Pick(HeaderValues))); // a second one of the same name
                break;
            case 8 when random.Next(10) == 0:
                request.Set("X-Long", new string('y', random.Next(1, 80_000)));
                break;
            case 9 when request.Body is not null:
                request.Set("Transfer-Encoding", "chunked");
                break;
            default:
                // Host and Expect have meanings of their own to the HTTP client.
                request.Set(Pick([.. HeaderNames.Where(n => n is not ("Host" or "Expect"))]), Pick(HeaderValues));
                break;
        }
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private string BadSession(FuzzMemory memory)
    {
        if (memory.Sessions.Count == 0)
            return Pick(HeaderValues);
        char[] id = Pick(memory.Sessions).Id.ToCharArray();
        switch (random.Next(3))
        {
            case 0:
                id[random.Next(id.Length)] ^= (char)1;
                return new string(id.Select(c => c is > ' ' and < (char)127 ? c : 'x').ToArray());
            case 1:
                return new string(id, 0, random.Next(id.Length));
            default:
                return new string(id) + Pick(["A", "=", " ", ".."]);
        }
    }

    private byte[] Flip(byte[] body)
    {
        byte[] copy = [.. body];
        for (int n = random.Next(1, 5); n > 0 && copy.Length > 0; n--)
            copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    private byte[] BehindBrace(byte[] body, string member)
    {
        List<int> braces = [];
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] == '{')
                braces.Add(i + 1);
        }

        if (braces.Count == 0)
            return body;
        int at = Pick(braces);
        bool empty = at < body.Length && body[at] == '}';
        return Insert(body, at, Encoding.UTF8.GetBytes(empty ? member : member + ","));
    }

    private string Nested()
    {
        int depth = Pick([3, 30, 58, 60, 61, 62, 63, 64, 65, 200, 5000]);
        return random.Next(2) == 0
            ? new string('[', depth) + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
    }

    private byte[] Noise()
    {
        byte[] noise = new byte[random.Next(1, 30)];
        random.NextBytes(noise);
        return noise;
    }

    private byte[] Spaced(byte[] body)
    {
        // Latin-1 keeps every byte as one character.
        string text = Encoding.Latin1.GetString(body);
        return Encoding.Latin1.GetBytes(text.Replace("\":", Pick(["\" : ", "\"\n:\r\n", "\"\t:\t"]), StringComparison.Ordinal));
    }

    /// <summary>Replaces one text; null gives the value behind it another type.</summary>
    private byte[] Replaced(byte[] body, string what, string? by)
    {
        string text = Encoding.Latin1.GetString(body);
        int at = text.IndexOf(what, StringComparison.Ordinal);
        if (at < 0)
            return Flip(body);
        by ??= what + Pick(["null", "[]", "1", "\"s\"", "true", "{}", "[{}]"]) + ",\"was\":";
        return Encoding.Latin1.GetBytes(string.Concat(text.AsSpan(0, at), by, text.AsSpan(at + what.Length)));
    }

    private static byte[] Insert(byte[] body, int at, byte[] what) => [.. body[..at], .. what, .. body[at..]];
}
