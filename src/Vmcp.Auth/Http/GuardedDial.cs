using System.Net;
using System.Net.Sockets;

using Vmcp.Core.Net;

namespace Vmcp.Auth.Http;

/// <summary>Judges the address that is dialled, after the name was looked up: whoever moves a name gains nothing.</summary>
/// <param name="allowPrivate">Whether private and loopback addresses may be dialled.</param>
/// <param name="resolve">Looks up a host name.</param>
internal sealed class GuardedDial(bool allowPrivate, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>Connects to the first address that is allowed and answers.</summary>
    /// <exception cref="HttpRequestException">No address is allowed, or none answers.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint target = context.DnsEndPoint;
        IPAddress[] found = IPAddress.TryParse(target.Host.Trim('[', ']'), out IPAddress? literal)
            ? [literal]
            : await resolve(target.Host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = [.. found.Where(IsAllowed)];
        if (allowed.Length == 0 && found.Length > 0)
            throw new AddressRefusedException();
        Exception? last = null;
        foreach (IPAddress address in allowed)
        {
            Socket? socket = null;
            try
            {
                // A kernel without IPv6 fails here; the next address may be of the other family.
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(address, target.Port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket?.Dispose();
                last = e;
            }
            catch
            {
                socket?.Dispose();
                throw;
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, "No address of the host answers.", last);
    }

    private bool IsAllowed(IPAddress address) => AddressKinds.Of(address) switch
    {
        AddressKind.Public => true,
        AddressKind.Private => allowPrivate,
        _ => false,
    };
}

/// <summary>A host leads to an address that must not be dialled.</summary>
internal sealed class AddressRefusedException : HttpRequestException
{
    public AddressRefusedException()
        : base(HttpRequestError.ConnectionError, "The host leads to an address that must not be dialled.")
    {
    }
}
