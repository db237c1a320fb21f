using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// Calls of Modern clients that wait at a Legacy backend for the client's answers. The client holds a sealed ticket
/// (<c>requestState</c>) bound to its principal and its request; the call itself stays in this process.
/// </summary>
public sealed class ParkedCalls : IAsyncDisposable
{
    /// <summary>Calls parked at once.</summary>
    internal const int MaxParked = 1000;

    private const int MaxTicketLength = 512;
    private readonly ConcurrentDictionary<UInt128, (LegacyConversation Call, long Since)> _parked = new();
    private readonly Seal _seal;
    private readonly GatewayOptions _options;
    private readonly TaskTracker _tasks;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;

    /// <summary>Starts empty.</summary>
    public ParkedCalls(Seal seal, GatewayOptions options, TaskTracker tasks, TimeProvider time)
    {
        _seal = seal;
        _options = options;
        _tasks = tasks;
        _time = time;
        _sweeper = time.CreateTimer(static parked => ((ParkedCalls)parked!).Sweep(), this, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15));
    }

    /// <summary>Calls parked now.</summary>
    public int Count => _parked.Count;

    /// <summary>Parks a call; null when there is no room.</summary>
    internal string? Park(LegacyConversation call)
    {
        if (_parked.Count >= MaxParked)
            return null;
        Span<byte> ticket = stackalloc byte[48];
        RandomNumberGenerator.Fill(ticket[..16]);
        Digest(call.Call.Envelope, call.Call.Principal).CopyTo(ticket[16..]);
        _parked[BinaryPrimitives.ReadUInt128BigEndian(ticket)] = (call, _time.GetTimestamp());
        return _seal.Close(ticket);
    }

    /// <summary>Takes a parked call up again; null when the ticket is not ours, not for this request and principal, used or expired.</summary>
    internal LegacyConversation? Take(string ticket, Envelope envelope, Principal principal)
    {
        if (_seal.Open(ticket, MaxTicketLength) is not { Length: 48 } payload
            || !CryptographicOperations.FixedTimeEquals(payload.AsSpan(16), Digest(envelope, principal)))
            return null;
        return _parked.TryRemove(BinaryPrimitives.ReadUInt128BigEndian(payload), out (LegacyConversation Call, long Since) found) ? found.Call : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        foreach (UInt128 key in _parked.Keys)
        {
            if (_parked.TryRemove(key, out (LegacyConversation Call, long Since) found))
                await found.Call.AbandonAsync("server is stopping").ConfigureAwait(false);
        }
    }

    /// <summary>What a ticket is good for: this principal, this method, these params but for the retry's own members.</summary>
    private static byte[] Digest(Envelope envelope, Principal principal)
    {
        byte[] parameters = RawJson.Rebuild(
            envelope.Bytes(envelope.Params),
            static (ref RawMembers m) => m.NameIs("_meta"u8) || m.NameIs("requestState"u8) || m.NameIs("inputResponses"u8), default);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{principal.Issuer}\0{principal.Subject}\0{envelope.Method}\0"));
        hash.AppendData(parameters);
        return hash.GetHashAndReset();
    }

    private void Sweep()
    {
        foreach ((UInt128 key, (LegacyConversation call, long since)) in _parked)
        {
            if (_time.GetElapsedTime(since) > _options.ParkTimeout && _parked.TryRemove(key, out _))
                _tasks.Run("ending a parked call", _ => call.AbandonAsync("the client did not answer"));
        }
    }
}
