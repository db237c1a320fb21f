using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Vmcp.Gateway.Hosting;

/// <summary>
/// Where the code after a finished read or write of a socket runs: on the thread that saw it finish, for all sockets of the process, or handed over
/// to the thread pool. A call crosses four sockets' ends, so inline saves four hand-overs: 86 → 70 µs of CPU for a call at 16 clients, 243 → 106 µs
/// at one. Whoever runs inline must not block, and leaves the thread (<c>Task.Yield</c>) before work of milliseconds: other connections wait for it.
/// </summary>
public static class InlineSockets
{
    // The framework reads it once, when the first socket is made. Kestrel's switch alone costs more than it saves: both or neither.
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Bodies and answers larger than this many bytes are worked on elsewhere: reading through one takes about a millisecond.</summary>
    internal const int LargestInline = 1024 * 1024;

    /// <summary>Has this process run inline, unless its environment says otherwise (<c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=0</c>). To be called before the first socket.</summary>
    public static void Prefer()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
            Environment.SetEnvironmentVariable(Switch, "1");
    }

    /// <summary>Has Kestrel do as the sockets do.</summary>
    internal static void Follow(SocketTransportOptions transport) =>
        transport.UnsafePreferInlineScheduling = Environment.GetEnvironmentVariable(Switch) == "1";
}
