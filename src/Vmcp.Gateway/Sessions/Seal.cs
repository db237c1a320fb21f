using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// Turns small payloads into opaque tokens and back (AES-256-GCM). A token is bound to a purpose and to the server's name:
/// one made for anything else does not open.
/// </summary>
public sealed class Seal : IDisposable
{
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private readonly Lock _lock = new(); // one cipher context is not for two threads at once
    private readonly AesGcm _aes;
    private readonly byte[] _associated;

    /// <summary>Derives the key for one purpose.</summary>
    /// <param name="secret">The shared secret, at least 32 bytes.</param>
    /// <param name="purpose">What the tokens are for; separates session ids from request states.</param>
    /// <param name="serverName">The gateway's configured name.</param>
    public Seal(ReadOnlySpan<byte> secret, string purpose, string serverName)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, default, Encoding.UTF8.GetBytes("vmcp " + purpose));
        _aes = new AesGcm(key, TagLength);
        _associated = Encoding.UTF8.GetBytes(serverName);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Seals a payload as base64url text.</summary>
    public string Close(ReadOnlySpan<byte> payload)
    {
        byte[] token = new byte[NonceLength + payload.Length + TagLength];
        Span<byte> nonce = token.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        lock (_lock)
            _aes.Encrypt(nonce, payload, token.AsSpan(NonceLength, payload.Length), token.AsSpan(NonceLength + payload.Length), _associated);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The payload of a token of ours, or null for anything else.</summary>
    /// <param name="text">The token.</param>
    /// <param name="maxLength">Longer texts are not looked at.</param>
    public byte[]? Open(string text, int maxLength)
    {
        if (text.Length > maxLength || !Base64Url.IsValid(text))
            return null;
        byte[] token = Base64Url.DecodeFromChars(text);
        if (token.Length < NonceLength + TagLength)
            return null;
        byte[] payload = new byte[token.Length - NonceLength - TagLength];
        try
        {
            lock (_lock)
            {
                _aes.Decrypt(
                    token.AsSpan(0, NonceLength), token.AsSpan(NonceLength, payload.Length), token.AsSpan(NonceLength + payload.Length), payload, _associated);
            }

            return payload;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _aes.Dispose();
}
