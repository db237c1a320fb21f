namespace Vmcp.Allocations.Tests;

/// <summary>HTTP/1.1 on bytes that are there already: looks things up in a message without making anything.</summary>
internal static class Bytes
{
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>The length of a message from its first byte to its last, 0 while the rest of it is missing.</summary>
    public static int MessageLength(ReadOnlySpan<byte> received)
    {
        int head = received.IndexOf(HeadEnd);
        if (head < 0)
            return 0;
        int body = head + HeadEnd.Length;
        int length = IndexAfter(received[..body], "Content-Length: "u8);
        if (length >= 0)
            return Whole(received, body + Number(received[length..]));
        if (IndexAfter(received[..body], "Transfer-Encoding: chunked"u8) < 0)
            return body;
        while (true)
        {
            int line = received[body..].IndexOf("\r\n"u8);
            if (line < 0)
                return 0;
            int chunk = Hexadecimal(received.Slice(body, line));
            body += line + 2 + chunk + 2;
            if (chunk == 0 || body > received.Length)
                return Whole(received, body);
        }
    }

    /// <summary>The place after the first occurrence of a text, −1 without one.</summary>
    public static int IndexAfter(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> text) => bytes.IndexOf(text) is >= 0 and var at ? at + text.Length : -1;

    /// <summary>The value of the first member <c>id</c> as it stands there; empty without one.</summary>
    public static ReadOnlySpan<byte> Id(ReadOnlySpan<byte> json)
    {
        int at = IndexAfter(json, "\"id\":"u8);
        return at < 0 ? default : json.Slice(at, json[at..].IndexOfAny((byte)',', (byte)'}'));
    }

    private static int Whole(ReadOnlySpan<byte> received, int length) => received.Length >= length ? length : 0;

    private static int Number(ReadOnlySpan<byte> digits)
    {
        int number = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                break;
            number = (number * 10) + digit - '0';
        }

        return number;
    }

    private static int Hexadecimal(ReadOnlySpan<byte> digits)
    {
        int number = 0;
        foreach (byte digit in digits)
            number = (number * 16) + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        return number;
    }
}
