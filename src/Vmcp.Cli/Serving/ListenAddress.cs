using System.Globalization;
using System.Net;

namespace Vmcp.Cli.Serving;

/// <summary>Reads <c>--host</c> and <c>--port</c>.</summary>
internal static class ListenAddress
{
    /// <summary>The address to listen on; null for a text that names none.</summary>
    public static IPAddress? ParseHost(string text) =>
        text.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        // Only full spellings: IPAddress would take "1" for 0.0.0.1.
        : (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3) && IPAddress.TryParse(text.Trim('[', ']'), out IPAddress? address) ? address
        : null;

    /// <summary>A port from 0 (the system chooses) to 65535; null for anything else.</summary>
    public static int? ParsePort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : null;
}
