using System.Globalization;
using System.Net;

namespace Vmcp.Operator.Hosting;

/// <summary>An address to listen on, as flags spell it: <c>:8080</c>, <c>127.0.0.1:0</c>, <c>[::1]:8080</c>; <c>0</c> for not at all.</summary>
public static class BindAddress
{
    /// <summary>Reads one; null for <c>0</c>.</summary>
    /// <exception cref="FormatException">It is none; the message says what is expected.</exception>
    public static IPEndPoint? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "0")
            return null;
        int colon = text.LastIndexOf(':');
        if (colon >= 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            string host = text[..colon].Trim('[', ']');
            if (host.Length == 0)
                return new IPEndPoint(IPAddress.Any, port);
            if (IPAddress.TryParse(host, out IPAddress? address))
                return new IPEndPoint(address, port);
        }

        throw new FormatException($"\"{text}\" is no address to listen on: write HOST:PORT or :PORT with an IP address, or 0 to switch it off");
    }
}
