using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

using Vmcp.Core.Identity;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// What a session id says of its session: enough for any replica with the key to serve it (design 5.5).
/// </summary>
public sealed class SessionGrant
{
    /// <summary>Longest capabilities object that is kept in the id; a longer one is kept as the flags we know.</summary>
    internal const int MaxCapabilities = 1024;

    /// <summary>Longest session id we look at.</summary>
    internal const int MaxIdLength = 4096;

    private const byte Format = 1;
    private const int FixedLength = 1 + 8 + 16 + 16 + 1;
    private const int MaxClientInfo = 512;
    private static readonly string[] RevisionCodes = [Revisions.V2024November, Revisions.V2025March, Revisions.V2025June, Revisions.V2025November];

    private SessionGrant(DateTimeOffset issuedAt, UInt128 key, byte[] owner, string revision, ReadOnlyMemory<byte> capabilities, ReadOnlyMemory<byte> clientInfo)
    {
        IssuedAt = issuedAt;
        Key = key;
        Owner = owner;
        Revision = revision;
        Capabilities = capabilities;
        ClientInfo = clientInfo;
    }

    /// <summary>When the session was opened (whole seconds).</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>The random part: the session's key in tables.</summary>
    public UInt128 Key { get; }

    /// <summary>The negotiated revision.</summary>
    public string Revision { get; }

    /// <summary>The capabilities the client declared.</summary>
    public ReadOnlyMemory<byte> Capabilities { get; }

    /// <summary>The client's <c>clientInfo</c>; empty when it was too long to keep.</summary>
    public ReadOnlyMemory<byte> ClientInfo { get; }

    private byte[] Owner { get; }

    /// <summary>A new session's grant.</summary>
    public static SessionGrant Issue(
        Principal principal, string revision, ReadOnlyMemory<byte> capabilities, ReadOnlyMemory<byte> clientInfo, DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        return new SessionGrant(
            DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()), BinaryPrimitives.ReadUInt128BigEndian(random), Binding(principal), revision,
            SharedBytes.Of(capabilities.Length <= MaxCapabilities ? capabilities.Span : ClientCapabilities.Parse(capabilities.Span).ToJson()),
            clientInfo.Length <= MaxClientInfo ? SharedBytes.Of(clientInfo.Span) : default);
    }

    /// <summary>Whether the session belongs to this principal. Takes the same time for every answer.</summary>
    public bool BelongsTo(Principal principal) => CryptographicOperations.FixedTimeEquals(Owner, Binding(principal));

    /// <summary>The session id that carries this grant.</summary>
    public string ToId(Seal seal)
    {
        byte[] payload = new byte[FixedLength + 4 + Capabilities.Length + ClientInfo.Length];
        Span<byte> rest = payload;
        rest[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(rest[1..], IssuedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt128BigEndian(rest[9..], Key);
        Owner.CopyTo(rest[25..]);
        rest[41] = (byte)Array.IndexOf(RevisionCodes, Revision);
        rest = rest[FixedLength..];
        WriteBlock(ref rest, Capabilities.Span);
        WriteBlock(ref rest, ClientInfo.Span);
        return seal.Close(payload);
    }

    /// <summary>The grant behind an id, or null when it is not ours.</summary>
    public static SessionGrant? FromId(string id, Seal seal)
    {
        byte[]? payload = seal.Open(id, MaxIdLength);
        if (payload is null || payload.Length < FixedLength + 4 || payload[0] != Format || payload[41] >= RevisionCodes.Length)
            return null;
        ReadOnlyMemory<byte> rest = payload.AsMemory(FixedLength);
        ReadOnlyMemory<byte> capabilities = ReadBlock(ref rest);
        ReadOnlyMemory<byte> clientInfo = ReadBlock(ref rest);
        return new SessionGrant(
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(payload.AsSpan(1))),
            BinaryPrimitives.ReadUInt128BigEndian(payload.AsSpan(9)), payload[25..41], RevisionCodes[payload[41]], SharedBytes.Of(capabilities.Span), SharedBytes.Of(clientInfo.Span));
    }

    /// <summary>16 bytes that stand for issuer and subject.</summary>
    internal static byte[] Binding(Principal principal) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(principal.Issuer + "\0" + principal.Subject))[..16];

    private static void WriteBlock(ref Span<byte> rest, ReadOnlySpan<byte> block)
    {
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)block.Length);
        block.CopyTo(rest[2..]);
        rest = rest[(2 + block.Length)..];
    }

    private static ReadOnlyMemory<byte> ReadBlock(ref ReadOnlyMemory<byte> rest)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
        ReadOnlyMemory<byte> block = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return block;
    }
}
